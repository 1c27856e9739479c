version = "0.1.0"
author = "a"
description = "b"
license = "MIT"

requires "nim >= 2.0.0"
requires "dep == 1.0.0"
