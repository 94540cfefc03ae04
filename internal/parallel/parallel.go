// Package parallel divides work among the processors.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// For calls do for 0 to n−1, from as many goroutines as there are processors, and returns after the last call.
func For(n int, do func(i int)) {
	With(n, func() func(int) { return do })
}

// With does what [For] does, where each goroutine needs something of its own, as scratch space. It calls worker once and then what that
// returns for each i that it takes.
func With(n int, worker func() (do func(i int))) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		running.Go(func() {
			do := worker()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	running.Wait()
}
