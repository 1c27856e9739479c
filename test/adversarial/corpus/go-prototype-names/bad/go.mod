module example.org/bad

go 1.21

require (
	__proto__ v1.0.0
	constructor v1.0.0
	example.org/__proto__ v1.0.0
)
