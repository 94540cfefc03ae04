package explorer

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// measure makes of the cosine of two vectors of length 1 what the loss sees as their similarity. The explorer's axes are cosines whatever
// the loss, so that losses compare.
type measure struct {
	name, about string
	of          func(cosine *graph.Node) *graph.Node
	equal       []losses.Similarity // on vectors of length 1
}

func measures() []measure {
	return []measure{
		{"cosine", "the cosine s itself", func(c *graph.Node) *graph.Node { return c }, []losses.Similarity{losses.Cosine, losses.Dot, losses.UnitDot}},
		{"distance", "the distance with a minus sign, −√(2 − 2s)", negativeDistance,
			[]losses.Similarity{losses.Normalized(losses.NegativeL2), losses.NegativeL2}},
		{"squared distance", "the squared distance with a minus sign, −(2 − 2s)", negativeSquaredDistance,
			[]losses.Similarity{losses.Normalized(losses.NegativeSquaredL2), losses.NegativeSquaredL2, losses.Normalized(losses.NegativeSNR)}},
	}
}

// Measures lists the measures by name, with what each is.
func Measures() [][2]string {
	var all [][2]string
	for _, m := range measures() {
		all = append(all, [2]string{m.name, m.about})
	}
	return all
}

func negativeSquaredDistance(c *graph.Node) *graph.Node {
	return graph.MulScalar(graph.OneMinus(c), -2)
}

// negativeDistance has gradient 0 at a distance of 0, as losses.NegativeL2 has.
func negativeDistance(c *graph.Node) *graph.Node {
	squared := graph.Neg(negativeSquaredDistance(c))
	apart := graph.GreaterThan(squared, graph.ZerosLike(squared))
	return graph.Neg(graph.Where(apart, graph.Sqrt(graph.Where(apart, squared, graph.OnesLike(squared))), graph.ZerosLike(squared)))
}

// measureOf returns the measure's name for a similarity of the losses.
func measureOf(similarity losses.Similarity) (string, error) {
	for _, m := range measures() {
		if slices.Contains(m.equal, similarity) {
			return m.name, nil
		}
	}
	return "", fmt.Errorf("its similarity %v is not a function of the angle", similarity)
}

func findMeasure(name string) (measure, error) {
	for _, m := range measures() {
		if m.name == name {
			return m, nil
		}
	}
	return measure{}, fmt.Errorf("unknown measure %q", name)
}

// measured is a loss that is given cosines and sees them through a measure.
type measured struct {
	losses.Loss
	of func(cosine *graph.Node) *graph.Node
}

// PerAnchor implements [losses.Loss].
func (m measured) PerAnchor(s losses.Scores) *graph.Node {
	s.Similarity = m.of(s.Similarity)
	return m.Loss.PerAnchor(s)
}
