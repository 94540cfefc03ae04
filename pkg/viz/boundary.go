package viz

import (
	"fmt"
	"math"
)

// Boundary is a decision boundary: where a loss with K = L = 1 changes from pushing to resting.
type Boundary struct {
	Name  string      // what the legend calls it
	Curve []ScorePair // from one end to the other; of none nothing is drawn
}

// between returns the i-th point of the curve and points on the way to the next, no farther apart than a distance.
func (b Boundary) between(i int, distance float64) (points []ScorePair) {
	a := b.Curve[i]
	if i+1 == len(b.Curve) {
		return []ScorePair{a}
	}
	end := b.Curve[i+1]
	n := int(math.Ceil(math.Hypot(end.Sn-a.Sn, end.Sp-a.Sp)/distance)) + 1
	for k := range n {
		t := float64(k) / float64(n)
		points = append(points, ScorePair{Sn: a.Sn + float64(t*(end.Sn-a.Sn)), Sp: a.Sp + float64(t*(end.Sp-a.Sp))})
	}
	return points
}

// LineBoundary returns the line s_n − s_p = −m, the boundary of every loss that reduces s_n − s_p: triplet, AM-Softmax, the unified
// formula.
func LineBoundary(margin float64) Boundary {
	const far = 2 // beyond any similarity; figures cut it
	return Boundary{
		Name:  fmt.Sprintf("s_n − s_p = −%s", short(margin)),
		Curve: []ScorePair{{Sn: -far, Sp: -far + margin}, {Sn: far, Sp: far + margin}},
	}
}

// CircleBoundary returns the circle s_n² + (s_p − 1)² = 2m² round the optimum (0, 1), the boundary of the circle loss.
func CircleBoundary(margin float64) Boundary {
	const pieces = 180
	radius := math.Sqrt2 * margin
	curve := make([]ScorePair, pieces+1)
	for i := range curve {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / pieces)
		curve[i] = ScorePair{Sn: radius * cos, Sp: 1 + float64(radius*sin)}
	}
	return Boundary{Name: fmt.Sprintf("s_n² + (s_p − 1)² = 2 · %s²", short(margin)), Curve: curve}
}

// DistanceBoundary returns the curve d_n − d_p = m for the distances d = √(2 − 2s) of vectors of length 1. It is the boundary of a triplet
// loss with [losses.NegativeL2] on normalised embeddings.
func DistanceBoundary(margin float64) Boundary {
	const pieces = 200
	b := Boundary{Name: fmt.Sprintf("d_n − d_p = %s", short(margin))}
	for i := range pieces + 1 {
		toPositive := (2 - margin) * float64(i) / pieces // from s_p = 1 to where d_n is greatest
		toNegative := toPositive + margin
		b.Curve = append(b.Curve, ScorePair{Sn: 1 - toNegative*toNegative/2, Sp: 1 - toPositive*toPositive/2})
	}
	return b
}
