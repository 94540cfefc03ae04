package train

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Network says what an embedder looks like: four blocks of a 3×3 convolution without bias, batch normalisation, ReLU and a
// 2×2 maximum, with 1, 2, 4 and 4 times Width channels, then one dense layer to Dim numbers.
type Network struct {
	Size  int `json:"size"`  // pixels a side of an image, 16 to 64; 28 and 35 are measured
	Width int `json:"width"` // channels of the first block
	Dim   int `json:"dim"`   // numbers an embedding
}

// blocks is how many times an image is halved.
const blocks = 4

// Validate returns an error that names the first field out of its range.
func (n Network) Validate() error {
	switch {
	case n.Size < 16 || n.Size > 64:
		return fmt.Errorf("train: the image size must be in [16, 64] pixels, got %d", n.Size)
	case n.Width < 1 || n.Width > 512:
		return fmt.Errorf("train: the width must be in [1, 512] channels, got %d", n.Width)
	case n.Dim < 2 || n.Dim > 4096:
		return fmt.Errorf("train: the embedding's dimension must be in [2, 4096], got %d", n.Dim)
	}
	return nil
}

// channels is what comes out of each block.
func (n Network) channels() [blocks]int {
	return [blocks]int{n.Width, 2 * n.Width, 4 * n.Width, 4 * n.Width}
}

// flat is how many numbers the last block gives for an image.
func (n Network) flat() int {
	side := n.Size >> blocks
	return side * side * n.channels()[blocks-1]
}

// layers are a network's variables.
type layers struct {
	blocks      [blocks]block
	dense, bias *model.Variable
}

type block struct {
	kernel, scale, offset *model.Variable
	mean, variance        *model.Variable // running, for embedding
}

// newLayers makes the variables, drawn from random: uniform in ±1/√(inputs of a number), which batch normalisation makes
// nearly irrelevant but for how fast the first steps are.
func newLayers(store *model.Store, n Network, random source) layers {
	var l layers
	inputs := 1
	for i, channels := range n.channels() {
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
	l.dense = variable(store, "/embedder/dense/weights", random.uniform(n.flat()), n.flat(), n.Dim)
	l.bias = variable(store, "/embedder/dense/bias", constant(0), n.Dim)
	return l
}

// learnt lists the variables that a gradient moves.
func (l layers) learnt() []*model.Variable {
	var all []*model.Variable
	for _, b := range l.blocks {
		all = append(all, b.kernel, b.scale, b.offset)
	}
	return append(all, l.dense, l.bias)
}

// all lists what embeds: what is learnt, and the running moments.
func (l layers) all() []*model.Variable {
	all := l.learnt()
	for _, b := range l.blocks {
		all = append(all, b.mean, b.variance)
	}
	return all
}

// embeddings builds the network on images [batch, size, size, 1] of ink in [0, 1] and returns [batch, dim], not normalised.
// In training it normalises with the batch's own moments and moves the running ones a tenth of the way to them.
func (l layers) embeddings(images *graph.Node, training bool) *graph.Node {
	const ink, deviation = 0.08, 0.2 // of handwriting: brings pixels to about mean 0 and deviation 1
	g := images.Graph()
	x := graph.MulScalar(graph.AddScalar(images, -ink), 1/deviation)
	for i, b := range l.blocks {
		// The maximum before the ReLU gives the same values for a quarter of the work.
		x = relu(maxPool(b.normalized(x, i == 0, training)))
	}
	x = graph.Reshape(x, images.Shape().Dim(0), -1)
	x = graph.Add(graph.MatMul(x, l.dense.NodeValue(g)), graph.Reshape(l.bias.NodeValue(g), 1, -1))
	x.AssertDims(images.Shape().Dim(0), l.bias.Shape().Dim(0))
	return x
}

// normalized builds a block's convolution and batch normalisation. The first block's input are the images themselves.
func (b block) normalized(x *graph.Node, first, training bool) *graph.Node {
	g, kernel, d := x.Graph(), b.kernel.NodeValue(x.Graph()), x.Shape().Dimensions
	if first {
		x, kernel = patchesOf(x), graph.Reshape(kernel, 9, -1)
	} else {
		x = convolution(x, kernel)
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

// blend moves a running mean a tenth of the way to a batch's.
func blend(running, batch *graph.Node) *graph.Node {
	const momentum = 0.1
	return graph.Add(graph.MulScalar(running, 1-momentum), graph.MulScalar(graph.StopGradient(batch), momentum))
}

// classWeights makes the class vectors of a class-level loss, [classes, dim], of length about √dim.
func classWeights(store *model.Store, classes, dim int, random source) *model.Variable {
	return variable(store, "/classes/weights", random.normal(), classes, dim)
}

// variable makes a variable of float32 with the values of fill.
func variable(store *model.Store, path string, fill func() float32, dims ...int) *model.Variable {
	shape := shapes.Make(dtypes.Float32, dims...)
	values := make([]float32, shape.Size())
	for i := range values {
		values[i] = fill()
	}
	return store.VariableWithValue(path, tensorOf(values, dims...)).SetTrainable(false)
}
