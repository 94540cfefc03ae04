package viz_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/viz"
)

// A cell is two triangles along the diagonal whose ends differ least; a mark lies on them, and its height is told.
func TestSurfaceIsTwoTrianglesACell(t *testing.T) {
	for _, test := range []struct {
		name   string
		height [][]float64 // of s_p = 0 and 1, each at s_n = 0 and 1
		at     viz.ScorePair
		want   float64
	}{
		{"a cliff's foot along the boundary", [][]float64{{0, 1}, {0.2, 0}}, viz.ScorePair{Sn: 0.5, Sp: 0.5}, 0},
		{"below the foot", [][]float64{{0, 1}, {0.2, 0}}, viz.ScorePair{Sn: 0.25, Sp: 0.75}, 0.1},
		{"on the wall", [][]float64{{0, 1}, {0.2, 0}}, viz.ScorePair{Sn: 0.75, Sp: 0.25}, 0.5},
		{"the other diagonal is the flatter", [][]float64{{0, 1}, {1, 0.8}}, viz.ScorePair{Sn: 0.5, Sp: 0.5}, 1},
		{"behind it", [][]float64{{0, 1}, {1, 0.8}}, viz.ScorePair{Sn: 0.75, Sp: 0.75}, 0.9},
		{"before it", [][]float64{{0, 1}, {1, 0.8}}, viz.ScorePair{Sn: 0.25, Sp: 0.25}, 0.5},
		{"a plane", [][]float64{{0, 1}, {2, 3}}, viz.ScorePair{Sn: 0.1, Sp: 0.7}, 1.5},
	} {
		s := viz.Surface{Title: "cell", Quantity: "z", Axis: []float64{0, 1}, Height: test.height, Marks: []viz.Mark{{Name: "A", At: test.at}}}
		figure, err := viz.Surfaces(1, s)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("At A it is %g.", test.want); !strings.Contains(figure.Alt, want) {
			t.Errorf("%s: %q lacks %q", test.name, figure.Alt, want)
		}
	}
}

// Surfaces that are compared end at the greatest height of all, and what they were made of stays as it was.
func TestOneScale(t *testing.T) {
	low, high := ramp(3), bowl()
	scaled := viz.OneScale(low, high)
	if top := high.Height[0][len(high.Axis)-1]; scaled[0].Top != top || scaled[1].Top != top || low.Top != 0 {
		t.Errorf("tops %g and %g, and %g before, want %g and 0", scaled[0].Top, scaled[1].Top, low.Top, top)
	}
}
