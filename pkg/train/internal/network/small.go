package network

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Small is four blocks of a 3×3 convolution without bias, batch normalisation, ReLU and a 2×2 maximum, with 1, 2, 4 and 4 times Width
// channels, then one dense layer.
var Small = Architecture{
	Check: func(s Spec) error {
		if s.Size < 16 || s.Size > 64 {
			return fmt.Errorf("the image size must be in [16, 64] pixels, got %d", s.Size)
		}
		if s.Width < 1 || s.Width > 512 {
			return fmt.Errorf("the width must be in [1, 512] channels, got %d", s.Width)
		}
		return nil
	},
	New: func(_ compute.Backend, store *model.Store, s Spec, random Source) (Layers, error) {
		return newSmall(store, s, random), nil
	},
}

// blocks counts how many times an image is halved.
const blocks = 4

// small is the variables of a [Small] network.
type small struct {
	photo bool // colour: inputs are brought to mean 0 by other numbers
	half  bool // products but the first, which has the images', in bfloat16

	blocks      [blocks]block
	dense, bias *model.Variable
}

type block struct {
	kernel, scale, offset *model.Variable
	mean, variance        *model.Variable // running, for embedding
}

func newSmall(store *model.Store, s Spec, random Source) small {
	l, inputs := small{photo: s.Channels == 3, half: s.BFloat16}, s.Channels
	for i, channels := range [blocks]int{s.Width, 2 * s.Width, 4 * s.Width, 4 * s.Width} {
		in := func(name string) string { return fmt.Sprintf("/embedder/block%d/%s", i, name) }
		l.blocks[i] = block{
			kernel:   variable(store, in("kernel"), random.uniform(9*inputs), 3, 3, inputs, channels),
			scale:    variable(store, in("scale"), constant(1), channels),
			offset:   variable(store, in("offset"), constant(0), channels),
			mean:     variable(store, in("mean"), constant(0), channels),
			variance: variable(store, in("variance"), constant(1), channels),
		}
		inputs = channels
	}
	side := s.Size >> blocks
	flat := side * side * inputs // numbers that the last block gives for an image
	l.dense = variable(store, "/embedder/dense/weights", random.uniform(flat), flat, s.Dim)
	l.bias = variable(store, "/embedder/dense/bias", constant(0), s.Dim)
	return l
}

// Learnt implements [Layers].
func (l small) Learnt() []*model.Variable {
	var all []*model.Variable
	for _, b := range l.blocks {
		all = append(all, b.kernel, b.scale, b.offset)
	}
	return append(all, l.dense, l.bias)
}

// Running implements [Layers].
func (l small) Running() []*model.Variable {
	var all []*model.Variable
	for _, b := range l.blocks {
		all = append(all, b.mean, b.variance)
	}
	return all
}

// Embeddings implements [Layers]. The running moments move a tenth of the way to a batch's.
func (l small) Embeddings(images *graph.Node, training bool) *graph.Node {
	mean, deviation := 0.08, 0.2 // of ink in handwriting: brings pixels to about mean 0 and deviation 1
	if l.photo {
		mean, deviation = 0.45, 0.25
	}
	g := images.Graph()
	x := graph.MulScalar(graph.AddScalar(images, -mean), 1/deviation)
	for i, b := range l.blocks {
		// The maximum before the ReLU gives the same values for a quarter of the work.
		x = relu(maxPool(b.normalized(x, i == 0, training, l.half)))
	}
	x = graph.Reshape(x, images.Shape().Dim(0), -1)
	x = graph.Add(lowered(x, l.dense.NodeValue(g), l.half, graph.MatMul), graph.Reshape(l.bias.NodeValue(g), 1, -1))
	x.AssertDims(images.Shape().Dim(0), l.bias.Shape().Dim(0))
	return x
}

// normalized builds a block's convolution and batch normalisation. The first block's input are the images themselves.
func (b block) normalized(x *graph.Node, first, training, half bool) *graph.Node {
	g, kernel, d := x.Graph(), b.kernel.NodeValue(x.Graph()), x.Shape().Dimensions
	if first {
		x, kernel = patchesOf(x), graph.Reshape(kernel, 9*d[3], -1)
	} else {
		x = lowered(x, kernel, half, func(x, kernel *graph.Node) *graph.Node { return convolve(x, kernel, 1) })
	}
	mean, variance := b.mean.NodeValue(g), b.variance.NodeValue(g)
	if training {
		var batchMean, batchVariance *graph.Node
		if first {
			batchMean, batchVariance = momentsOfProduct(x, kernel)
		} else {
			batchMean, batchVariance = moments(x)
		}
		b.mean.SetNodeValue(blend(mean, batchMean))
		b.variance.SetNodeValue(blend(variance, batchVariance))
		mean, variance = batchMean, batchVariance
	}
	scale, offset := b.scale.NodeValue(g), b.offset.NodeValue(g)
	if first {
		return graph.Reshape(normalizedProduct(x, kernel, mean, variance, scale, offset), d[0], d[1], d[2], -1)
	}
	return normalize(x, mean, variance, scale, offset)
}

// Kept implements [Blender].
func (small) Kept() float64 { return 1 - momentum }

// momentum says how much of the way to a batch's a running mean moves.
const momentum = 0.1

// blend moves a running mean towards a batch's.
func blend(running, batch *graph.Node) *graph.Node {
	return graph.Add(graph.MulScalar(running, 1-momentum), graph.MulScalar(graph.StopGradient(batch), momentum))
}
