// Package barcode draws what a scanner reads.
package barcode
