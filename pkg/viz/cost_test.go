package viz_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/viz"
)

// Two ways of computing a loss: one holds an N × N matrix and ends early.
func ExampleCosts() {
	matrix := viz.Contender{Name: "whole matrix", Ends: "out of memory"}
	blocks := viz.Contender{Name: "in blocks"}
	for n := 128.0; n <= 65536; n *= 2 {
		seconds := 1e-3 + 2e-9*n*n
		if n <= 16384 {
			matrix.N, matrix.Cost = append(matrix.N, n), append(matrix.Cost, 1e3*seconds)
		}
		blocks.N, blocks.Cost = append(blocks.N, n), append(blocks.Cost, 1300*seconds)
		blocks.Low, blocks.High = append(blocks.Low, 1100*seconds), append(blocks.High, 1600*seconds)
	}
	figure, err := viz.Costs(1, viz.Cost{Title: "Circle loss, value and gradient", Across: "batch (images)", Label: "time (ms)",
		Contenders: []viz.Contender{matrix, blocks}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/costs.png"); err != nil {
		fmt.Println(err)
	}
}

func ExampleContender_Exponent() {
	power, _ := viz.Contender{N: []float64{100, 200, 400}, Cost: []float64{5, 12, 48}}.Exponent()
	fmt.Printf("the cost grows as N to the power %.0f\n", power)
	// Output: the cost grows as N to the power 2
}

// ball is points about the corners of a simplex, the classes wider along the first axis than along others.
func ball(classes, perClass, dim int) (labels []int32, embeddings [][]float64) {
	random := rand.New(rand.NewPCG(5, 0))
	for class := range classes {
		for range perClass {
			row := make([]float64, dim)
			for j := range row {
				row[j] = 0.15 * random.NormFloat64()
			}
			row[class] += 1
			labels, embeddings = append(labels, int32(class)), append(embeddings, row)
		}
	}
	return labels, embeddings
}

func ExampleEmbeddingMaps() {
	var maps []viz.EmbeddingMap
	for _, dim := range []int{3, 16} {
		labels, embeddings := ball(3, 30, dim)
		m, err := viz.PCA(fmt.Sprintf("three classes in %d dimensions", dim), labels, embeddings)
		if err != nil {
			fmt.Println(err)
			return
		}
		m.Names = []string{"alif", "beth", "gimel"}
		m.Legend = []string{"first", "second", "third"}
		maps = append(maps, m)
	}
	figure, err := viz.EmbeddingMaps(2, maps...)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/embeddingmaps.png"); err != nil {
		fmt.Println(err)
	}
}

// Points on a line in space: the first component is the line, and holds everything.
func ExamplePCA() {
	m, err := viz.PCA("a line", []int32{0, 0, 1}, [][]float64{{0, 0, 0}, {1, 2, 2}, {2, 4, 4}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f apart; %s\n", m.Points[1].X-m.Points[0].X, m.Across)
	// Output: 3.0 apart; first component (100 % of the variance)
}

// A rotation of the data turns the axes with it: what is on paper stays, but for the signs of the axes.
func TestPCADoesNotDependOnTheAxes(t *testing.T) {
	labels, embeddings := ball(2, 10, 2)
	turned := make([][]float64, len(embeddings))
	sin, cos := math.Sincos(0.7)
	for i, e := range embeddings {
		turned[i] = []float64{cos*e[0] - sin*e[1], sin*e[0] + cos*e[1]}
	}
	a, errA := viz.PCA("as it is", labels, embeddings)
	b, errB := viz.PCA("turned", labels, turned)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	for i := range a.Points {
		for j := range a.Points {
			got := math.Hypot(b.Points[i].X-b.Points[j].X, b.Points[i].Y-b.Points[j].Y)
			want := math.Hypot(a.Points[i].X-a.Points[j].X, a.Points[i].Y-a.Points[j].Y)
			if math.Abs(got-want) > 1e-9 {
				t.Fatalf("points %d and %d are %g apart after a rotation, want %g", i, j, got, want)
			}
		}
	}
}

func TestCostsAndMapsReject(t *testing.T) {
	draw := func(c viz.Contender) func() (viz.Figure, error) {
		return func() (viz.Figure, error) { return viz.Costs(1, viz.Cost{Title: "t", Contenders: []viz.Contender{c}}) }
	}
	pca := func(rows [][]float64) func() (viz.Figure, error) {
		return func() (viz.Figure, error) {
			_, err := viz.PCA("m", make([]int32, len(rows)), rows)
			return viz.Figure{}, err
		}
	}
	for name, c := range map[string]struct {
		draw func() (viz.Figure, error)
		want string
	}{
		"no costs":      {func() (viz.Figure, error) { return viz.Costs(1) }, "no costs"},
		"no contenders": {func() (viz.Figure, error) { return viz.Costs(1, viz.Cost{Title: "t"}) }, "no contenders in t"},
		"no sizes":      {draw(viz.Contender{Name: "a"}), "no values of N in a"},
		"uneven":        {draw(viz.Contender{Name: "a", N: []float64{1, 2}, Cost: []float64{1}}), "got 1 for 2"},
		"free":          {draw(viz.Contender{Name: "a", N: []float64{1}, Cost: []float64{0}}), "must be > 0"},
		"NaN":           {draw(viz.Contender{Name: "a", N: []float64{1}, Cost: []float64{math.NaN()}}), "a [1] is NaN"},
		"falling":       {draw(viz.Contender{Name: "a", N: []float64{2, 1}, Cost: []float64{1, 1}}), "N must rise"},
		"half a bar":    {draw(viz.Contender{Name: "a", N: []float64{2}, Cost: []float64{1}, Low: []float64{1}}), "High must have"},
		"all uneven": {draw(viz.Contender{Name: "a", N: []float64{2}, Low: []float64{1, 2}, High: []float64{1, 2, 3}}),
			"a: Cost must have one for each of N, got 0 for 1"},
		"two uneven ends": {draw(viz.Contender{Name: "a", N: []float64{2}, Cost: []float64{1}, Low: []float64{1, 2}, High: []float64{1, 2, 3}}),
			"a: Low must have one for each of N, got 2 for 1"},
		"no maps":    {func() (viz.Figure, error) { return viz.EmbeddingMaps(1) }, "no maps"},
		"no points":  {func() (viz.Figure, error) { return viz.EmbeddingMaps(1, viz.EmbeddingMap{Title: "m"}) }, "no points in m"},
		"one point":  {pca([][]float64{{1, 2}}), "at least 2 embeddings"},
		"one number": {pca([][]float64{{1}, {2}}), "of at least 2 numbers"},
		"NaN point":  {pca([][]float64{{1, 2}, {math.NaN(), 1}}), "embedding 1 [0] is NaN"},
	} {
		for range 20 { // of two faults the same one is named each time
			if _, err := c.draw(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
				break
			}
		}
	}
}

// All points in one place, or fewer points than dimensions, are still a map.
func TestPCAOfDegenerateData(t *testing.T) {
	for name, rows := range map[string][][]float64{
		"one place":  {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}},
		"two points": {{1, 2, 3, 4}, {4, 3, 2, 1}},
	} {
		m, err := viz.PCA(name, make([]int32, len(rows)), rows)
		if err != nil {
			t.Fatal(err)
		}
		figure, err := viz.EmbeddingMaps(1, m)
		if err != nil {
			t.Fatal(err)
		}
		if svg, err := figure.SVG(); err != nil || strings.Contains(string(svg), "NaN") {
			t.Errorf("%s: a coordinate is not a number (%v)", name, err)
		}
	}
}
