// Package onednn says whether oneDNN computes the convolutions of XLA in this process: graphs are built in another way where it does not, and
// numbers round otherwise.
package onednn

import (
	"sync/atomic"

	"github.com/gomlx/compute"
)

// Variable is the environment variable that at "xla" leaves convolutions to XLA where oneDNN is there to compute them.
const Variable = "UNIPAIR_CONVOLUTIONS"

var convolver atomic.Pointer[string]

// Convolve says who computes XLA's convolutions from now on, in words that are equal where the numbers are. One plugin of a process is
// extended, and so there is one answer.
func Convolve(by string) { convolver.Store(&by) }

// Convolver returns who computes a backend's convolutions of float32 in its place, as "oneDNN 3.2.0 in 2 parts"; empty where the backend does.
func Convolver(backend compute.Backend) string {
	if by := convolver.Load(); by != nil && backend.Name() == "xla" {
		return *by
	}
	return ""
}
