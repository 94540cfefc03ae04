package viz_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Equations 9 and 10 of the Circle loss paper, with K = 1 and two negatives.
func TestGradientsOfCircleAreThePapers(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		const m, gamma, other = 0.25, 16, 0.3
		points := []viz.ScorePair{{Sn: 0.1, Sp: 0.3}, {Sn: 0.7, Sp: 0.9}, {Sn: 0.2, Sp: 0.7}}
		got, err := viz.Gradients(b, losses.Circle{Margin: m, Gamma: gamma}, points, other)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range points {
			own := math.Exp(gamma * (p.Sn*p.Sn - m*m))
			sum := own + math.Exp(gamma*(other*other-m*m))
			value := math.Log1p(sum * math.Exp(gamma*((p.Sp-1)*(p.Sp-1)-m*m)))
			z := 1 - math.Exp(-value)
			want := viz.Gradient{Loss: value, Sn: z * own / sum * gamma * (p.Sn + m), Sp: z * gamma * (p.Sp - 1 - m)}
			for what, pair := range map[string][2]float64{
				"L": {got[i].Loss, want.Loss}, "∂L/∂s_n": {got[i].Sn, want.Sn}, "∂L/∂s_p": {got[i].Sp, want.Sp},
			} {
				if math.Abs(pair[0]-pair[1]) > 1e-9*(1+math.Abs(pair[1])) {
					t.Errorf("Gradients(Circle) at %v: %s = %g, want %g", p, what, pair[0], pair[1])
				}
			}
		}
	})
}

func TestFieldOfCoversTheSquare(t *testing.T) {
	field, err := viz.FieldOf(backendtest.Go(t), losses.Triplet{Margin: 0.3, Mining: losses.MineAll}, 11)
	if err != nil {
		t.Fatal(err)
	}
	pull := field.PullOnSp("triplet")
	for i, sp := range pull.Axis {
		for j, sn := range pull.Axis {
			if gap := sn - sp + 0.3; math.Abs(gap) < 1e-9 {
				continue // the hinge's corner: either side is a subgradient
			} else if want := step(gap); pull.Height[i][j] != want {
				t.Errorf("|∂L/∂s_p| of triplet at s_n = %g, s_p = %g is %g, want %g", sn, sp, pull.Height[i][j], want)
			}
		}
	}
	if top := field.Value("L").Height[0][10]; math.Abs(top-1.3) > 1e-12 {
		t.Errorf("triplet at (1, 0) = %g, want 1.3", top)
	}
}

func step(x float64) float64 {
	if x > 0 {
		return 1
	}
	return 0
}

func TestProfileIsTheRampOfTheSigmoid(t *testing.T) {
	const m, gamma = 0.25, 20
	value, pull, err := viz.Profile(backendtest.Go(t), "unified", losses.Unified{Margin: m, Gamma: gamma}, gamma, 51)
	if err != nil {
		t.Fatal(err)
	}
	for i, gap := range pull.X {
		wantPull := 1 / (1 + math.Exp(-gamma*(gap+m)))
		wantValue := math.Log1p(math.Exp(gamma*(gap+m))) / gamma
		if math.Abs(pull.Mean[i]-wantPull) > 1e-12 || math.Abs(value.Mean[i]-wantValue) > 1e-12 {
			t.Errorf("Profile at a gap of %g = %g, %g, want %g, %g", gap, value.Mean[i], pull.Mean[i], wantValue, wantPull)
		}
	}
	if _, _, err := viz.Profile(backendtest.Go(t), "x", losses.Softmax{}, 0, 51); err == nil {
		t.Error("Profile with scale 0: want an error")
	}
}

func TestCrossing(t *testing.T) {
	curve := viz.Curve{X: []float64{0, 1, 2, 3}, Mean: []float64{0, 0, 0.5, 1}}
	if x, ok := curve.Crossing(0.25); !ok || x != 1.5 {
		t.Errorf("Crossing(0.25) = %g, %t, want 1.5, true", x, ok)
	}
	if x, ok := curve.Crossing(1); !ok || x != 3 {
		t.Errorf("Crossing(1) = %g, %t, want 3, true", x, ok)
	}
	if _, ok := curve.Crossing(2); ok {
		t.Error("Crossing(2) of a curve that ends at 1: want false")
	}
}

// broken is a loss of somebody's own that takes the logarithm of a negative number.
type broken struct{ losses.Softmax }

func (broken) PerAnchor(s losses.Scores) *graph.Node {
	return graph.ReduceSum(graph.Log(graph.Neg(graph.AddScalar(s.Similarity, 2))), -1)
}

