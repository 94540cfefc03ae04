//go:build unix

package backendtest

import (
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Time times a graph whose inputs lie on the device, its first call apart, by the clock and of all processors. It counts the pages that a
// call touches for the first time.
func Time(b *testing.B, inputs []*tensors.Tensor, of func(in []*graph.Node) []*graph.Node) {
	call := Caller(b, inputs, of)
	begin := time.Now()
	call()
	compiled := time.Since(begin)
	for range 3 {
		call()
	}
	before, calls := usage(b), 0
	for b.Loop() {
		call()
		calls++
	}
	after := usage(b)
	b.ReportMetric(float64(after.Minflt-before.Minflt)/float64(calls), "pages/op")
	b.ReportMetric(float64(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano())/float64(calls)/1e6, "cpu-ms/op")
	b.ReportMetric(compiled.Seconds(), "s/first")
}

func usage(b *testing.B) syscall.Rusage {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage
}
