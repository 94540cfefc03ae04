package network

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Raw returns the architecture that leaves its inputs, features or the pixels of images, as they are: it has nothing to learn.
func Raw(features bool) Architecture {
	return Architecture{
		Features: features,
		Check: func(s Spec) error {
			if !features && (s.Size < 1 || s.Size > 1024) {
				return fmt.Errorf("the image size must be in [1, 1024] pixels, got %d", s.Size)
			}
			return nil
		},
		New: func(_ compute.Backend, _ *model.Store, s Spec, _ Source) (Layers, error) {
			numbers := 1
			for _, d := range s.InputShape() {
				numbers *= d
			}
			if s.Dim != numbers {
				return nil, fmt.Errorf("train: %s leaves %d numbers as they are, and embeddings were to have %d", s.Name, numbers, s.Dim)
			}
			return raw{}, nil
		},
	}
}

type raw struct{}

// Embeddings implements [Layers].
func (raw) Embeddings(inputs *graph.Node, _ bool) *graph.Node {
	return graph.Reshape(inputs, inputs.Shape().Dim(0), -1)
}

// Learnt implements [Layers].
func (raw) Learnt() []*model.Variable { return nil }

// Running implements [Layers].
func (raw) Running() []*model.Variable { return nil }
