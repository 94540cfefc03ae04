package network

import "github.com/gomlx/gomlx/core/graph"

// withGradient returns value(x), whose gradient for x is back of that for the value. Autodiff's own is built beside it, but no output looks at
// it, so that no backend computes it.
func withGradient(x *graph.Node, value func(x *graph.Node) *graph.Node, back func(v *graph.Node) *graph.Node) *graph.Node {
	var given *graph.Node // what comes back to the value, which is before what comes back to x
	inner := graph.IdentityWithCustomGradient(x, func(_, _ *graph.Node) *graph.Node { return back(given) })
	return graph.IdentityWithCustomGradient(value(inner), func(_, v *graph.Node) *graph.Node {
		given = v
		return v
	})
}
