package train

import (
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// Config says what to train and how. It is a plain value that JSON keeps whole; a checkpoint carries it, with what [Run] filled in.
// Start from [DefaultConfig].
type Config struct {
	Loss       string            `json:"loss"`                 // a name of [losses.Catalogue]
	Set        map[string]string `json:"set,omitempty"`        // parameters of the loss that differ from its default
	Similarity string            `json:"similarity,omitempty"` // a name of [losses.Similarities]; empty is the loss's own
	Labels     losses.Labels     `json:"labels,omitempty"`     // pair-wise or class-level; empty is the loss's own
	Reduction  string            `json:"reduction"`            // a name of [losses.Reductions]

	Network
	// Weights is a safetensors file with the first values of a residual network, under the names of torchvision or timm; empty draws
	// them. A run that is resumed does not read it again.
	Weights string `json:"weights,omitempty"`
	// From is the directory of another run, or a safetensors file of [Embedder.WriteWeights], whose network is the first values: fine-tuning.
	// The network must be the same. What only training has, class weights, a predictor and the optimiser's means, begins anew. A run
	// that is resumed does not read it again.
	From string `json:"from,omitempty"`
	// FromSum is the SHA-256 of the weights that From had, in hexadecimals. Where it is empty [Run] fills it in; where it is not, other
	// weights are refused.
	FromSum string `json:"from_sha256,omitempty"`

	// Predictor is the hidden numbers of a network that only training sees, between the embeddings and the loss, as SimSiam has it. What is
	// compared with the embeddings of a batch is what it foretells of each image. 0 is none.
	Predictor int `json:"predictor,omitempty"`
	// PredictorMoves lets what is foretold come to meet the foretelling, where SimSiam holds it constant: its authors' ablation of the stop.
	PredictorMoves bool `json:"predictor_moves,omitempty"`

	Classes  int `json:"classes"`   // P, the classes of a batch; 0 is 24, or as many as there are to learn from
	PerClass int `json:"per_class"` // K, the images of each class
	// Pieces is in how many parts a batch goes through the network, where it does not fit at once; the loss is that of the whole batch.
	// 0 is 1. Batch normalisation takes the moments of a piece.
	Pieces int `json:"pieces,omitempty"`
	// FrozenNorm normalises by the running moments of batch normalisation in training too, and leaves them. It is for networks whose weights
	// come from a file, and for batches too small for moments of their own.
	FrozenNorm bool     `json:"frozen_norm,omitempty"`
	Sampling   Sampling `json:"sampling,omitempty"` // how the P·K images of a batch are drawn; empty is by class

	// ViewPairs lets an image that comes twice in a batch, since its class has fewer than PerClass, be a pair with itself. Its two views,
	// changed at random in different ways, are brought together whatever is in them. Where each image is a class of its own, that is
	// training without labels. False leaves such pairs out.
	ViewPairs bool `json:"view_pairs,omitempty"`

	// CrossBatch is the slots of a memory that each batch is compared with: the embeddings of the last images, as they were then. It is for
	// pair-wise losses that look at an anchor's row alone. 0 is none. See [losses.Memory].
	CrossBatch int `json:"cross_batch,omitempty"`
	// CrossBatchWarmup is the first steps, in which the memory is filled and not looked at; 0 is Warmup.
	CrossBatchWarmup int `json:"cross_batch_warmup,omitempty"`

	// HardClasses draws batches of classes that are taken for each other, which are found anew every so many steps, by the means of the
	// embeddings of [HardClassImages] images per class. The first of these steps draw classes as they come. 0 is never.
	HardClasses int `json:"hard_classes,omitempty"`

	SuperClasses int `json:"super_classes,omitempty"` // how many super-classes a batch draws from, see [data.PairBatches]; 0 ignores them

	Steps             int     `json:"steps"`               // batches in all
	Warmup            int     `json:"warmup"`              // steps over which the learning rate rises from 0; all but the last of a short run
	LearningRate      float64 `json:"learning_rate"`       // at its highest; half a cosine down to 0 follows
	WeightDecay       float64 `json:"weight_decay"`        // of the network, decoupled (AdamW)
	ClassLearningRate float64 `json:"class_learning_rate"` // of a class-level loss's class weights, which do not decay
	Descent
	// Precision is that of the network's products in training: empty is float32, [PrecisionBFloat16] the faster one where the device
	// has it. Weights, moments, loss and optimiser are float32 in any case, and embedding is.
	Precision Precision `json:"precision,omitempty"`
	Seed      uint64    `json:"seed"` // of everything random

	ClassSample ClassSample `json:"class_sample,omitzero"` // for many classes; the zero value looks at all in each step
	// ClassBlock is how many classes a class-level loss takes at a time, exactly but for rounding, when all would be too many at once. Their
	// weights then stay on the host, and the step goes over them in blocks. 0 chooses blocks where the scores of a batch with all classes
	// take more than 256 MB.
	ClassBlock int `json:"class_block,omitempty"`
	// Streamed takes a pair-wise loss in blocks of the batch, exactly but for rounding, see [losses.Stream]: embeddings first, then the
	// loss and its gradient, then the network. False lets a run choose: batches beyond 8192 images are taken so where the loss can be.
	Streamed bool `json:"streamed,omitempty"`

	Augment data.Augment `json:"augment"` // how images are changed at random; the zero value leaves them, and features always are left
	// SeenVariants is in how many ways, besides as it is, each picture went through a network from elsewhere that does not learn, changed by
	// Augment. The set that [Run] is given knows these ways ([data.Ways]), and each step draws one of them all. 0 is as it is alone.
	SeenVariants int `json:"seen_variants,omitempty"`

	Validation Validation `json:"validation,omitzero"` // the zero value trains on all classes
}

// Precision is that of a network's products.
type Precision string

// PrecisionBFloat16 has the range of float32 and 8 bits of its digits, so that losses need no scaling.
const PrecisionBFloat16 Precision = "bfloat16"

// Sampling says how the images of a batch are drawn.
type Sampling string

// The ways to draw a batch.
const (
	SampleClasses Sampling = ""       // P classes, K images of each
	SampleRandom  Sampling = "random" // P·K images of whatever class: few anchors have a positive where classes are many
)

// DefaultConfig returns the recipe that README's table is measured with: Circle loss, 28 pixels, 700 steps of 24 classes × 4
// images.
func DefaultConfig() Config {
	return Config{
		Loss: "circle", Reduction: "mean",
		Network:  Network{Size: 28, Width: 32, Dim: 128},
		PerClass: 4,
		Steps:    700, Warmup: 50, LearningRate: 3e-3, WeightDecay: 1e-4, ClassLearningRate: 0.1,
		Augment: data.DefaultAugment(),
	}
}

// defaultClasses is the number of classes per batch where that is left open, and there are as many.
const defaultClasses = 24

// filled fills in what the configuration leaves open, as far as that does not go by the data; own is whether there is a set to validate
// with.
func (c Config) filled(own bool) Config {
	c.Warmup = min(c.Warmup, max(0, c.Steps-1))
	if c.onFeatures() { // the defaults are for images
		c.Size = 0
		if c.SeenVariants == 0 {
			c.Augment = data.Augment{}
		}
	}
	if c.CrossBatch > 0 && c.CrossBatchWarmup == 0 {
		c.CrossBatchWarmup = c.Warmup
	}
	if c.Validation.Every == 0 && (own || c.Validation != Validation{}) {
		c.Validation.Every = defaultEvery
	}
	return c
}
