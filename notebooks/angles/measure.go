package angles

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

const degree = math.Pi / 180

// Map draws the network: the drawings of a part, the class vectors and what belongs to each class at the mean length
// of an embedding.
func (l Learnt) Map(b compute.Backend, title string, part Embedded) (viz.ClassMap, error) {
	m := viz.ClassMap{Title: title, Points: part.Points, Labels: part.Labels, Weights: points(l.Weights)}
	var err error
	m.Sectors, err = viz.ClassSectors(b, l.Loss, l.Similarity, l.Weights, max(part.length(), 1e-6))
	return m, err
}

// Empty draws a loss without drawings: what belongs to each of some class vectors at a length of the embedding.
func (r Recipe) Empty(b compute.Backend, weights [][]float64, length float64) (viz.ClassMap, error) {
	sectors, err := viz.ClassSectors(b, r.Loss, r.Similarity, weights, length)
	return viz.ClassMap{Title: r.Name, Weights: points(weights), Sectors: sectors}, err
}

func points(vectors [][]float64) []viz.Point {
	all := make([]viz.Point, len(vectors))
	for i, v := range vectors {
		all[i] = viz.Point{X: v[0], Y: v[1]}
	}
	return all
}

// Gap measures the margin between two classes whose vectors are apart by an angle: how many degrees, on the way from one to the
// other, belong to neither. ok is false when a class has no direction at all.
func (r Recipe) Gap(b compute.Backend, apart, length float64) (degrees float64, ok bool, err error) {
	vector := func(angle float64) []float64 { return []float64{math.Cos(angle * degree), math.Sin(angle * degree)} }
	sectors, err := viz.ClassSectors(b, r.Loss, r.Similarity, [][]float64{vector(-apart / 2), vector(apart / 2)}, length)
	if err != nil {
		return 0, false, err
	}
	// A class may have several sectors; the edges that face each other are the nearest to the middle, which is at 0.
	edges := [2]float64{math.Inf(1), math.Inf(1)}
	for _, s := range sectors {
		edge := math.Remainder(map[int32]float64{0: s.To, 1: s.From}[s.Class], 2*math.Pi)
		if math.Abs(edge) < math.Abs(edges[s.Class]) {
			edges[s.Class] = edge
		}
	}
	gap := (edges[1] - edges[0]) / degree
	return gap, !math.IsNaN(gap) && !math.IsInf(gap, 0), nil
}

// length returns the mean length of the embeddings.
func (e Embedded) length() float64 {
	sum := 0.0
	for _, p := range e.Points {
		sum += math.Hypot(p.X, p.Y)
	}
	return sum / float64(len(e.Points))
}

// middles returns the directions of the classes: of the sums of their embeddings, each brought to length 1.
func (e Embedded) middles() map[int32]float64 {
	x, y := map[int32]float64{}, map[int32]float64{}
	for i, p := range e.Points {
		sin, cos := math.Sincos(math.Atan2(p.Y, p.X))
		x[e.Labels[i]] += cos
		y[e.Labels[i]] += sin
	}
	all := map[int32]float64{}
	for class := range x {
		all[class] = math.Atan2(y[class], x[class])
	}
	return all
}

// Within returns the mean angle of an embedding with the middle of its class, in degrees.
func (e Embedded) Within() float64 {
	middles, sum := e.middles(), 0.0
	for i, p := range e.Points {
		sum += math.Abs(math.Remainder(math.Atan2(p.Y, p.X)-middles[e.Labels[i]], 2*math.Pi))
	}
	return sum / float64(len(e.Points)) / degree
}

// Nearest returns the angle between the two nearest middles, in degrees.
func (e Embedded) Nearest() float64 {
	middles, nearest := e.middles(), 180.0
	for a, x := range middles {
		for b, y := range middles {
			if a < b {
				nearest = min(nearest, math.Abs(math.Remainder(x-y, 2*math.Pi))/degree)
			}
		}
	}
	return nearest
}

// Error returns the share of the drawings that are taken for another class.
func (e Embedded) Error() float64 {
	wrong := 0.0
	for i, class := range e.Predicted {
		if class != e.Labels[i] {
			wrong++
		}
	}
	return wrong / float64(len(e.Predicted))
}

// Table measures networks, a row each, as text.
func Table(learnt ...Learnt) (header []string, rows [][]string) {
	for _, l := range learnt {
		rows = append(rows, []string{l.Name, fmt.Sprintf("%.1f°", l.Learn.Within()), fmt.Sprintf("%.1f°", l.Test.Within()),
			fmt.Sprintf("%.1f°", l.Learn.Nearest()), fmt.Sprintf("%.1f", l.Learn.length()),
			fmt.Sprintf("%.0f %%", 100*l.Learn.Error()), fmt.Sprintf("%.0f %%", 100*l.Test.Error())})
	}
	return []string{"loss", "within a class", "within, new drawings", "between the nearest two", "mean length", "error", "error, new drawings"}, rows
}

// Target returns what a loss makes of the angle with the own class, for embeddings and vectors of length 1. It is the logit that it
// compares with those of other classes, divided by scale. It is found from the loss's values beside one class at a right angle, whose
// logit is 0.
func Target(b compute.Backend, name string, loss losses.Loss, scale float64) (viz.Curve, error) {
	curve := viz.Curve{Name: name}
	var at []viz.ScorePair
	for angle := 0.0; angle <= 180; angle += 2 {
		curve.X = append(curve.X, angle)
		at = append(at, viz.ScorePair{Sp: math.Cos(angle * degree)})
	}
	gradients, err := viz.Gradients(b, loss, at)
	for _, g := range gradients {
		curve.Mean = append(curve.Mean, -math.Log(math.Expm1(g.Loss))/scale)
	}
	return curve, err
}
