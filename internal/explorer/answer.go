package explorer

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/scoreplane"
	"github.com/unipair/unipair/pkg/losses"
)

// Setting holds what the reader has chosen.
type Setting struct {
	Loss       string            `json:"loss"`
	Parameters map[string]string `json:"parameters"`
	Measure    string            `json:"measure"`
	Negatives  int               `json:"negatives"` // L: the one of the axis and L − 1 others
	Others     float64           `json:"others"`    // the cosine of each of the others
	Low        float64           `json:"low"`       // the plane is [Low, 1]²
	Steps      int               `json:"steps"`     // of the grid: Steps × Steps points
	Points     [][2]float64      `json:"points"`    // s_n, s_p of the points to read out
}

// mostNegatives and mostSteps bound what one answer may cost.
const (
	mostNegatives = 256
	mostSteps     = 129
)

// Answer is the loss under a setting. The grid goes row by row: s_p rises from row to row, s_n within one.
type Answer struct {
	Go       string    // the loss as a Go value
	Grid     Sample    // Steps × Steps
	Points   Sample    // of the setting's points
	Boundary Boundary  // where it changes from pushing to resting
	Axis     []float64 // the values of s_n, and of s_p, of the grid
	Goals    Goals
	Aim      *[2]float64 // where all pushes point to, s_n and s_p, if to one place: −m and 1 + m for Circle
}

// Sample is the loss and both its derivatives at points.
type Sample struct {
	Value, Sn, Sp []float64
}

// Ask evaluates a setting.
func Ask(b compute.Backend, s Setting) (Answer, error) {
	loss, err := s.loss()
	if err != nil {
		return Answer{}, err
	}
	if err := s.check(); err != nil {
		return Answer{}, err
	}
	plane, err := scoreplane.Open(b, loss, s.others()...)
	if err != nil {
		return Answer{}, err
	}
	defer plane.Close()
	at := func(sn, sp []float64) (Sample, error) {
		value, dsp, dsn, err := plane.Gradients(sp, sn)
		return Sample{value, dsn, dsp}, err
	}
	axis, sn, sp := gridOf(s.Low, s.Steps)
	for _, point := range s.Points { // one more row each: a compilation costs more than they do
		sn, sp = append(sn, point[0]), append(sp, point[1])
	}
	all, err := at(sn, sp)
	if err != nil {
		return Answer{}, err
	}
	grid, points := all.split(s.Steps * s.Steps)
	boundary, err := findBoundary(axis, grid, at)
	if err != nil {
		return Answer{}, err
	}
	return Answer{
		Go: fmt.Sprintf("%#v", loss.Loss), Grid: grid, Points: points, Boundary: boundary, Axis: axis,
		Goals: goalsOf(boundary, axis[1]-axis[0]), Aim: aimOf(grid, sn, sp),
	}, nil
}

// others returns the cosines of the negatives that stay where they are.
func (s Setting) others() []float64 { return slices.Repeat([]float64{s.Others}, s.Negatives-1) }

// gridOf returns steps × steps points of [low, 1]², row by row, and the axis that they share.
func gridOf(low float64, steps int) (axis, sn, sp []float64) {
	axis = make([]float64, steps)
	for i := range axis {
		axis[i] = low + (1-low)*float64(i)/float64(steps-1)
	}
	for _, row := range axis {
		for _, column := range axis {
			sn, sp = append(sn, column), append(sp, row)
		}
	}
	return axis, sn, sp
}

func (s Sample) split(n int) (first, rest Sample) {
	return Sample{s.Value[:n], s.Sn[:n], s.Sp[:n]}, Sample{s.Value[n:], s.Sn[n:], s.Sp[n:]}
}

// loss returns the loss that the setting names, seen through its measure.
func (s Setting) loss() (measured, error) {
	entry, err := losses.Find(s.Loss)
	if err != nil {
		return measured{}, err
	}
	loss, err := entry.With(s.Parameters)
	if err != nil {
		return measured{}, err
	}
	if at, beyond := losses.LooksBeyondRow(loss); beyond {
		return measured{}, fmt.Errorf("%s looks at %s as it is set, and the plane has the scores of one anchor", s.Loss, at)
	}
	m, err := findMeasure(s.Measure)
	return measured{loss, m.of}, err
}

func (s Setting) check() error {
	switch {
	case s.Negatives < 1 || s.Negatives > mostNegatives:
		return fmt.Errorf("the number of negatives must be 1 to %d, got %d", mostNegatives, s.Negatives)
	case s.Steps < 2 || s.Steps > mostSteps:
		return fmt.Errorf("the grid must have 2 to %d steps, got %d", mostSteps, s.Steps)
	case !(s.Low >= -1 && s.Low < 1):
		return fmt.Errorf("the plane must begin at a cosine of −1 or more and below 1, got %g", s.Low)
	case !cosine(s.Others):
		return fmt.Errorf("the other negatives must have a cosine of −1 to 1, got %g", s.Others)
	}
	return s.checkPoints()
}

func (s Setting) checkPoints() error {
	for i, point := range s.Points {
		if !cosine(point[0]) || !cosine(point[1]) {
			return fmt.Errorf("point %d must have cosines of −1 to 1, got s_n = %g, s_p = %g", i, point[0], point[1])
		}
	}
	return nil
}

func cosine(x float64) bool { return x >= -1 && x <= 1 }
