package viz_test

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// onRing places embeddings of length 1 at angles in degrees.
func onRing(degrees ...float64) (embeddings [][]float64, points []viz.Point) {
	for _, d := range degrees {
		sin, cos := math.Sincos(d * math.Pi / 180)
		embeddings, points = append(embeddings, []float64{cos, sin}), append(points, viz.Point{X: cos, Y: sin})
	}
	return embeddings, points
}

var sixLabels = []int32{0, 0, 0, 1, 1, 1}

func ExamplePairGraphs() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	triplet := losses.Triplet{Margin: 0.3, Mining: losses.MineHard}
	var graphs []viz.PairGraph
	for _, c := range []struct {
		title   string
		loss    losses.Loss
		degrees []float64
	}{
		{"triplet, hard", triplet, []float64{0, 20, 90, 60, 150, 210}},
		{"multi-similarity", losses.DefaultMultiSimilarity(), []float64{0, 20, 90, 60, 150, 210}},
		{"three on one place", triplet, []float64{40, 40, 43, 215, 220, 250}},
	} {
		embeddings, points := onRing(c.degrees...)
		pulls, err := viz.PairWeights(backend, c.loss, losses.Mean, sixLabels, embeddings, losses.Cosine)
		if err != nil {
			fmt.Println(err)
			return
		}
		graphs = append(graphs, viz.PairGraph{Title: c.title, Points: points, Labels: sixLabels, Pulls: pulls})
	}
	figure, err := viz.PairGraphs(3, graphs...)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/pairgraphs.png"); err != nil {
		fmt.Println(err)
	}
}

func ExamplePairWeights() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	embeddings, _ := onRing(0, 20, 90, 60, 150, 210)
	pulls, err := viz.PairWeights(backend, losses.Triplet{Margin: 0.3, Mining: losses.MineHard}, losses.Mean, sixLabels, embeddings, losses.Cosine)
	if err != nil {
		fmt.Println(err)
		return
	}
	positives, negatives := pulls.CountAtLeast(0.01)
	fmt.Printf("%d positive and %d negative pairs of 15 are heard\n", positives, negatives)
	// Output: 4 positive and 5 negative pairs of 15 are heard
}

func ExampleClassMaps() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	weights, corners := onRing(90, 210, 330)
	embeddings, points := onRing(70, 85, 100, 190, 205, 232, 318, 331, 350)
	labels := []int32{0, 0, 0, 1, 1, 1, 2, 2, 2}
	for i := range embeddings {
		points[i].X, points[i].Y = points[i].X*(0.5+0.05*float64(i)), points[i].Y*(0.5+0.05*float64(i))
	}
	var maps []viz.ClassMap
	for _, c := range []struct {
		title string
		loss  losses.Loss
	}{{"NormFace", losses.NormFace{Gamma: 30}}, {"ArcFace, m = 0.5", losses.ArcFace{Margin: 0.5, Gamma: 30}}} {
		sectors, err := viz.ClassSectors(backend, c.loss, losses.Cosine, weights, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		maps = append(maps, viz.ClassMap{Title: c.title, Points: points, Labels: labels, Weights: corners, Sectors: sectors, Length: 1, Names: []string{"α", "β", "γ"}})
	}
	figure, err := viz.ClassMaps(2, maps...)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/classmaps.png"); err != nil {
		fmt.Println(err)
	}
}

func ExampleClassSectors() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	sectors, err := viz.ClassSectors(backend, losses.ArcFace{Margin: 0.5, Gamma: 30}, losses.Cosine, [][]float64{{1, 0}, {0, 1}}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("between the vectors %.2f radians belong to nobody\n", sectors[1].From-(sectors[0].To-2*math.Pi))
	// Output: between the vectors 0.50 radians belong to nobody
}
