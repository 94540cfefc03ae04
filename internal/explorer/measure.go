package explorer

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// The explorer's axes are cosines whatever the loss, so that losses compare. A measure makes of the cosine of two vectors of
// length 1 what the loss sees as their similarity.
type measure struct {
	name, about string
	of          func(cosine *graph.Node) *graph.Node
	names       []string // in losses.Similarities, of those that this is on vectors of length 1
}

func measures() []measure {
	return []measure{
		{"cosine", "the cosine s itself", func(c *graph.Node) *graph.Node { return c }, []string{"cosine", "dot", "unit-dot"}},
		{"distance", "the distance with a minus sign, −√(2 − 2s)", negativeDistance, []string{"normalized-l2", "l2"}},
		{"squared distance", "the squared distance with a minus sign, −(2 − 2s)", negativeSquaredDistance,
			[]string{"normalized-l2-squared", "l2-squared", "normalized-snr"}},
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
func measureOf(similarity string) (string, error) {
	for _, m := range measures() {
		for _, name := range m.names {
			if name == similarity {
				return m.name, nil
			}
		}
	}
	return "", fmt.Errorf("its similarity %s is not a function of the angle", similarity)
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
