package fold

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// state is a sum that has come so far, [anchors] each: by [LogSumExp], Σ exp(x − peak) and the peak; else one of them.
type state struct{ sum, peak *graph.Node }

// A sumState is the state of a sum on its two sides.
type sumState struct{ positive, negative state }

// states returns what each side comes to.
func (s sides) states(of func(side) state) sumState {
	var out sumState
	if s.positive != nil {
		out.positive = of(*s.positive)
	}
	if s.negative == s.positive {
		out.negative = out.positive
	} else if s.negative != nil {
		out.negative = of(*s.negative)
	}
	return out
}

// merged adds up two states; nothing is one too.
func (s state) merged(other state) state {
	switch {
	case s == state{}:
		return other
	case other == state{}:
		return s
	case s.peak == nil:
		return state{sum: graph.Add(s.sum, other.sum)}
	}
	peak := graph.Max(s.peak, other.peak)
	if s.sum == nil {
		return state{peak: peak}
	}
	scaled := func(s state) *graph.Node { return graph.Mul(s.sum, stable.Share(s.peak, peak)) }
	return state{peak: peak, sum: graph.Add(scaled(s), scaled(other))}
}

// value returns what a state came to.
func (s state) value() *graph.Node {
	switch {
	case s == state{}:
		return nil
	case s.peak == nil:
		return s.sum
	case s.sum == nil:
		return graph.StopGradient(s.peak)
	}
	return graph.Add(stable.SafeLog(s.sum), s.peak)
}

// unrounded returns the pull of a logarithm of a sum with what its rounding to value makes of exp(x − log Σ): at 64 float32 has a
// resolution of 8e-6.
func (s state) unrounded(pull, value *graph.Node) *graph.Node {
	if pull == nil || s.sum == nil || s.peak == nil {
		return pull
	}
	sum := graph.Where(stable.Positive(s.sum), s.sum, graph.OnesLike(s.sum))
	return graph.Mul(pull, graph.Div(stable.Share(graph.ConvertDType(value, sum.DType()), s.peak), sum))
}

// unrounded returns the pulls of sums, which came to states, where a tile sees them as values.
func unrounded(states []sumState, ofSums, values []Result) []Result {
	out := make([]Result, len(states))
	for k, s := range states {
		out[k].Positive = s.positive.unrounded(ofSums[k].Positive, values[k].Positive)
		out[k].Negative = s.negative.unrounded(ofSums[k].Negative, values[k].Negative)
	}
	return out
}

// wide returns a state in float64.
func (s state) wide() state {
	convert := func(x *graph.Node) *graph.Node {
		if x == nil {
			return nil
		}
		return graph.ConvertDType(x, dtypes.Float64)
	}
	return state{sum: convert(s.sum), peak: convert(s.peak)}
}

// wide returns states in float64.
func wide(all []sumState) []sumState {
	out := make([]sumState, len(all))
	for k, s := range all {
		out[k].positive = s.positive.wide()
		out[k].negative = out[k].positive
		if s.negative != s.positive {
			out[k].negative = s.negative.wide()
		}
	}
	return out
}

// merge adds up the states of the sums of a round.
func merge(a, b []sumState) []sumState {
	if a == nil {
		return b
	}
	out := make([]sumState, len(b))
	for k := range b {
		out[k].positive = a[k].positive.merged(b[k].positive)
		if b[k].negative == b[k].positive && a[k].negative == a[k].positive {
			out[k].negative = out[k].positive
			continue
		}
		out[k].negative = a[k].negative.merged(b[k].negative)
	}
	return out
}

// joined returns what the sums of a round came to, over blocks of anchors, each with states of its own.
func joined(blocks ...[]sumState) []Result {
	all := make([]Result, len(blocks[0]))
	for k := range all {
		var positive, negative []*graph.Node
		for _, block := range blocks {
			positive, negative = append(positive, block[k].positive.value()), append(negative, block[k].negative.value())
		}
		all[k].Positive, all[k].Negative = concatenated(positive), concatenated(negative)
		if blocks[0][k].positive == blocks[0][k].negative {
			all[k].Negative = all[k].Positive
		}
	}
	return all
}

// concatenated puts blocks of rows together; nil if they are.
func concatenated(blocks []*graph.Node) *graph.Node {
	if len(blocks) == 1 || blocks[0] == nil {
		return blocks[0]
	}
	return graph.Concatenate(blocks, 0)
}
