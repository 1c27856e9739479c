package main

import (
	_ "github.com/Netflix/go-expect"
	_ "github.com/google/uuid"
	_ "parcel.example/barcode"
)

func main() {}
