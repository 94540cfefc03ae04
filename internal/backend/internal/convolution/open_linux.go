//go:build linux && cgo

// Package convolution has oneDNN compute the convolutions of XLA's programs on the processors, in XLA's threads.
package convolution

// #cgo CFLAGS: -O3
// #cgo LDFLAGS: -ldl -lpthread
// #include <stdlib.h>
// #include "handler_linux.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// Open opens oneDNN's library and makes its convolutions known to XLA, of whose functions the extensions are given.
func Open(library string, extensions unsafe.Pointer) error {
	path := C.CString(library)
	defer C.free(unsafe.Pointer(path))
	if wrong := C.unipair_open_convolutions(path, extensions); wrong != nil {
		return fmt.Errorf("%s: %w", library, errors.New(C.GoString(wrong)))
	}
	return nil
}

// Version returns the version of oneDNN, once it is open.
func Version() string { return C.GoString(C.unipair_onednn_version()) }

// About returns what numbers go by, once oneDNN is open: its version, and how many parts a convolution is divided into at most.
func About() string { return fmt.Sprintf("oneDNN %s in %d parts", Version(), int(C.unipair_parts())) }

// Rewrite makes calls of oneDNN of the convolutions of a program, and returns how many.
func Rewrite(program []byte) (rewritten []byte, count int) {
	text := rewrite(string(program), func(s shape) bool {
		if C.unipair_has_convolution((*C.int64_t)(unsafe.SliceData(s.numbers()))) == 0 {
			return false
		}
		count++
		return true
	})
	return []byte(text), count
}
