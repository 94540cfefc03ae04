package viz_test

import (
	"fmt"
	"math"

	"github.com/unipair/unipair/pkg/viz"
)

// bowl and ramp are surfaces with the shapes of Circle's pull on s_p and AM-Softmax's.
func bowl() viz.Surface {
	return surface("own pace", 21, func(sn, sp float64) float64 { return (1.25 - sp) / (1 + math.Exp(-20*(sn*sn+(sp-1)*(sp-1)-0.125))) })
}

func ramp(n int) viz.Surface {
	return surface("one pull", n, func(sn, sp float64) float64 { return 1 / (1 + math.Exp(-20*(sn-sp+0.25))) })
}

func surface(title string, n int, height func(sn, sp float64) float64) viz.Surface {
	s := viz.Surface{Title: title, Quantity: "|∂L/∂s_p|"}
	for i := range n {
		s.Axis = append(s.Axis, float64(i)/float64(n-1))
	}
	for _, sp := range s.Axis {
		var row []float64
		for _, sn := range s.Axis {
			row = append(row, height(sn, sp))
		}
		s.Height = append(s.Height, row)
	}
	return s
}

func ExampleSurfaces() {
	cliff := surface("one pull, no ramp", 21, func(sn, sp float64) float64 {
		if sn-sp+0.31 <= 0 {
			return 0
		}
		return 1
	})
	round := surface("own pace, no ramp", 33, func(sn, sp float64) float64 {
		if sn*sn+(sp-1)*(sp-1) <= 0.18 {
			return 0
		}
		return 1.3 - sp
	})
	all := viz.OneScale(ramp(21), bowl(), cliff, round)
	boundaries := []viz.Boundary{viz.LineBoundary(0.25), viz.CircleBoundary(0.25), viz.LineBoundary(0.31), viz.CircleBoundary(0.3)}
	for i := range all {
		all[i].Boundary = boundaries[i]
		all[i].Marks = []viz.Mark{{Name: "A", At: viz.ScorePair{Sn: 0.2, Sp: 0.25}}, {Name: "B", At: viz.ScorePair{Sn: 0.8, Sp: 0.8}}}
	}
	figure, err := viz.Surfaces(2, all...)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/surfaces.png"); err != nil {
		fmt.Println(err)
	}
}

func ExampleHeatMaps() {
	figure, err := viz.HeatMaps(1, ramp(65))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/heatmaps.png"); err != nil {
		fmt.Println(err)
	}
}

// ramps is a ramp that steepens.
func ramps() (viz.Animation, error) {
	a := viz.Animation{Name: "γ, the scale of AM-Softmax", Still: 1}
	for _, gamma := range []float64{5, 20, 80} {
		s := surface(fmt.Sprintf("γ = %g", gamma), 21, func(sn, sp float64) float64 { return 1 / (1 + math.Exp(-gamma*(sn-sp+0.25))) })
		s.Quantity, s.Top = "|∂L/∂s_p| / γ", 1
		figure, err := viz.Surfaces(1, s)
		if err != nil {
			return viz.Animation{}, err
		}
		a.Frames = append(a.Frames, viz.Frame{Label: s.Title, Figure: figure})
	}
	return a, nil
}

// The still is the golden; Save("ramps.html") would write the slider.
func ExampleAnimation() {
	animation, err := ramps()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := animation.Save("testdata/animation.png"); err != nil {
		fmt.Println(err)
	}
}

func ExampleSurface_Per() {
	inUnits := ramp(3).Per(0.5, "|∂L/∂s_p| / γ")
	fmt.Printf("%s at the worst pair: %.3f\n", inUnits.Quantity, inUnits.Height[0][2])
	// Output: |∂L/∂s_p| / γ at the worst pair: 2.000
}