func TestGradientsNameTheLossThatIsNotFinite(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		_, err := viz.Gradients(b, broken{}, []viz.ScorePair{{Sn: 0.5, Sp: 0.25}})
		for _, want := range []string{"broken at s_n = 0.5, s_p = 0.25", "Log in viz_test.broken.PerAnchor is the first"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Gradients of a loss that is NaN: got error %v, want one with %q", err, want)
			}
		}
	})
}

// kinked is a loss whose value is finite and whose gradient is not: √x at 0.
type kinked struct{ losses.Softmax }

func (kinked) PerAnchor(s losses.Scores) *graph.Node {
	return graph.ReduceSum(graph.Mul(graph.Sqrt(s.Similarity), graph.ZerosLike(s.Similarity)), -1)
}

func TestGradientsNameTheOperationOfAGradient(t *testing.T) {
	_, err := viz.Gradients(backendtest.Go(t), kinked{}, []viz.ScorePair{{Sn: 0, Sp: 0.25}})
	if err == nil || !strings.Contains(err.Error(), "in the gradient is the first operation") {
		t.Errorf("Gradients where only the gradient is NaN: got error %v, want one that names an operation in the gradient", err)
	}
}

// flat is a loss that returns one value for the whole batch.
type flat struct{ losses.Softmax }

func (flat) PerAnchor(s losses.Scores) *graph.Node { return graph.ReduceAllSum(s.Similarity) }

func TestGradientsRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		loss losses.Loss
		want string
	}{
		"looks at other rows": {losses.DefaultLiftedStructure(), "LiftedStructure looks at the negatives"},
		"not one an anchor":   {flat{}, "viz_test.flat"},
	} {
		_, err := viz.Gradients(backendtest.Go(t), c.loss, []viz.ScorePair{{Sn: 0.5, Sp: 0.5}, {Sn: 0.1, Sp: 0.2}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}

// Every loss of the catalogue that sees only its own row has surfaces.
func TestFieldOfTakesTheWholeCatalogue(t *testing.T) {
	drawn := 0
	for _, entry := range losses.Catalogue() {
		if _, beyond := losses.LooksBeyondRow(entry.Default); beyond {
			continue
		}
		field, err := viz.FieldOf(backendtest.Go(t), entry.Default, 3)
		if err != nil {
			t.Errorf("FieldOf(%s): %v", entry.Name, err)
			continue
		}
		if _, err := viz.Surfaces(1, field.PullOnSn(entry.Name), field.PullOnSp(entry.Name)); err != nil {
			t.Errorf("Surfaces(%s): %v", entry.Name, err)
		}
		drawn++
	}
	if drawn < 25 {
		t.Errorf("%d losses were drawn, want at least 25", drawn)
	}
}

func TestGradientsReportAnInvalidLoss(t *testing.T) {
	_, err := viz.Gradients(backendtest.Go(t), losses.Circle{}, []viz.ScorePair{{}})
	if err == nil || !strings.Contains(err.Error(), "Gamma") {
		t.Errorf("Gradients of the zero Circle: got error %v, want one about Gamma", err)
	}
}

func ExampleGradients() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	at := []viz.ScorePair{{Sn: 0.1, Sp: 0.3}, {Sn: 0.7, Sp: 0.9}}
	gradients, err := viz.Gradients(backend, losses.Circle{Margin: 0.25, Gamma: 80}, at)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, g := range gradients {
		fmt.Printf("(%.1f, %.1f): pull on s_n %.1f, on s_p %.1f\n", at[i].Sn, at[i].Sp, g.Sn, -g.Sp)
	}
	// Output:
	// (0.1, 0.3): pull on s_n 28.0, on s_p 76.0
	// (0.7, 0.9): pull on s_n 76.0, on s_p 28.0
}

func ExampleProfile() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, gamma := range []float64{5, 80} {
		_, pull, err := viz.Profile(backend, "AM-Softmax", losses.AMSoftmax{Margin: 0.25, Gamma: gamma}, gamma, 151)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("γ = %g: pull %.2f γ at a gap of %.2f, %.2f γ at %.2f\n", gamma, pull.Mean[70], pull.X[70], pull.Mean[80], pull.X[80])
	}
	// Output:
	// γ = 5: pull 0.44 γ at a gap of -0.30, 0.56 γ at -0.20
	// γ = 80: pull 0.02 γ at a gap of -0.30, 0.98 γ at -0.20
}

func ExampleFieldOf() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	field, err := viz.FieldOf(backend, losses.NormFace{Gamma: 1}, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range field.PullOnSp("NormFace").Height {
		fmt.Printf("%.3f\n", row)
	}
	// Output:
	// [0.500 0.622 0.731]
	// [0.378 0.500 0.622]
	// [0.269 0.378 0.500]
}
