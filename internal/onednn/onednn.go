// Package onednn says whether oneDNN computes the convolutions of XLA in this process, for graphs that are built in another way where it does not.
package onednn

import "sync/atomic"

var convolves atomic.Bool

// Convolves reports whether oneDNN computes XLA's convolutions of float32 on the processors.
func Convolves() bool { return convolves.Load() }

// Convolve says that it does from now on: the plugin that it does so in is the only one of a process that is extended.
func Convolve() { convolves.Store(true) }
