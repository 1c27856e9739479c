module parcel.example/ingest

go 1.21

require (
	golang.org/x/text v0.14.0
	parcel.example/queue v1.2.0
)

replace parcel.example/queue => ../../../queue-fork
