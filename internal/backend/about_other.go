//go:build !linux || !cgo

package backend

// About says nothing: Unipair brings XLA to Linux only.
func About(string) string { return "" }
