package parallel_test

import (
	"sync/atomic"
	"testing"

	"github.com/unipair/unipair/internal/parallel"
)

func TestFor(t *testing.T) {
	for _, n := range []int{0, 1, 1000} {
		calls := make([]atomic.Int32, n)
		parallel.For(n, func(i int) { calls[i].Add(1) })
		for i := range calls {
			if got := calls[i].Load(); got != 1 {
				t.Errorf("For(%d) called do(%d) %d times, want once", n, i, got)
			}
		}
	}
}

// What a worker has of its own is used by one goroutine alone: the race detector would tell.
func TestWith(t *testing.T) {
	const n = 1000
	var workers, total atomic.Int64
	parallel.With(n, func() func(int) {
		workers.Add(1)
		mine := 0
		return func(int) {
			mine++
			total.Add(1)
		}
	})
	if total.Load() != n || workers.Load() < 1 || workers.Load() > n {
		t.Errorf("%d calls by %d workers, want %d calls", total.Load(), workers.Load(), n)
	}
}
