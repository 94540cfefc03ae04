package views

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Unlabelled returns the set in which each image is a class of its own. A batch of P classes × 2 images is then two views of P images, as
// augmentation makes them.
func Unlabelled(set data.Dataset) data.Dataset {
	u := unlabelled{Dataset: set}
	for i := range set.Len() {
		u.classes = append(u.classes, fmt.Sprint("image ", i))
	}
	return u
}

type unlabelled struct {
	data.Dataset
	classes []string
}

func (u unlabelled) Name() string      { return u.Dataset.Name() + " without labels" }
func (u unlabelled) Classes() []string { return u.classes }
func (u unlabelled) Label(i int) int   { return i }

// Attraction draws the positives together and has no negatives: −mean over p of s_p. By itself it is least when all vectors are one;
// with a predictor before it, and the other side held constant, it is SimSiam.
//
// X. Chen, K. He, "Exploring Simple Siamese Representation Learning", CVPR 2021, eq. 1 and 2.
type Attraction struct{}

// PerAnchor implements [losses.Loss].
func (Attraction) PerAnchor(s losses.Scores) *graph.Node {
	return graph.Neg(stable.MaskedMean(s.Similarity, s.Positive))
}

// Anchors implements [losses.Loss]: those with a positive.
func (Attraction) Anchors(s losses.Scores) *graph.Node { return stable.Any(s.Positive) }

// Validate implements [losses.Loss]: there is nothing to set.
func (Attraction) Validate() error { return nil }
