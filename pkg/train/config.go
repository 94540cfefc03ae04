package train

import (
	"fmt"
	"math"
	"reflect"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// Config says what to train and how. It is a plain value that JSON keeps whole; a checkpoint carries it. Start from
// [DefaultConfig].
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

	Predictor int `json:"predictor,omitempty"` // hidden numbers of a predictor before the loss, see predictor.go; 0 is none
	Classes   int `json:"classes"`             // P, the classes of a batch
	PerClass  int `json:"per_class"`           // K, the images of each class
	// Pieces is in how many parts a batch goes through the network, where it does not fit at once; the loss is that of the whole batch.
	// 0 is 1. See pieces.go for what that means for batch normalisation.
	Pieces int `json:"pieces,omitempty"`
	// FrozenNorm normalises by the running moments of batch normalisation in training too, and leaves them: for networks whose weights
	// come from a file, and for batches too small for moments of their own.
	FrozenNorm bool     `json:"frozen_norm,omitempty"`
	Sampling   Sampling `json:"sampling,omitempty"` // how the P·K images of a batch are drawn; empty is by class

	// ViewPairs lets an image that comes twice in a batch, since its class has fewer than PerClass, be a pair with itself. Its two views,
	// changed at random in different ways, are brought together whatever is in them. Where each image is a class of its own, that is
	// training without labels. False leaves such pairs out.
	ViewPairs bool `json:"view_pairs,omitempty"`

	SuperClasses int `json:"super_classes,omitempty"` // kinds of classes in a batch, see [data.PairBatches]; 0 pays them no heed

	Steps             int     `json:"steps"`               // batches in all
	Warmup            int     `json:"warmup"`              // steps over which the learning rate rises from 0
	LearningRate      float64 `json:"learning_rate"`       // at its highest; half a cosine down to 0 follows
	WeightDecay       float64 `json:"weight_decay"`        // of the network, decoupled (AdamW)
	ClassLearningRate float64 `json:"class_learning_rate"` // of a class-level loss's class weights, which do not decay
	Descent
	// Precision is that of the network's products in training: empty is float32, [BFloat16] the faster one where the device has it. Weights,
	// moments, loss and optimiser are float32 in any case, and embedding is.
	Precision Precision `json:"precision,omitempty"`
	Seed      uint64    `json:"seed"` // of everything random

	ClassSample ClassSample `json:"class_sample,omitzero"` // for many classes; the zero value looks at all in each step
	// ClassBlock is how many classes a class-level loss looks at at a time, exactly but for rounding, when it would be too many at once:
	// their weights then stay on the host, and the step goes over them in blocks. 0 chooses blocks where the scores of a batch with all
	// classes take more than 256 MB.
	ClassBlock int `json:"class_block,omitempty"`
	// Streamed takes a pair-wise loss in blocks of the batch, exactly but for rounding, see [losses.Stream]: embeddings first, then the
	// loss and its gradient, then the network. False lets a run choose: batches beyond 8192 images are taken so where the loss can be.
	Streamed bool `json:"streamed,omitempty"`

	Augment data.Augment `json:"augment"` // how images are changed at random; the zero value leaves them

	Validation Validation `json:"validation,omitzero"` // the zero value trains on all classes
}

// Precision is that of a network's products.
type Precision string

// BFloat16 has the range of float32 and 8 bits of its digits, so that losses need no scaling.
const BFloat16 Precision = "bfloat16"

// Sampling says how the images of a batch are drawn.
type Sampling string

// The ways to draw a batch.
const (
	SampleClasses Sampling = ""       // P classes, K images of each
	SampleRandom  Sampling = "random" // P·K images of whatever class: few anchors have a positive where classes are many
)

// DefaultConfig is the recipe that README's table is measured with: Circle loss, 28 pixels, 700 steps of 24 classes × 4
// images.
func DefaultConfig() Config {
	return Config{
		Loss: "circle", Reduction: "mean",
		Network: Network{Size: 28, Width: 32, Dim: 128},
		Classes: 24, PerClass: 4,
		Steps: 700, Warmup: 50, LearningRate: 3e-3, WeightDecay: 1e-4, ClassLearningRate: 0.1,
		Augment: data.DefaultAugment(),
	}
}

// Validate returns an error that names the first setting that is unknown or out of its range.
func (c Config) Validate() error { return c.validate(nil) }

