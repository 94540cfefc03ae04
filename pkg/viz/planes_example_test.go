package viz_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/viz"
)

// The paper's figure 1: the unified formula at m = 0.3, γ = 80 beside the circle loss, with the gradients that
// [viz.Gradients] computes.
func ExamplePlanes() {
	unified := viz.Plane{
		Title:    "s_n − s_p: one pull for all",
		Boundary: viz.LineBoundary(0.3),
		Arrows: []viz.Arrow{
			{Name: "A", At: viz.ScorePair{Sn: 0.2, Sp: 0.35}, Gradient: viz.ScorePair{Sn: 80, Sp: -80}},
			{Name: "B", At: viz.ScorePair{Sn: 0.75, Sp: 0.85}, Gradient: viz.ScorePair{Sn: 80, Sp: -80}},
		},
		Targets: []viz.Mark{{Name: "T", At: viz.ScorePair{Sn: 0.2, Sp: 0.5}}, {Name: "T′", At: viz.ScorePair{Sn: 0.4, Sp: 0.7}}},
	}
	circle := viz.Plane{
		Title:    "Circle loss: each at its own pace",
		Boundary: viz.CircleBoundary(0.3),
		Arrows: []viz.Arrow{
			{Name: "A", At: viz.ScorePair{Sn: 0.2, Sp: 0.35}, Gradient: viz.ScorePair{Sn: 40, Sp: -76}},
			{Name: "B", At: viz.ScorePair{Sn: 0.75, Sp: 0.85}, Gradient: viz.ScorePair{Sn: 84, Sp: -36}},
		},
		Targets: []viz.Mark{{Name: "T", At: viz.ScorePair{Sn: 0.3, Sp: 0.7}}},
	}
	figure, err := viz.Planes(unified, circle)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/planes.png"); err != nil {
		fmt.Println(err)
	}
}

func ExampleLineBoundary() {
	fmt.Println(viz.LineBoundary(0.3).Name)
	// Output: s_n − s_p = −0.3
}

func ExampleCircleBoundary() {
	circle := viz.CircleBoundary(0.25)
	start := circle.Curve[0]
	fmt.Printf("%s, from (%.3f, %.0f)\n", circle.Name, start.Sn, start.Sp)
	// Output: s_n² + (s_p − 1)² = 2 · 0.25², from (0.354, 1)
}

func ExampleDistanceBoundary() {
	line := viz.DistanceBoundary(0.2)
	end := line.Curve[0]
	fmt.Printf("%s, from (%.2f, %.0f)\n", line.Name, end.Sn, end.Sp)
	// Output: d_n − d_p = 0.2, from (0.98, 1)
}
