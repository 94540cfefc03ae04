package explorer_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/explorer"
	"github.com/unipair/unipair/notebooks/free"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// paperPlane is a loss at m = 0.25 that sees cosines, with one negative.
func paperPlane(loss string, gamma string) explorer.Setting {
	s := explorer.Setting{Loss: loss, Measure: "cosine", Negatives: 1, Steps: 33, Parameters: map[string]string{"margin": "0.25"}}
	if gamma != "" {
		s.Parameters["gamma"] = gamma
	}
	return s
}

// T has the least gap on Circle's boundary and its pushes aim at (−m, 1 + m); on a straight boundary T and T′ are the paper's, and
// parallel pushes aim at nothing.
func TestGoalsAndAim(t *testing.T) {
	point := func(p *[2]float64) [2]float64 {
		if p == nil {
			return [2]float64{math.NaN(), math.NaN()}
		}
		return *p
	}
	none := point(nil)
	for _, test := range []struct {
		name           string
		setting        explorer.Setting
		t, corner, aim [2]float64
		straight       bool
	}{
		{"Circle", paperPlane("circle", "20"), [2]float64{0.25, 0.75}, [2]float64{0.25, 0.75}, [2]float64{-0.25, 1.25}, false},
		{"Circle of a large scale", paperPlane("circle", "256"), [2]float64{0.25, 0.75}, [2]float64{0.25, 0.75}, [2]float64{-0.25, 1.25}, false},
		{"AM-Softmax", paperPlane("am-softmax", "20"), [2]float64{0.2, 0.45}, [2]float64{0.25, 0.75}, none, true},
		{"triplet", paperPlane("triplet", ""), [2]float64{0.2, 0.45}, [2]float64{0.25, 0.75}, none, true},
		{"P2SGrad, whose pushes aim at the optimum", explorer.Setting{Loss: "p2sgrad", Measure: "cosine", Negatives: 1, Steps: 33}, none, none, [2]float64{0, 1}, false},
	} {
		answer, err := explorer.Ask(backendtest.Go(t), test.setting)
		if err != nil {
			t.Fatal(err)
		}
		for what, pair := range map[string][2][2]float64{
			"T": {point(answer.Goals.T), test.t}, "the corner": {point(answer.Goals.Corner), test.corner}, "the aim": {point(answer.Aim), test.aim},
		} {
			got, want := pair[0], pair[1]
			if test.name == "P2SGrad, whose pushes aim at the optimum" && what != "the aim" {
				continue
			}
			if math.IsNaN(want[0]) != math.IsNaN(got[0]) || math.Hypot(got[0]-want[0], got[1]-want[1]) > 2e-3 {
				t.Errorf("%s: %s is %v, want %v", test.name, what, got, want)
			}
		}
		if answer.Goals.T == nil {
			continue
		}
		gap := func(p [2]float64) float64 { return p[1] - p[0] }
		prime, tee := point(answer.Goals.Prime), *answer.Goals.T
		if answer.Goals.Straight != test.straight || test.straight != (math.Abs(gap(prime)-gap(tee)) < 1e-3) || gap(prime) < gap(tee)-1e-3 {
			t.Errorf("%s: straight %v, T %v, T′ %v", test.name, answer.Goals.Straight, tee, prime)
		}
	}
}

// What is marked is on the plane, for every loss at either end of each of its parameters, alone and in a crowd.
func TestGoalsAreOnThePlane(t *testing.T) {
	b := backendtest.Go(t)
	for _, s := range onPlane(b) {
		changes := []map[string]string{nil}
		for _, p := range s.Parameters {
			values := slices.Clone(p.Words)
			switch p.Kind {
			case "number":
				values = []string{strconv.FormatFloat(p.Low, 'g', -1, 64), strconv.FormatFloat(p.High, 'g', -1, 64)}
			case "truth":
				values = []string{"true", "false"}
			}
			for _, value := range values {
				changes = append(changes, map[string]string{p.Name: value})
			}
		}
		for _, parameters := range changes {
			for _, beside := range []explorer.Setting{
				{Negatives: 1}, {Negatives: 4, Others: 0.45}, {Negatives: 2, Others: -1}, {Negatives: 32, Others: 1}, {Negatives: 1, Low: -1},
			} {
				beside.Loss, beside.Measure, beside.Parameters, beside.Steps = s.Name, s.Measure, parameters, 33
				answer, err := explorer.Ask(b, beside)
				if err != nil && !strings.Contains(err.Error(), "as it is set") {
					t.Errorf("%+v: %v", beside, err)
				}
				goals := answer.Goals
				for what, p := range map[string]*[2]float64{"T": goals.T, "T′": goals.Prime, "the corner": goals.Corner} {
					if p != nil && !(p[0] >= 0 && p[0] <= 1 && p[1] >= 0 && p[1] <= 1) {
						t.Errorf("%+v: %s is at %v", beside, what, *p)
					}
				}
				if aim := answer.Aim; aim != nil && math.IsNaN(aim[0]+aim[1]) {
					t.Errorf("%+v: the aim is no number", beside)
				}
			}
		}
	}
}

