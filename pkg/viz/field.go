package viz

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/scoreplane"
	"github.com/unipair/unipair/pkg/losses"
)

// Gradient holds a loss at a point of the plane of scores: its value and what it asks of the two scores.
type Gradient struct {
	Loss float64 // the value
	Sn   float64 // ∂L/∂s_n
	Sp   float64 // ∂L/∂s_p
}

// Gradients differentiates a loss at points of the plane. Each is an anchor with one positive, of score s_p, and one negative, of score
// s_n, beside further negatives with the given scores. The values are the loss's own, by automatic differentiation in float64. A loss
// that looks at vectors' lengths finds 1. Gradients refuses a loss that looks
// beyond the anchor's row, and where a value is NaN it names the operation that makes it.
func Gradients(b compute.Backend, loss losses.Loss, at []ScorePair, others ...float64) ([]Gradient, error) {
	if err := checkSome("Gradients", "points", len(at)); err != nil {
		return nil, err
	}
	if err := checkScores("Gradients", "point", at); err != nil {
		return nil, err
	}
	if where, beyond := losses.LooksBeyondRow(loss); beyond {
		return nil, fmt.Errorf("viz.Gradients: %T looks at %s, so it has no gradient at a point of the plane: see viz.PairWeights",
			loss, where)
	}
	sp, sn := make([]float64, len(at)), make([]float64, len(at))
	for i, s := range at {
		sp[i], sn[i] = s.Sp, s.Sn
	}
	value, dsp, dsn, err := scoreplane.Gradients(b, loss, sp, sn, others...)
	if err != nil {
		return nil, fmt.Errorf("viz.Gradients: %w", err)
	}
	gradients := make([]Gradient, len(at))
	for i := range gradients {
		gradients[i] = Gradient{Loss: value[i], Sn: dsn[i], Sp: dsp[i]}
		if math.IsNaN(value[i] + dsn[i] + dsp[i]) {
			build := func(scores []*graph.Node) []*graph.Node {
				return scoreplane.Differentiate(loss, scores[0], scores[1], others)
			}
			return nil, fmt.Errorf("viz.Gradients: %T at s_n = %g, s_p = %g: value %g, ∂L/∂s_n %g, ∂L/∂s_p %g: the loss must be finite there%s",
				loss, sn[i], sp[i], value[i], dsn[i], dsp[i], because(culprit(b, build, [][]float64{{sp[i]}}, [][]float64{{sn[i]}})))
		}
	}
	return gradients, nil
}

// Field holds a loss over the unit square of scores.
type Field struct {
	Axis []float64    // the values of s_n, and of s_p
	At   [][]Gradient // At[i][j] is at s_p = Axis[i], s_n = Axis[j]
}

// FieldOf evaluates a loss and its gradients on n × n points of the unit square, as [Gradients] does.
func FieldOf(b compute.Backend, loss losses.Loss, n int, others ...float64) (Field, error) {
	if n < 2 {
		return Field{}, fmt.Errorf("viz.FieldOf: n must be ≥ 2, got %d", n)
	}
	axis := make([]float64, n)
	for i := range axis {
		axis[i] = float64(i) / float64(n-1)
	}
	var points []ScorePair
	for _, sp := range axis {
		for _, sn := range axis {
			points = append(points, ScorePair{Sn: sn, Sp: sp})
		}
	}
	gradients, err := Gradients(b, loss, points, others...)
	if err != nil {
		return Field{}, err
	}
	field := Field{Axis: axis, At: make([][]Gradient, n)}
	for i := range field.At {
		field.At[i] = gradients[i*n : (i+1)*n]
	}
	return field, nil
}

// PullOnSp returns the surface of |∂L/∂s_p|.
func (f Field) PullOnSp(title string) Surface {
	return f.surface(title, "|∂L/∂s_p|", func(g Gradient) float64 { return math.Abs(g.Sp) })
}

// PullOnSn returns the surface of |∂L/∂s_n|.
func (f Field) PullOnSn(title string) Surface {
	return f.surface(title, "|∂L/∂s_n|", func(g Gradient) float64 { return math.Abs(g.Sn) })
}

// Value returns the surface of the loss itself.
func (f Field) Value(title string) Surface {
	return f.surface(title, "L", func(g Gradient) float64 { return g.Loss })
}

func (f Field) surface(title, quantity string, of func(Gradient) float64) Surface {
	s := Surface{Title: title, Quantity: quantity, Axis: f.Axis, Height: make([][]float64, len(f.At))}
	for i, row := range f.At {
		for _, g := range row {
			s.Height[i] = append(s.Height[i], of(g))
		}
	}
	return s
}
