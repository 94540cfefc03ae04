// Package network holds the networks that embed: for each architecture its variables and the graph that they make. A new architecture
// is a file here with a value of [Architecture], and a name in package train.
package network

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Architecture is a kind of network: what it takes in, how large it may be, its variables and its graph.
type Architecture struct {
	Features   bool // its inputs are features [batch, features], and else images [batch, size, size, channels] of numbers in [0, 1]
	Colour     bool // its images have three channels, whatever those of the data set have
	Pretrained bool // its first values may come from a file: its layers are [Loader]

	// Check returns an error that names a size which the architecture cannot have.
	Check func(Spec) error
	// New makes the variables in the store, under /embedder, with values drawn from random.
	New func(backend compute.Backend, store *model.Store, s Spec, random Source) (Layers, error)
}

// Spec says how large a network is.
type Spec struct {
	Name     string // of the architecture, for messages
	Features int    // numbers per example of features; 0 for images
	Size     int    // pixels per side of an image
	Channels int    // of an image
	Width    int    // channels of the first block, or hidden numbers
	Dim      int    // numbers per embedding
	BFloat16 bool   // products are in bfloat16
}

// InputShape returns that of one example.
func (s Spec) InputShape() []int {
	if s.Features > 0 {
		return []int{s.Features}
	}
	return []int{s.Size, s.Size, s.Channels}
}

// Layers are a network's variables.
type Layers interface {
	// Embeddings builds the network on inputs [batch, InputShape…] and returns [batch, dim], not normalised. In training it
	// normalises with the batch's own moments and moves the running ones towards them.
	Embeddings(inputs *graph.Node, training bool) *graph.Node
	// Learnt lists the variables that a gradient moves.
	Learnt() []*model.Variable
	// Running lists those that follow the batches: moments, for embedding.
	Running() []*model.Variable
}

// Blender is layers whose running moments keep a share of what they were in each batch, and take the rest from the batch's.
type Blender interface{ Kept() float64 }

// Loader is layers whose first values may come from a file.
type Loader interface{ Load(path string) error }

// All lists what embeds.
func All(l Layers) []*model.Variable { return append(l.Learnt(), l.Running()...) }
