module example.org/bad

go 99.0

require example.org/dep v1.0.0

teleport example.org/x v1.0.0
