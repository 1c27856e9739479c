module parcel.example/labels

go 1.22.0

require (
	github.com/Netflix/go-expect v0.0.0-20220104043353-73e0943537d2
	github.com/google/uuid v1.6.0
	parcel.example/barcode v1.4.0
)

// Kept here until the change is released.
replace parcel.example/barcode => ./barcode
