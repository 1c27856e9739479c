version       = "0.2.0"
author        = "Parcel service"
description   = "Tells a person where the parcel is"
license       = "Apache-2.0"

requires "nim >= 2.0.0"
requires "chronos#head"
