package explorer

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/scoreplane"
)

// Flow lets pairs of scores follow the push of a loss, each an anchor by itself.
type Flow struct {
	plane *scoreplane.Plane
	Rate  float64 // a step goes so many times the gradient
}

// mostMoves bounds what one call of [Flow.Move] may cost.
const mostMoves = 10_000

// NewFlow prepares a setting's loss. A step is pace long where the loss pushes a score most, on a grid of the unit square, so that
// losses of any unit compare. The setting's grid and points do not matter. The flow must be closed.
func NewFlow(b compute.Backend, s Setting, pace float64) (*Flow, error) {
	loss, err := s.loss()
	if err != nil {
		return nil, err
	}
	s.Steps, s.Points = 2, nil
	if err := s.check(); err != nil {
		return nil, err
	}
	if !(pace > 0 && pace <= 1) {
		return nil, fmt.Errorf("a step must be above 0 and at most 1 long, got %g", pace)
	}
	plane, err := scoreplane.Open(b, loss, s.others()...)
	if err != nil {
		return nil, err
	}
	_, sn, sp := gridOf(0, 17)
	_, dsp, dsn, err := plane.Gradients(sp, sn)
	if err != nil {
		plane.Close()
		return nil, err
	}
	most := 0.0
	for i := range dsp {
		most = max(most, math.Abs(dsp[i]), math.Abs(dsn[i]))
	}
	f := &Flow{plane: plane}
	if most > 0 {
		f.Rate = pace / most
	}
	return f, nil
}

// Close gives back what the flow holds.
func (f *Flow) Close() { f.plane.Close() }

// Move returns where points, s_n and s_p, are after some steps. Scores stay within [−1, 1] as cosines do.
func (f *Flow) Move(points [][2]float64, steps int) ([][2]float64, error) {
	if steps < 1 || steps > mostMoves || len(points) == 0 {
		return nil, fmt.Errorf("want 1 to %d steps of at least one point, got %d of %d", mostMoves, steps, len(points))
	}
	if err := (Setting{Points: points}).checkPoints(); err != nil {
		return nil, err
	}
	sn, sp := make([]float64, len(points)), make([]float64, len(points))
	for i, p := range points {
		sn[i], sp[i] = p[0], p[1]
	}
	for range steps {
		_, dsp, dsn, err := f.plane.Gradients(sp, sn)
		if err != nil {
			return nil, err
		}
		for i := range sn {
			sn[i], sp[i] = bounded(sn[i]-f.Rate*dsn[i]), bounded(sp[i]-f.Rate*dsp[i])
			if math.IsNaN(sn[i] + sp[i]) {
				return nil, fmt.Errorf("the push on point %d is no number", i)
			}
		}
	}
	moved := make([][2]float64, len(points))
	for i := range moved {
		moved[i] = [2]float64{sn[i], sp[i]}
	}
	return moved, nil
}

func bounded(cosine float64) float64 { return min(max(cosine, -1), 1) }
