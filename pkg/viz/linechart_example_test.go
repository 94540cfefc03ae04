package viz_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/viz"
)

func ExampleLineCharts() {
	scores := viz.LineChart{Title: "Scores of the pairs in a batch", Label: "cosine similarity", Low: -0.2, High: 1}
	for i, name := range []string{"s_n", "s_p"} {
		curve := viz.Curve{Name: name}
		for step := 0.0; step <= 400; step += 20 {
			settled := 1 - math.Exp(-step/90)
			mean := 0.5 + 0.35*settled*float64(2*i-1) - 0.12*float64(1-i)*settled
			curve.X = append(curve.X, step)
			curve.Mean = append(curve.Mean, mean)
			curve.Low = append(curve.Low, mean-0.12)
			curve.High = append(curve.High, mean+0.1)
		}
		scores.Curves = append(scores.Curves, curve)
	}
	loss := viz.LineChart{Title: "Loss", Label: "mean loss of an anchor", Curves: []viz.Curve{
		{Name: "circle", X: []float64{0, 100, 200, 300, 400}, Mean: []float64{30, 14, 8, 6, 5.5}},
		{Name: "triplet", X: []float64{0, 100, 200, 300, 400}, Mean: []float64{20, 12, 7.5, 6, 5.3}},
	}}
	figure, err := viz.LineCharts(2, scores, loss)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/linecharts.png"); err != nil {
		fmt.Println(err)
	}
}

// An axis of doublings tells what is doubled, and so do the words.
func TestLineChartsOfDoublings(t *testing.T) {
	chart := viz.LineChart{Title: "The scale", Across: "γ", Label: "found", Doubling: true}
	chart.Curves = []viz.Curve{{Name: "Circle", X: []float64{2, 6, 10}, Mean: []float64{50, 55, 53}}}
	figure, err := viz.LineCharts(1, chart)
	if err != nil {
		t.Fatal(err)
	}
	svg, err := figure.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(figure.Alt, "from 50 at 4 to 53 at 1024") || !strings.Contains(string(svg), ">256</text>") {
		t.Errorf("it says %q", figure.Alt)
	}
}

func ExampleScatters() {
	random := rand.New(rand.NewPCG(1, 2))
	cloud := func(sn, sp, spread float64) (points []viz.ScorePair) {
		for range 600 {
			points = append(points, viz.ScorePair{
				Sn: min(sn+spread*random.NormFloat64(), 1),
				Sp: min(sp+spread*random.NormFloat64(), 1),
			})
		}
		return points
	}
	figure, err := viz.Scatters(2, viz.Scatter{
		Title: "huddled", Points: cloud(0.985, 0.99, 0.003), Boundary: viz.DistanceBoundary(0.1),
	}, viz.Scatter{
		Title: "after", Points: cloud(0.1, 0.75, 0.1), Boundary: viz.CircleBoundary(0.25),
		Targets: []viz.Mark{{Name: "T", At: viz.ScorePair{Sn: 0.25, Sp: 0.75}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/scatters.png"); err != nil {
		fmt.Println(err)
	}
}
