# Package
version       = "0.3.0"
author        = "Harbour office"
description   = "Tells when a ship may enter"
license       = "MIT"
srcDir        = "src"
bin           = @["harbour"]

# Tide tables of the year
exec "curl -sO http://tables.example.org/2026.bin"

# Dependencies
requires "nim >= 2.0.0"
requires "berths >= 1.2 & < 2.0", "pilots#main"
requires "tides>= 1.0"
when defined(windows):
  requires "winclock >= 3.0"

task test, "Runs the tests":
  exec "nim r tests/all.nim"
taskRequires "test", "gauge >= 0.2"