// validate is Validate for a configuration whose loss is own, unless that is nil.
func (c Config) validate(own losses.Loss) error {
	o, err := c.objective(own)
	if err == nil {
		err = c.validateSample(o)
	}
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := c.Network.Validate(); err != nil {
		return err
	}
	if c.Weights != "" && !c.Network.residual() {
		return fmt.Errorf("train: weights from a file are for %s and %s", ResNet18, ResNet50)
	}
	if err := c.Augment.Validate(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	switch {
	case c.Precision != "" && c.Precision != BFloat16:
		return fmt.Errorf("train: the precision must be empty (float32) or %s, got %q", BFloat16, c.Precision)
	case c.Precision != "" && c.isFunction():
		return fmt.Errorf("train: the precision of a function is its own")
	}
	if err := c.Descent.validate(); err != nil {
		return err
	}
	if err := c.Validation.validate(); err != nil {
		return err
	}
	switch {
	case c.Classes < 2:
		return fmt.Errorf("train: a batch needs at least 2 classes, or nothing is to be told apart; got %d", c.Classes)
	case c.Sampling != SampleClasses && c.Sampling != SampleRandom:
		return fmt.Errorf("train: the sampling must be empty or %s, got %q", SampleRandom, c.Sampling)
	case c.PerClass < 1 || c.PerClass < 2 && c.Sampling == SampleClasses:
		return fmt.Errorf("train: a batch needs at least 2 images a class, or no anchor has a positive; got %d", c.PerClass)
	case c.ViewPairs && (c.Augment == data.Augment{} || c.Sampling == SampleRandom || o.labels == losses.ClassLabels):
		return fmt.Errorf("train: views of one image are pairs of batches by class, for a pair-wise loss, which augmentation changes: leave ViewPairs " +
			"(--view-pairs) false, or give an augmentation")
	case c.Predictor < 0 || c.Predictor > 1<<16:
		return fmt.Errorf("train: the predictor must have 0 (none) to %d hidden numbers, got %d", 1<<16, c.Predictor)
	case c.Classes > 1<<16/c.PerClass:
		return fmt.Errorf("train: a batch may have at most %d images, got %d × %d", 1<<16, c.Classes, c.PerClass)
	case c.Pieces < 0 || c.Pieces > 1 && c.Classes*c.PerClass%c.Pieces != 0:
		return fmt.Errorf("train: the number of pieces must divide the batch of %d × %d images, got %d", c.Classes, c.PerClass, c.Pieces)
	case c.Steps < 1:
		return fmt.Errorf("train: the number of steps must be at least 1, got %d", c.Steps)
	case c.Warmup < 0 || c.Warmup >= c.Steps:
		return fmt.Errorf("train: the warm-up must be in [0, steps), got %d of %d steps", c.Warmup, c.Steps)
	}
	for _, rate := range []struct {
		name  string
		value float64
		zero  bool
	}{
		{"learning rate", c.LearningRate, false},
		{"weight decay", c.WeightDecay, true},
		{"learning rate of the class weights", c.ClassLearningRate, false},
	} {
		if !(rate.value > 0 || rate.zero && rate.value == 0) || math.IsInf(rate.value, 0) {
			return fmt.Errorf("train: the %s must be a number above 0, got %g", rate.name, rate.value)
		}
	}
	return nil
}

// objective is the loss of a configuration with all that its names stand for.
type objective struct {
	loss       losses.Loss
	labels     losses.Labels
	similarity losses.Similarity
	reduction  losses.Reduction
}

// objective is that of the loss named, or of own unless that is nil.
func (c Config) objective(own losses.Loss) (objective, error) {
	loss, entry, err := c.entry(own)
	if err != nil {
		return objective{}, err
	}
	labels := c.Labels
	switch labels {
	case "":
		labels = entry.Labels
	case losses.PairLabels, losses.ClassLabels:
	default:
		return objective{}, fmt.Errorf("labels must be %s or %s, got %q", losses.PairLabels, losses.ClassLabels, c.Labels)
	}
	if c.Predictor > 0 && labels == losses.ClassLabels {
		return objective{}, fmt.Errorf("a predictor needs pair-wise labels: it foretells the partners of an image, not its class")
	}
	similarity := entry.Similarity
	if c.Similarity != "" {
		if similarity, err = losses.FindSimilarity(c.Similarity); err != nil {
			return objective{}, err
		}
	}
	reduction, err := losses.FindReduction(c.Reduction)
	if err != nil {
		return objective{}, err
	}
	return objective{loss, labels, similarity, reduction}, nil
}

// entry returns the loss and what the catalogue says of it, or of the first loss of the type of own. A type that is not there is
// trained on pair-wise labels and cosines.
func (c Config) entry(own losses.Loss) (losses.Loss, losses.Entry, error) {
	if own == nil {
		entry, err := losses.Find(c.Loss)
		if err != nil {
			return nil, losses.Entry{}, err
		}
		loss, err := entry.With(c.Set)
		return loss, entry, err
	}
	if c.Loss != ownName(own) || len(c.Set) > 0 {
		return nil, losses.Entry{}, fmt.Errorf("Options.Loss is %T, and Config asks for %q: leave Config's Loss and Set empty", own, c.Loss)
	}
	for _, entry := range losses.Catalogue() {
		if reflect.TypeOf(entry.Default) == reflect.TypeOf(own) {
			return own, entry, own.Validate()
		}
	}
	return own, losses.Entry{Labels: losses.PairLabels, Similarity: losses.Cosine}, own.Validate()
}

// ownName is the name under which a loss of one's own is kept: its type and settings, so that a run of another is not resumed.
func ownName(own losses.Loss) string { return fmt.Sprintf("%T%+v", own, own) }
