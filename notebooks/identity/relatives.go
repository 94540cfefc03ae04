package identity

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Kind says how a loss stands to the paper's equation (1).
type Kind string

// The kinds, the nearest first.
const (
	Exact   Kind = "eq. (1) itself"
	Logit   Kind = "eq. (1), another logit"
	Softly  Kind = "another sum, the same softmax"
	Another Kind = "not of this form"
)

// Relative is a loss that the paper names, and where it belongs.
type Relative struct {
	Name  string
	Kind  Kind
	Loss  losses.Loss
	Scale float64 // γ of the logits; 0 where the loss has none
	How   string  // what it is beside eq. (1)
}

// Relatives lists the fifteen losses that the paper names as class-level and pair-wise ones.
func Relatives() []Relative {
	return []Relative{
		{"NormFace", Exact, losses.NormFace{Gamma: 16}, 16, "m = 0, cosine, K = 1"},
		{"AM-Softmax", Exact, losses.AMSoftmax{Margin: 0.35, Gamma: 16}, 16, "cosine, K = 1"},
		{"CosFace", Exact, losses.AMSoftmax{Margin: 0.35, Gamma: 16}, 16, "AM-Softmax by another name"},
		{"N-pair", Exact, losses.NPair{}, 1, "m = 0, γ = 1, inner product, K = 1"},
		{"triplet", Exact, losses.Triplet{Margin: 0.2, Mining: losses.MineHard}, 0, "γ → ∞, hard mining"},
		{"L2-Softmax", Logit, losses.L2Softmax{Alpha: 16}, 16, "class vectors keep their length; γ is α"},
		{"L-Softmax", Logit, losses.DefaultLargeMarginSoftmax(), 1, "cos mθ for cos θ; both lengths count"},
		{"SphereFace", Logit, losses.SphereFace{Margin: 4, Lambda: 5}, 1, "cos mθ for cos θ; the embedding's length counts"},
		{"ArcFace", Logit, losses.ArcFace{Margin: 0.5, Gamma: 16}, 16, "cos(θ + m) for cos θ"},
		{"lifted structure", Softly, losses.DefaultLiftedStructure(), 0, "a softmax over the negatives of both images, for each positive alone"},
		{"multi-similarity", Softly, losses.DefaultMultiSimilarity(), 0, "a sum for each side: no negative is measured against a positive"},
		{"contrastive", Another, losses.DefaultContrastive(), 0, "each pair against a fixed distance"},
		{"margin", Another, losses.DefaultMargin(), 0, "each pair against a boundary"},
		{"histogram", Another, losses.DefaultHistogram(), 0, "the two distributions of the whole batch"},
		{"angular", Another, losses.DefaultAngular(), 0, "the angle at the negative"},
	}
}

// Place holds what the plane of one s_p and one s_n shows of a loss.
type Place struct {
	Seen    bool    // it has a gradient there; else it looks at more than an anchor's row
	Unequal float64 // how far its pushes on s_n and s_p differ in size at most, by the greatest push: 0 for a loss of s_n − s_p
	Logit   float64 // how far the own logit that its value implies, over γ, changes with s_n; NaN for a loss without a scale
}

// PlaceOf looks at a loss on a grid over the unit square.
func PlaceOf(b compute.Backend, r Relative) (Place, error) {
	const n = 21
	var at []viz.ScorePair
	for i := range n * n {
		at = append(at, viz.ScorePair{Sn: 0.02 + 0.96*float64(i%n)/(n-1), Sp: 0.02 + 0.96*float64(i/n)/(n-1)})
	}
	if _, beyond := losses.LooksBeyondRow(r.Loss); beyond {
		return Place{}, nil
	}
	gradients, err := viz.Gradients(b, r.Loss, at)
	if err != nil {
		return Place{}, fmt.Errorf("identity: %s: %w", r.Name, err)
	}
	place := Place{Seen: true, Logit: math.NaN()}
	greatest := 0.0
	for _, g := range gradients {
		greatest = max(greatest, math.Abs(g.Sn), math.Abs(g.Sp))
		place.Unequal = max(place.Unequal, math.Abs(math.Abs(g.Sn)-math.Abs(g.Sp)))
	}
	place.Unequal /= greatest
	if r.Scale == 0 {
		return place, nil
	}
	place.Logit = 0
	for row := range n {
		low, high := math.Inf(1), math.Inf(-1)
		for column := range n {
			i := row*n + column
			own := at[i].Sn - math.Log(math.Expm1(gradients[i].Loss))/r.Scale // L = log(1 + e^γ(s_n − own))
			low, high = min(low, own), max(high, own)
		}
		place.Logit = max(place.Logit, high-low)
	}
	return place, nil
}

// Family compares the paper's fifteen losses with eq. (1), a row each, as text.
func Family(b compute.Backend) (header []string, rows [][]string, err error) {
	for _, r := range Relatives() {
		place, err := PlaceOf(b, r)
		if err != nil {
			return nil, nil, err
		}
		unequal, logit := "looks at other rows", "–"
		if place.Seen {
			unequal = fmt.Sprintf("%.0f %%", 100*place.Unequal)
		}
		if place.Seen && r.Scale > 0 {
			logit = fmt.Sprintf("%.0e", place.Logit)
		}
		rows = append(rows, []string{r.Name, string(r.Kind), r.How, unequal, logit})
	}
	return []string{"loss", "is", "how", "pushes on s_n and s_p differ by, at most", "own logit moves with s_n by"}, rows, nil
}
