package network

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// ResNet18 and ResNet50 are residual networks with one dense layer at their end, for images in colour.
var (
	ResNet18 = residual(18)
	ResNet50 = residual(50)
)

// residual returns the architecture of so many layers.
func residual(layers int) Architecture {
	return Architecture{
		Colour: true, Pretrained: true,
		Check: func(s Spec) error {
			if s.Size < 32 || s.Size > 512 {
				return fmt.Errorf("the image size must be in [32, 512] pixels for %s, got %d", s.Name, s.Size)
			}
			return nil
		},
		New: func(_ compute.Backend, store *model.Store, s Spec, random Source) (Layers, error) {
			return newResNet(store, layers, s, random), nil
		},
	}
}

// resnet is the variables of a residual network, in the form that torchvision and timm give away. That is version 1.5: the stride of a
// bottleneck is in its 3×3 convolution. At its end are the mean over all pixels and one dense layer to Dim numbers.
//
//	K. He et al., "Deep Residual Learning for Image Recognition", CVPR 2016.
type resnet struct {
	bottleneck  bool
	half        bool // products in bfloat16
	depths      [4]int
	variables   map[string]*model.Variable // by their names in PyTorch; kernels are [height, width, inputs, outputs]
	names       []string                   // in the order they were made
	dense, bias *model.Variable
}

func newResNet(store *model.Store, layers int, s Spec, random Source) resnet {
	r := resnet{half: s.BFloat16, variables: make(map[string]*model.Variable), depths: [4]int{2, 2, 2, 2}}
	if layers == 50 {
		r.bottleneck, r.depths = true, [4]int{3, 4, 6, 3}
	}
	add := func(name string, fill func() float32, dims ...int) {
		r.variables[name] = variable(store, "/embedder/"+name, fill, dims...)
		r.names = append(r.names, name)
	}
	// Normal with the deviation √(2 / (pixels · outputs)), as in the paper's own code.
	convolution := func(name string, size, inputs, outputs int) {
		deviation := float32(math.Sqrt(2 / float64(size*size*outputs)))
		add(name+".weight", random.normal(deviation), size, size, inputs, outputs)
	}
	norm := func(name string, channels int) {
		add(name+".weight", constant(1), channels)
		add(name+".bias", constant(0), channels)
		add(name+".running_mean", constant(0), channels)
		add(name+".running_var", constant(1), channels)
	}
	convolution("conv1", 7, 3, 64)
	norm("bn1", 64)
	inputs := 64
	for stage, depth := range r.depths {
		width := 64 << stage
		outputs := width
		if r.bottleneck {
			outputs = 4 * width
		}
		for block := range depth {
			name := blockName(stage, block)
			if r.bottleneck {
				convolution(name+"conv1", 1, inputs, width)
				norm(name+"bn1", width)
				convolution(name+"conv2", 3, width, width)
				norm(name+"bn2", width)
				convolution(name+"conv3", 1, width, outputs)
				norm(name+"bn3", outputs)
			} else {
				convolution(name+"conv1", 3, inputs, width)
				norm(name+"bn1", width)
				convolution(name+"conv2", 3, width, width)
				norm(name+"bn2", width)
			}
			if block == 0 && (stage > 0 || inputs != outputs) {
				convolution(name+"downsample.0", 1, inputs, outputs)
				norm(name+"downsample.1", outputs)
			}
			inputs = outputs
		}
	}
	r.dense = variable(store, "/embedder/dense/weights", random.uniform(inputs), inputs, s.Dim)
	r.bias = variable(store, "/embedder/dense/bias", constant(0), s.Dim)
	return r
}

func blockName(stage, block int) string { return fmt.Sprintf("layer%d.%d.", stage+1, block) }

// Learnt implements [Layers].
func (r resnet) Learnt() []*model.Variable {
	var all []*model.Variable
	for _, name := range r.names {
		if !isRunning(name) {
			all = append(all, r.variables[name])
		}
	}
	return append(all, r.dense, r.bias)
}

// Kept implements [Blender].
func (resnet) Kept() float64 { return 1 - momentum }

// Running implements [Layers].
func (r resnet) Running() []*model.Variable {
	var all []*model.Variable
	for _, name := range r.names {
		if isRunning(name) {
			all = append(all, r.variables[name])
		}
	}
	return all
}

// The means and deviations of ImageNet's red, green and blue, which networks from there were trained with.
var (
	imageNetMean      = []float32{0.485, 0.456, 0.406}
	imageNetDeviation = []float32{0.229, 0.224, 0.225}
)

// Embeddings implements [Layers].
func (r resnet) Embeddings(images *graph.Node, training bool) *graph.Node {
	x := r.features(images, training)
	return graph.Add(lowered(x, r.dense.NodeValue(x.Graph()), r.half, graph.MatMul), graph.Reshape(r.bias.NodeValue(x.Graph()), 1, -1))
}

// features builds the network up to the mean over all pixels, [batch, 512 or 2048].
func (r resnet) features(images *graph.Node, training bool) *graph.Node {
	g := images.Graph()
	row := func(v []float32) *graph.Node { return graph.Reshape(graph.Const(g, v), 1, 1, 1, 3) }
	x := graph.Div(graph.Sub(images, row(imageNetMean)), row(imageNetDeviation))
	// The maximum before the ReLU gives the same values for a quarter of the work.
	x = relu(maxPool3(r.norm("bn1", r.convolve("conv1", x, 2), training)))
	for stage, depth := range r.depths {
		for block := range depth {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = r.block(blockName(stage, block), x, stride, training)
		}
	}
	return graph.ReduceMean(x, 1, 2)
}

// block adds to its input what two or three convolutions make of it.
func (r resnet) block(name string, x *graph.Node, stride int, training bool) *graph.Node {
	part := func(i, stride int, x *graph.Node) *graph.Node {
		return r.norm(fmt.Sprintf("%sbn%d", name, i), r.convolve(fmt.Sprintf("%sconv%d", name, i), x, stride), training)
	}
	var y *graph.Node
	if r.bottleneck {
		y = part(3, 1, relu(part(2, stride, relu(part(1, 1, x)))))
	} else {
		y = part(2, 1, relu(part(1, stride, x)))
	}
	if r.variables[name+"downsample.0.weight"] != nil {
		x = r.norm(name+"downsample.1", r.convolve(name+"downsample.0", x, stride), training)
	}
	return relu(graph.Add(x, y))
}

func (r resnet) convolve(name string, x *graph.Node, stride int) *graph.Node {
	kernel := r.variables[name+".weight"].NodeValue(x.Graph())
	return lowered(x, kernel, r.half, func(x, kernel *graph.Node) *graph.Node { return convolve(x, kernel, stride) })
}

func (r resnet) norm(name string, x *graph.Node, training bool) *graph.Node {
	v := func(part string) *model.Variable { return r.variables[name+part] }
	g := x.Graph()
	mean, variance := v(".running_mean").NodeValue(g), v(".running_var").NodeValue(g)
	if training {
		batchMean, batchVariance := moments(x)
		v(".running_mean").SetNodeValue(blend(mean, batchMean))
		v(".running_var").SetNodeValue(blend(variance, batchVariance))
		mean, variance = batchMean, batchVariance
	}
	return normalize(x, mean, variance, v(".weight").NodeValue(g), v(".bias").NodeValue(g))
}
