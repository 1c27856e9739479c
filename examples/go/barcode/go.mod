module parcel.example/barcode

go 1.21
