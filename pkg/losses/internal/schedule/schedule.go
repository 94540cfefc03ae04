// Package schedule keeps large operations of a graph apart where a backend would compute them at once.
package schedule

import "github.com/gomlx/gomlx/core/graph"

// InTurn returns x once after is made, on the pure-Go backend. There several large products at once may wait for ever: each holds one of
// 2·GOMAXPROCS workers while it waits for a free one. XLA shares its processors itself.
func InTurn(x, after *graph.Node) *graph.Node {
	if OnXLA(x) {
		return x
	}
	return graph.SchedulingBarrier(x, after)
}

// OnXLA tells whether the graph of x is computed by XLA.
func OnXLA(x *graph.Node) bool { return x.Graph().Backend().Name() == "xla" }
