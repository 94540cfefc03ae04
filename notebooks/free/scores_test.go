package free_test

import (
	"math"
	"strings"
	"testing"

	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/free"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// A hinge stops on its line, and moves both scores alike until it does.
func TestTripletStopsOnItsLine(t *testing.T) {
	const m, rate = 0.25, 0.01
	starts := []viz.ScorePair{{Sn: 0.5, Sp: 0.5}, {Sn: 0.2, Sp: 0.1}}
	paths, err := free.Pairs(backendtest.Go(t), losses.Triplet{Margin: m, Mining: losses.MineAll}, starts, rate, 200)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range paths {
		end := p.Last()
		if gap := end.Sp - end.Sn - m; gap < -1e-9 || gap > 2*rate+1e-9 {
			t.Errorf("from %v to %v: %g beyond the line, want at most a step", starts[i], end, gap)
		}
		if sum := end.Sn + end.Sp - starts[i].Sn - starts[i].Sp; math.Abs(sum) > 1e-9 {
			t.Errorf("from %v to %v: not straight across the line", starts[i], end)
		}
		if p.Value[len(p.Value)-1] != 0 {
			t.Errorf("the value ends at %g, want 0", p.Value[len(p.Value)-1])
		}
	}
}

// Circle loss goes on to s_n = −m and to s_p = 1, past where its value is least.
func TestCircleGoesOnWhereItsValueRises(t *testing.T) {
	const m, gamma = 0.4, 8
	paths, err := free.Pairs(backendtest.Go(t), losses.Circle{Margin: m, Gamma: gamma}, []viz.ScorePair{{Sn: 0.5, Sp: 0.6}}, 0.02, 1200)
	if err != nil {
		t.Fatal(err)
	}
	p, end := paths[0], paths[0].Last()
	if math.Abs(end.Sn+m) > 0.01 || math.Abs(end.Sp-1) > 1e-6 {
		t.Errorf("ends at %+v, want (−m, 1)", end)
	}
	low := p.Lowest()
	if at := p.At[low].Sn; math.Abs(at) > 0.05 || low == len(p.At)-1 || !(p.Value[len(p.Value)-1] > 2*p.Value[low]) {
		t.Errorf("least, %g, in step %d at s_n = %g; %g at last: want the least near s_n = 0, and a rise",
			p.Value[low], low, at, p.Value[len(p.Value)-1])
	}
	want := math.Log1p(math.Exp(gamma * (end.Sn*end.Sn - m*m + (end.Sp-1)*(end.Sp-1) - m*m)))
	if got := p.Value[len(p.Value)-1]; math.Abs(got-want) > 1e-9 {
		t.Errorf("value %g at the end, want %g", got, want)
	}
}

func TestPairsRefuse(t *testing.T) {
	for _, test := range []struct {
		name   string
		loss   losses.Loss
		starts []viz.ScorePair
		want   string
	}{
		{"no starts", losses.DefaultCircle(), nil, "at least one start"},
		{"an invalid loss", losses.Circle{}, free.Grid(2), "Gamma"},
	} {
		if _, err := free.Pairs(backendtest.Go(t), test.loss, test.starts, 1, 1); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.name, err, test.want)
		}
	}
}

func TestGrid(t *testing.T) {
	grid := free.Grid(4)
	if len(grid) != 16 || grid[0] != (viz.ScorePair{Sn: 0.125, Sp: 0.125}) || grid[15] != (viz.ScorePair{Sn: 0.875, Sp: 0.875}) {
		t.Errorf("Grid(4) = %v", grid)
	}
}
