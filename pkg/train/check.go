package train

import (
	"fmt"
	"math"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// Validate returns an error that names the first setting that is unknown or out of its range.
func (c Config) Validate() error { return c.validate(nil) }

// validate does what Validate does, for a configuration whose loss is own, unless that is nil.
func (c Config) validate(own losses.Loss) error {
	c = c.filled(false)
	o, err := c.objective(own)
	if err == nil {
		err = c.validateSample(o)
	}
	if err == nil {
		err = c.validateMemory(o)
	}
	if err == nil {
		err = c.validateHardClasses()
	}
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := c.Network.Validate(); err != nil {
		return err
	}
	if !c.learns() {
		return c.nothingToLearn()
	}
	if c.Weights != "" && !c.Network.kind().Pretrained {
		return fmt.Errorf("train: weights from a file are for %s and %s", ArchitectureResNet18, ArchitectureResNet50)
	}
	switch {
	case c.From != "" && c.Weights != "":
		return fmt.Errorf("train: a run begins with the weights of another (--from) or with those of a file (--weights): leave one of them out")
	case c.From == "" && c.FromSum != "":
		return fmt.Errorf("train: from_sha256 is the sum of the weights that a run begins with: give From (--from), or leave it out")
	}
	if err := c.Augment.Validate(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	switch {
	case c.Precision != "" && c.Precision != PrecisionBFloat16:
		return fmt.Errorf("train: the precision must be empty (float32) or %s, got %q", PrecisionBFloat16, c.Precision)
	case c.Precision != "" && c.trainsBackbone():
		return fmt.Errorf("train: the precision of a network from elsewhere is float32: leave Precision (--precision) empty")
	case c.Precision != "" && c.isFunction():
		return fmt.Errorf("train: the precision of a function is its own")
	}
	switch {
	case c.SeenVariants < 0 || c.SeenVariants > mostVariants:
		return fmt.Errorf("train: the variants of each picture must be 0 to %d, got %d (--seen-variants)", mostVariants, c.SeenVariants)
	case c.SeenVariants > 0 && !(c.IsBackbone() && c.Backbone.Frozen()):
		return fmt.Errorf("train: variants that are made before (--seen-variants) are for a network from elsewhere that does not learn: others see " +
			"each picture changed anew (--augment)")
	case c.SeenVariants > 0 && c.Augment == data.Augment{}:
		return fmt.Errorf("train: variants of pictures (--seen-variants) are made by an augmentation: give --augment photos or drawings")
	}
	if err := c.Descent.validate(); err != nil {
		return err
	}
	if err := c.Validation.validate(); err != nil {
		return err
	}
	if err := c.validateBatch(); err != nil {
		return err
	}
	switch {
	case c.ViewPairs && (c.Augment == data.Augment{} || c.Sampling == SampleRandom || o.labels == losses.ClassLabels):
		return fmt.Errorf("train: views of one image are pairs of batches by class, for a pair-wise loss, which augmentation changes: " +
			"leave ViewPairs (--view-pairs) false, or give an augmentation")
	case c.Predictor < 0 || c.Predictor > 1<<16:
		return fmt.Errorf("train: the predictor must have 0 (none) to %d hidden numbers, got %d", 1<<16, c.Predictor)
	case c.PredictorMoves && c.Predictor == 0:
		return fmt.Errorf("train: PredictorMoves is about a predictor: set its hidden numbers, Predictor, too")
	case c.Steps < 1:
		return fmt.Errorf("train: the number of steps must be at least 1, got %d", c.Steps)
	case c.Warmup < 0:
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

// nothingToLearn returns the error of a network that is as it is.
func (c Config) nothingToLearn() error {
	if c.IsBackbone() {
		return fmt.Errorf("train: without a head, and with a backbone that does not learn, there is nothing to learn: " +
			"give --head linear, or --train-backbone; `unipair eval --architecture` measures it as it is")
	}
	return fmt.Errorf("train: %s has nothing to learn: `unipair eval --architecture %s` measures it as it is", c.Architecture, c.Architecture)
}

// validateBatch checks how batches are drawn and cut; where the classes of one are left open, with those that it has by default.
func (c Config) validateBatch() error {
	if c.Classes == 0 {
		c.Classes = defaultClasses
	}
	switch {
	case c.Classes < 2:
		return fmt.Errorf("train: a batch needs at least 2 classes, or nothing is to be told apart; got %d", c.Classes)
	case c.Sampling != SampleClasses && c.Sampling != SampleRandom:
		return fmt.Errorf("train: the sampling must be empty or %s, got %q", SampleRandom, c.Sampling)
	case c.PerClass < 1 || c.PerClass < 2 && c.Sampling == SampleClasses:
		return fmt.Errorf("train: a batch needs at least 2 images per class, or no anchor has a positive; got %d", c.PerClass)
	case c.Classes > 1<<16/c.PerClass:
		return fmt.Errorf("train: a batch may have at most %d images, got %d × %d", 1<<16, c.Classes, c.PerClass)
	case c.Pieces < 0 || c.Pieces > 1 && c.Classes*c.PerClass%c.Pieces != 0:
		return fmt.Errorf("train: the number of pieces must divide the batch of %d × %d images, got %d", c.Classes, c.PerClass, c.Pieces)
	}
	return nil
}

// mostVariants bounds the ways in which a picture is seen before: of features of 1,000 numbers, 10,000 pictures in as many take 4 GB.
const mostVariants = 100

// TooFewClasses is the error of [Run] where a batch is to have more classes than there are to learn from.
type TooFewClasses struct {
	Data         string // the name of the data set, or of what is left of it where classes are held out
	There, Asked int    // classes
}

// Error implements error.
func (e *TooFewClasses) Error() string {
	return fmt.Sprintf("train: %s has %d classes, too few for batches of %d: ask for fewer classes per batch", e.Data, e.There, e.Asked)
}

// withClasses fills in the number of classes per batch, from the classes that there are to learn from.
func (c Config) withClasses(learnt data.Dataset) (Config, error) {
	there := len(learnt.Classes())
	if names, _, several := data.Labels(learnt); several {
		there = len(names)
	}
	switch {
	case c.Classes == 0:
		c.Classes = min(defaultClasses, there)
		return c, c.validateBatch()
	case c.Sampling == SampleClasses && c.Classes > there:
		return c, &TooFewClasses{learnt.Name(), there, c.Classes}
	}
	return c, nil
}

// validateSample checks how classes are sampled.
func (c Config) validateSample(o objective) error {
	if c.ClassSample == (ClassSample{}) {
		return nil
	}
	if o.labels != losses.ClassLabels {
		return fmt.Errorf("classes are sampled for class-level labels, and %s has %s ones", c.Loss, o.labels)
	}
	if _, sums := o.loss.(losses.OddsSum); c.ClassSample.Unbiased && !sums {
		return fmt.Errorf("%s has no unbiased sample of classes, since it is not a sum over negatives inside a logarithm", c.Loss)
	}
	return c.ClassSample.sampling(c.Seed).Validate()
}
