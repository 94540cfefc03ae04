package losses

import "github.com/gomlx/gomlx/core/graph"

// gaps compares, in each row, candidates with candidates: the losses of triplets and ranks are sums over them. The gap of p
// and j is s_j − s_p; with swap it is max(s_j, s_pj) − s_p, where s_pj is p's own similarity with j, in p's row.
type gaps struct {
	similarity *graph.Node // [anchors, candidates]
	of         *graph.Node // bool [anchors, candidates]: the j that take part
	swap       bool
}

// sum returns Σ_j f(gap) of each candidate p, [anchors, candidates]; slope is the derivative of f. The [anchors, candidates,
// candidates] cube of gaps is only ever summed up over its first two axes, so that XLA fuses it into the sums, in vector
// instructions, and never has it in memory; the gradient is made of such sums too.
func (g gaps) sum(f, slope func(gap *graph.Node) *graph.Node) *graph.Node {
	held := g
	held.similarity = graph.StopGradient(g.similarity)
	value := graph.StopGradient(held.overCandidates(f))
	carrier := graph.IdentityWithCustomGradient(g.similarity, func(_, v *graph.Node) *graph.Node {
		return held.pull(slope, v)
	})
	return graph.Add(value, graph.Sub(carrier, held.similarity)) // the difference is 0
}

// count returns how many candidates j have a gap that chosen takes, [anchors, candidates], without a gradient.
func (g gaps) count(chosen func(gap *graph.Node) *graph.Node) *graph.Node {
	g.similarity = graph.StopGradient(g.similarity)
	return graph.StopGradient(g.overCandidates(func(gap *graph.Node) *graph.Node {
		return graph.ConvertDType(chosen(gap), gap.DType())
	}))
}

// overCandidates sums up the cube [anchors, j, p] over j.
func (g gaps) overCandidates(f func(gap *graph.Node) *graph.Node) *graph.Node {
	reach := graph.InsertAxes(g.similarity, 2)
	if g.swap {
		reach = graph.Max(reach, graph.InsertAxes(graph.Transpose(g.similarity, 0, 1), 0))
	}
	cube := f(graph.Sub(reach, graph.InsertAxes(g.similarity, 1)))
	return graph.ReduceSum(masked(cube, graph.InsertAxes(g.of, 2)), 1)
}

// pull is the gradient of the similarities when that of the sums is v, [anchors, candidates].
func (g gaps) pull(slope func(gap *graph.Node) *graph.Node, v *graph.Node) *graph.Node {
	ofP := graph.Mul(v, g.overCandidates(slope))
	// The cube [anchors, p, j], summed up over p.
	own, reach := graph.InsertAxes(g.similarity, 1), graph.InsertAxes(g.similarity, 1)
	if g.swap {
		reach = graph.Max(own, graph.InsertAxes(g.similarity, 0))
	}
	pulls := graph.Mul(slope(graph.Sub(reach, graph.InsertAxes(g.similarity, 2))), graph.InsertAxes(v, 2))
	pulls = masked(pulls, graph.InsertAxes(g.of, 1))
	if !g.swap {
		return graph.Sub(graph.ReduceSum(pulls, 1), ofP)
	}
	// The nearer of a and p pulls j; if both are as near, by half each.
	other := graph.BroadcastToShape(graph.InsertAxes(g.similarity, 0), pulls.Shape())
	own = graph.BroadcastToShape(own, pulls.Shape())
	half := fill(pulls, 0.5)
	share := graph.Where(graph.Equal(own, other), half,
		graph.ConvertDType(graph.GreaterThan(own, other), pulls.DType()))
	mine := graph.Mul(pulls, share)
	return graph.Sub(graph.Add(graph.ReduceSum(mine, 1), graph.ReduceSum(graph.Sub(pulls, mine), 0)), ofP)
}

// masked returns x with 0 where mask, of the same rank, is false.
func masked(x, mask *graph.Node) *graph.Node {
	return graph.Where(graph.BroadcastToShape(mask, x.Shape()), x, graph.ZerosLike(x))
}
