package explorer_test

import (
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/explorer"
	"github.com/unipair/unipair/notebooks/free"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// twelve is the batch of notebook 06, with class vectors of which two are too near.
func twelve() (free.Batch, explorer.State) {
	batch := free.Ring([]float64{80, 95, 110, 170}, []float64{200, 215, 235, 130}, []float64{330, 345, 10, 60})
	return batch, explorer.State{Images: batch.Embeddings, Classes: free.Ring([]float64{60, 100, 290}).Embeddings}
}

func training(loss, miner string) explorer.Training {
	batch, start := twelve()
	return explorer.Training{Loss: loss, Miner: miner, Pace: 0.05, Labels: batch.Labels, Start: start}
}

// A pair-wise training goes where the notebooks' descent goes, and its weights are those that notebook 06 draws.
func TestRingTrainsAsTheNotebooksDo(t *testing.T) {
	b := backendtest.Go(t)
	batch, start := twelve()
	for _, test := range []struct {
		loss string
		of   losses.Loss
	}{{"circle", losses.DefaultCircle()}, {"n-pair", losses.NPair{}}, {"multi-similarity", losses.DefaultMultiSimilarity()}} {
		ring, err := explorer.NewRing(b, training(test.loss, "every pair"))
		if err != nil {
			t.Fatal(err)
		}
		defer ring.Close()
		const steps = 200
		course, err := free.Descend(b, batch, test.of, ring.Rate, steps)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := ring.Train(start, steps)
		if err != nil {
			t.Fatal(err)
		}
		end, want := free.Batch{Labels: batch.Labels, Embeddings: seen.Images}.Cosines(), course[steps]
		for what, pair := range map[string][2]float64{"value": {seen.Value, want.Value}, "s_p": {end.Sp, want.Sp}, "s_n": {end.Sn, want.Sn}} {
			if !(math.Abs(pair[0]-pair[1]) <= 1e-6*(1+math.Abs(pair[1]))) {
				t.Errorf("%s: %s is %g after %d steps, the notebooks have %g", test.loss, what, pair[0], steps, pair[1])
			}
		}
		pulls, err := viz.PairWeights(b, test.of, losses.Mean, batch.Labels, seen.Images, losses.Cosine)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range seen.Weight {
			for j := range i {
				near(t, test.loss+": weight", row[j]+seen.Weight[j][i], pulls.Weight[i][j])
			}
		}
		for i, v := range start.Classes {
			if math.Hypot(v[0]-seen.Classes[i][0], v[1]-seen.Classes[i][1]) > 1e-9 {
				t.Errorf("%s moves the vector of class %d", test.loss, i)
			}
		}
	}
}

// A class-level step is softmax's gradient, in plain loops: p − y times γ, along the circle.
func TestRingMovesClassVectors(t *testing.T) {
	_, start := twelve()
	const gamma = 4
	set := training("normface", "every pair")
	set.Parameters = map[string]string{"gamma": "4"}
	ring, err := explorer.NewRing(backendtest.Go(t), set)
	if err != nil {
		t.Fatal(err)
	}
	defer ring.Close()
	seen, err := ring.Train(start, 1)
	if err != nil {
		t.Fatal(err)
	}
	images, classes := make([][2]float64, 12), make([][2]float64, 3) // the gradient
	for i, x := range start.Images {
		var odds [3]float64
		sum := 0.0
		for c, w := range start.Classes {
			odds[c] = math.Exp(gamma * (x[0]*w[0] + x[1]*w[1]))
			sum += odds[c]
		}
		for c, w := range start.Classes {
			g := gamma * odds[c] / sum / 12
			if int(set.Labels[i]) == c {
				g -= gamma / 12.0
			}
			cosine := x[0]*w[0] + x[1]*w[1]
			for k := range 2 {
				images[i][k] += g * (w[k] - cosine*x[k])
				classes[c][k] += g * (x[k] - cosine*w[k])
			}
		}
	}
	most := 0.0
	for _, g := range images {
		most = max(most, math.Hypot(g[0], g[1]))
	}
	near(t, "the rate", ring.Rate, 0.05/most)
	check := func(what string, from, to [][]float64, gradient [][2]float64) {
		for i := range from {
			x, y := from[i][0]-ring.Rate*gradient[i][0], from[i][1]-ring.Rate*gradient[i][1]
			near(t, what, to[i][0], x/math.Hypot(x, y))
			near(t, what, to[i][1], y/math.Hypot(x, y))
		}
	}
	check("an image", start.Images, seen.Images, images)
	check("a class vector", start.Classes, seen.Classes, classes)
}

// Every loss that the page offers trains with every miner, and no step leaves the circle.
func TestRingTakesEveryLoss(t *testing.T) {
	b := backendtest.Go(t)
	shown, _ := explorer.Losses(b)
	for _, s := range shown {
		if !s.Trains {
			continue
		}
		for _, miner := range explorer.Miners() {
			set := training(s.Name, miner)
			ring, err := explorer.NewRing(b, set)
			if err != nil {
				t.Errorf("%s with %s: %v", s.Name, miner, err)
				continue
			}
			seen, err := ring.Train(set.Start, 3)
			ring.Close()
			if err != nil {
				t.Errorf("%s with %s: %v", s.Name, miner, err)
				continue
			}
			for i, x := range seen.Images {
				if !(math.Abs(math.Hypot(x[0], x[1])-1) < 1e-9) {
					t.Errorf("%s with %s: image %d is at %v", s.Name, miner, i, x)
				}
			}
		}
	}
}

func TestRingRefuses(t *testing.T) {
	change := func(change func(*explorer.Training)) explorer.Training {
		set := training("circle", "every pair")
		change(&set)
		return set
	}
	for _, test := range []struct {
		name string
		set  explorer.Training
		want string
	}{
		{"a misspelt loss", training("cirle", "every pair"), "did you mean circle?"},
		{"an unknown miner", training("circle", "the best"), "unknown miner"},
		{"several centers", training("soft-triple", "every pair"), "several vectors per class"},
		{"no pace", change(func(s *explorer.Training) { s.Pace = 0 }), "above 0"},
		{"a label too many", change(func(s *explorer.Training) { s.Labels = append(s.Labels, 0) }), "a label for each"},
		{"a label without class", change(func(s *explorer.Training) { s.Labels = append([]int32{7}, s.Labels[1:]...) }), "image 0 must have a label of 0 to 2"},
		{"one class", change(func(s *explorer.Training) { s.Start.Classes = s.Start.Classes[:1] }), "at least 2 classes"},
		{"off the circle", change(func(s *explorer.Training) { s.Start.Images = append([][]float64{{2, 0}}, s.Start.Images[1:]...) }), "length 1"},
		{"a bad parameter", change(func(s *explorer.Training) { s.Parameters = map[string]string{"gamma": "-1"} }), "Gamma must be"},
	} {
		if _, err := explorer.NewRing(backendtest.Go(t), test.set); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.name, err, test.want)
		}
	}
}