// The points end where the notebooks' flow, which has its own graph, takes them.
func TestFlowEndsWhereTheNotebooksDo(t *testing.T) {
	b := backendtest.Go(t)
	starts := append(free.Grid(7), viz.ScorePair{Sn: 0.2, Sp: 0.25}, viz.ScorePair{Sn: 0.8, Sp: 0.8}, viz.ScorePair{Sn: 0.6, Sp: 0.4})
	var points [][2]float64
	for _, s := range starts {
		points = append(points, [2]float64{s.Sn, s.Sp})
	}
	for _, test := range []struct {
		setting explorer.Setting
		loss    losses.Loss
		most    float64 // the strongest push on the square
	}{
		{paperPlane("circle", "80"), losses.Circle{Margin: 0.25, Gamma: 80}, 100},
		{paperPlane("am-softmax", "80"), losses.AMSoftmax{Margin: 0.25, Gamma: 80}, 80},
		{paperPlane("triplet", ""), losses.Triplet{Margin: 0.25, Mining: losses.MineAll}, 1},
	} {
		flow, err := explorer.NewFlow(b, test.setting, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		defer flow.Close()
		near(t, test.setting.Loss+": the rate", flow.Rate, 0.01/test.most)
		got := points
		for _, steps := range []int{1, 99, 300} {
			if got, err = flow.Move(got, steps); err != nil {
				t.Fatal(err)
			}
		}
		paths, err := free.Pairs(b, test.loss, starts, flow.Rate, 400)
		if err != nil {
			t.Fatal(err)
		}
		for i, end := range free.Ends(paths) {
			near(t, test.setting.Loss+": s_n", got[i][0], end.Sn)
			near(t, test.setting.Loss+": s_p", got[i][1], end.Sp)
		}
	}
}

// Beside other negatives that stay, and seen as a distance, a step is the answer's gradient.
func TestFlowStepsAsTheAnswerSays(t *testing.T) {
	s := explorer.Setting{Loss: "triplet", Measure: "distance", Negatives: 4, Others: 0.5, Steps: 5, Points: [][2]float64{{0.6, 0.4}, {-0.1, 0.2}}}
	answer, err := explorer.Ask(backendtest.Go(t), s)
	if err != nil {
		t.Fatal(err)
	}
	flow, err := explorer.NewFlow(backendtest.Go(t), s, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	defer flow.Close()
	moved, err := flow.Move(s.Points, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range s.Points {
		near(t, "s_n", moved[i][0], p[0]-flow.Rate*answer.Points.Sn[i])
		near(t, "s_p", moved[i][1], p[1]-flow.Rate*answer.Points.Sp[i])
	}
}

func TestFlowRefuses(t *testing.T) {
	begin := func(s explorer.Setting, pace float64) error {
		_, err := explorer.NewFlow(backendtest.Go(t), s, pace)
		return err
	}
	move := func(points [][2]float64, steps int) error {
		flow, err := explorer.NewFlow(backendtest.Go(t), paperPlane("circle", "80"), 0.01)
		if err != nil {
			t.Fatal(err)
		}
		defer flow.Close()
		_, err = flow.Move(points, steps)
		return err
	}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"a misspelt loss", begin(explorer.Setting{Loss: "cirle"}, 0.1), "did you mean circle?"},
		{"no negatives", begin(explorer.Setting{Loss: "circle", Measure: "cosine"}, 0.1), "number of negatives"},
		{"no pace", begin(paperPlane("circle", "80"), 0), "above 0"},
		{"no points", move(nil, 1), "at least one point"},
		{"no steps", move([][2]float64{{0, 0}}, 0), "1 to 10000 steps"},
		{"a point outside", move([][2]float64{{0, 2}}, 1), "cosines of −1 to 1"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.name, test.err, test.want)
		}
	}
}
