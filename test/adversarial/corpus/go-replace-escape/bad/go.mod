module example.org/bad

go 1.21

require example.org/dep v1.0.0

replace example.org/dep => ../../../../etc

replace example.org/x => /etc
