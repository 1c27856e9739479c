module example.org/bad

go 1.21

require "example.org/\x1b[2J" v1.0.0
