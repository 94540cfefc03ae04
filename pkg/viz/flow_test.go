package viz_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/viz"
)

// straight returns the ways of a grid of pairs towards a point, each until it is within a distance of the optimum.
func straight(aim viz.ScorePair, near float64) (paths [][]viz.ScorePair) {
	for i := range 16 {
		at := viz.ScorePair{Sn: 0.2 + 0.2*float64(i%4), Sp: 0.2 * float64(1+i/4)}
		path := []viz.ScorePair{at}
		for math.Hypot(at.Sn, at.Sp-1) > near {
			at.Sn, at.Sp = at.Sn+(aim.Sn-at.Sn)/20, at.Sp+(aim.Sp-at.Sp)/20
			path = append(path, at)
		}
		paths = append(paths, path)
	}
	return paths
}

func ExampleFlows() {
	aim := viz.ScorePair{Sn: -0.25, Sp: 1.25}
	figure, err := viz.Flows(2,
		viz.Flow{Title: "towards a point", Paths: straight(aim, 0.35), Boundary: viz.CircleBoundary(0.25), Margin: 0.25,
			Targets: []viz.Mark{{Name: "T", At: viz.ScorePair{Sn: 0.25, Sp: 0.75}}}, Aims: []viz.Mark{{Name: "(−m, 1 + m)", At: aim}}},
		viz.Flow{Title: "at rest", Paths: [][]viz.ScorePair{{{Sn: 0.2, Sp: 0.6}}}, Boundary: viz.LineBoundary(0.25)})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/flows.png"); err != nil {
		fmt.Println(err)
	}
}

func TestFlowsTellAndRefuse(t *testing.T) {
	two := viz.Flow{Title: "two", Margin: 0.25, Paths: [][]viz.ScorePair{{{Sn: 0.5, Sp: 0.5}, {Sn: 0.2, Sp: 0.8}}, {{Sn: 0.6, Sp: 0.4}}}}
	figure, err := viz.Flows(1, two)
	if want := "two: 2 pairs end at s_n = 0.4 and s_p = 0.6 on average, 1 of them at s_n < 0.25 and s_p > 0.75."; err != nil ||
		!strings.HasSuffix(figure.Alt, want) {
		t.Errorf("%q, %v, want %q", figure.Alt, err, want)
	}
	for _, test := range []struct {
		name string
		flow viz.Flow
		want string
	}{
		{"no paths", viz.Flow{}, "no paths"},
		{"an empty path", viz.Flow{Title: "x", Paths: [][]viz.ScorePair{{}}}, "no points in path 0 of x"},
		{"a margin", viz.Flow{Paths: two.Paths, Margin: 2}, "Margin must be 0 to 1"},
		{"not a number", viz.Flow{Paths: [][]viz.ScorePair{{{Sn: math.NaN()}}}}, "only numbers"},
	} {
		if _, err := viz.Flows(1, test.flow); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.name, err, test.want)
		}
	}
}
