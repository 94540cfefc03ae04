//go:build !linux || !cgo

package compiled

import "errors"

// Register returns an error: what is compiled is kept on Linux only.
func Register(_, _, _ string) error { return errors.New("what XLA compiles is kept on Linux only") }
