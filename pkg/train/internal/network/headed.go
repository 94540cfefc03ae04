package network

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Headed puts a head on a network that makes so many numbers of an image.
func Headed(below, head Architecture, numbers int) Architecture {
	return Architecture{
		Check: below.Check,
		New: func(backend compute.Backend, store *model.Store, s Spec, random Source) (Layers, error) {
			under := s
			under.Dim = numbers
			first, err := below.New(backend, store, under, random)
			if err != nil {
				return nil, err
			}
			s.Features = numbers
			second, err := head.New(backend, store, s, random)
			return headed{first, second}, err
		},
	}
}

// headed is layers and those of a head.
type headed struct{ below, head Layers }

// Embeddings implements [Layers].
func (h headed) Embeddings(inputs *graph.Node, training bool) *graph.Node {
	return h.head.Embeddings(h.below.Embeddings(inputs, training), training)
}

// Learnt implements [Layers]: those below come first.
func (h headed) Learnt() []*model.Variable { return append(h.below.Learnt(), h.head.Learnt()...) }

// Running implements [Layers].
func (h headed) Running() []*model.Variable { return append(h.below.Running(), h.head.Running()...) }

// Below lists the variables of a network's [Headed] layers that a gradient moves and that are not the head's.
func Below(l Layers) []*model.Variable {
	if h, ok := l.(headed); ok {
		return h.below.Learnt()
	}
	return l.Learnt()
}
