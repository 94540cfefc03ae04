package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// trainWords holds what the flags of train say.
type trainWords struct {
	training recipe.Run
	set      datasets.Set
	out      string
	options  train.Options
}

// readTrainWords reads the flags of train. All that they can say wrong is said here, before any work. Flags win over a
// configuration file, which wins over the defaults.
func readTrainWords(args []string, std stdio) (trainWords, error) {
	w, from, err := parseTrain(recipe.Default(), args, std)
	if err == nil && from != (source{}) {
		var base recipe.Run
		if base, err = from.read(); err == nil {
			w, _, err = parseTrain(base, args, std)
		}
	}
	if err != nil {
		return trainWords{}, err
	}
	var wrong error
	w.set, wrong = datasets.Find(w.training.Data)
	if wrong == nil && w.training.AllClasses && !w.set.HasWhole() {
		_, wrong = w.set.Whole(context.Background(), data.Options{}) // which says so
	}
	if err := usage.Join(wrong, w.wrongOut(), w.wrongOptions(), w.wrongSettings()); err != nil {
		return trainWords{}, err
	}
	return w, nil
}

func (w trainWords) wrongOut() error {
	if w.out == "" {
		return usage.Errorf("where to? --out takes a directory for checkpoint and history")
	}
	if about, err := os.Stat(w.out); err == nil && !about.IsDir() {
		return usage.Errorf("--out takes a directory, and %s is a file", w.out)
	}
	return nil
}

func (w trainWords) wrongOptions() error {
	o := w.options
	return usage.Join(
		unless(o.Devices >= 1, usage.Errorf("--devices must be at least 1, got %d", o.Devices)),
		unless(o.SaveEvery >= 0, usage.Errorf("--save-every must be 0 (every 100 steps) or more, got %d", o.SaveEvery)),
		unless(w.training.ClassBlock >= 0, usage.Errorf("--class-block must be 0 (as many as fit) or more, got %d", w.training.ClassBlock)),
	)
}

func (w trainWords) wrongSettings() error {
	if err := w.training.Validate(); err != nil {
		return usage.Error(err)
	}
	return usage.Join(pretrained.Wrong(w.training.Network), w.missing("--weights", w.training.Weights), w.missing("--from", w.training.From))
}

// missing returns an error where a run that is new begins with what is not there. One that goes on does not read it again. Of several processes
// the first one reads it.
func (w trainWords) missing(flag, name string) error {
	if name == "" || together.Rank() > 0 {
		return nil
	}
	_, none := train.ReadManifest(w.out)
	if _, err := os.Stat(name); err != nil && none != nil {
		return usage.Errorf("%s: %w", flag, err)
	}
	return nil
}

// source gives the settings that flags do not say.
type source struct{ file, recipe string }

func (s source) read() (r recipe.Run, err error) {
	switch {
	case s.file != "" && s.recipe != "":
		return r, usage.Errorf("train: --config and --recipe both say what to train: give one of them")
	case s.recipe != "":
		if r, err = recipe.Find(s.recipe); err != nil {
			return r, usage.Errorf("train: %w", err)
		}
		return r, nil
	}
	if r, err = recipe.Read(s.file); err != nil {
		return r, usage.Errorf("train: --config: %w", err)
	}
	return r, nil
}

// parseTrain reads the flags over what base says, and returns the source that they name.
func parseTrain(base recipe.Run, args []string, std stdio) (w trainWords, from source, err error) {
	w.training = base
	c := &w.training.Config
	set := settings{}
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	flags.StringVar(&from.recipe, "recipe", "",
		"settings of a measured training, and its data: "+strings.Join(recipe.Names(), ", ")+"; flags win over it")
	flags.StringVar(&from.file, "config", "", "YAML `file` of settings by their names in a run's "+recipe.FileName+"; flags win over it")
	flags.StringVar(&w.training.Data, "data", base.Data, "data set: "+datasets.Help())
	flags.StringVar(&w.out, "out", "", "directory for checkpoint, history and figure; a checkpoint there is resumed")
	flags.StringVar(&c.Loss, "loss", c.Loss, "loss, a `name` that unipair loss --list has")
	flags.Var(set, "set", "parameter of the loss as `name=value`; may be given several times")
	flags.IntVar(&c.Steps, "steps", c.Steps, "batches to learn from, in all")
	flags.Uint64Var(&c.Seed, "seed", c.Seed, "seed of everything random")
	pixels := addNetwork(flags, c)
	flags.StringVar(&c.Weights, "weights", c.Weights,
		"safetensors `file` with the first values of a resnet, with the names of torchvision or timm")
	flags.StringVar(&c.From, "from", c.From, "begin with the network of another `run` (its directory, or weights.safetensors of an export): "+
		"fine-tuning")
	addBatches(flags, c)
	flags.IntVar(&c.SeenVariants, "seen-variants", c.SeenVariants, "of an onnx: or hf: network that does not learn, in how many further `ways`, "+
		"changed by --augment and the seed, each picture goes through it before the training; each step draws one; 0 is as it is alone")
	flags.BoolVar(&c.ViewPairs, "view-pairs", c.ViewPairs,
		"let an image that comes twice in a batch, of a class with fewer than --per-class, be a pair with itself, "+
			"by its differently changed views: training without labels where each image is a class")
	flags.IntVar(&c.SuperClasses, "super-classes", c.SuperClasses,
		"how many super-classes a batch draws from, equally many classes of each (what stands before the last slash of a class's name); "+
			"0 ignores super-classes")
	flags.IntVar(&c.CrossBatch, "cross-batch", c.CrossBatch,
		"compare each batch with the last `images`, as they were embedded then, too; for pair-wise losses; 0 is none")
	flags.IntVar(&c.CrossBatchWarmup, "cross-batch-warmup", c.CrossBatchWarmup,
		"first steps, in which --cross-batch remembers and does not compare; 0 is as --warmup")
	flags.IntVar(&c.HardClasses, "hard-classes", c.HardClasses,
		"draw batches of classes that are taken for each other, found anew every so many `steps`; 0 is never")
	flags.Func("memory", "`gigabytes` of images to keep in memory; a set that needs more is read from disk as it is drawn (default 2.147)",
		func(text string) error {
			gigabytes, err := strconv.ParseFloat(text, 64)
			if err != nil || !(gigabytes > 0 && gigabytes < 1e6) {
				return fmt.Errorf("want gigabytes above 0, got %q", text)
			}
			w.options.Memory = int64(gigabytes * 1e9)
			return nil
		})
	flags.StringVar((*string)(&c.Optimizer), "optimizer", string(c.Optimizer), "empty is AdamW; sgd")
	flags.Float64Var(&c.Momentum, "momentum", c.Momentum, "momentum of sgd")
	flags.StringVar((*string)(&c.Schedule), "schedule", string(c.Schedule),
		"course of the learning rate after the warm-up: empty is half a cosine to 0; constant; drops")
	flags.IntVar(&c.DropEvery, "drop-every", c.DropEvery, "steps between drops of the learning rate")
	flags.Float64Var(&c.DropFactor, "drop-factor", c.DropFactor, "factor of a drop, such as 0.1")
	flags.Float64Var(&c.ClipNorm, "clip-norm", c.ClipNorm, "largest length of the gradient; 0 is any")
	flags.Float64Var(&c.Average, "average", c.Average,
		"keep a running mean of the weights, of which a step keeps this share, such as 0.999; 0 keeps none")
	flags.StringVar((*string)(&c.Precision), "precision", string(c.Precision),
		"of the network's products: empty is float32; bfloat16 where the device is faster with it")
	flags.IntVar(&c.Pieces, "pieces", c.Pieces,
		"parts in which a batch goes through the network where it does not fit at once; the loss is that of the whole batch")
	flags.BoolVar(&c.FrozenNorm, "frozen-norm", c.FrozenNorm, "leave the running moments of batch normalisation, and normalise by them")
	flags.Float64Var(&c.Validation.Fraction, "validate", c.Validation.Fraction,
		"`fraction` of the classes to hold out and validate with; the best network is kept. "+
			"Without it a validation part of the data is taken, if it has one")
	flags.IntVar(&c.Validation.Every, "validate-every", c.Validation.Every, "steps between validations (default 50)")
	flags.IntVar(&c.Validation.Patience, "patience", c.Validation.Patience,
		"validations without a better one after which to stop early; 0 is never")
	flags.Float64Var(&c.ClassSample.Ratio, "class-ratio", c.ClassSample.Ratio,
		"`fraction` of the classes that each step of a class-level loss looks at (Partial FC); 0 is all")
	flags.BoolVar(&c.ClassSample.Unbiased, "class-unbiased", c.ClassSample.Unbiased,
		"with --class-ratio, let each sampled class count for all that it stands for")
	flags.IntVar(&c.ClassBlock, "class-block", c.ClassBlock,
		"classes that a class-level loss looks at at a time, exactly; 0 takes all at once while they fit")
	flags.BoolVar(&c.Streamed, "streamed", c.Streamed,
		"take a pair-wise loss in blocks of the batch, exactly; batches beyond 8192 images always are where the loss can be")
	flags.IntVar(&w.options.Devices, "devices", 1,
		"devices of the backend that share each batch; the result is that of one, but for rounding")
	flags.BoolVar(&w.training.AllClasses, "all-classes", base.AllClasses, "learn from all classes of data of one's own, those of its validation "+
		"and test parts too: for the last training, once settings are chosen")
	flags.BoolVar(&w.training.SkipBad, "skip-bad", base.SkipBad, "leave out images that cannot be read, naming each, in place of stopping")
	flags.IntVar(&w.options.SaveEvery, "save-every", 0, "steps between checkpoints (default 100)")
	flags.IntVar(&w.options.Stall, "stall", 0,
		"steps in which s_p is not above s_n after which the run is given up (default 300); -1 is never")
	if err := parse(flags, args, std, false); err != nil {
		return w, from, err
	}
	if err := readNetwork(flags, c, pixels, base.Backbone.Pixels); err != nil {
		return w, from, err
	}
	merged := make(map[string]string)
	if c.Loss == base.Loss {
		maps.Copy(merged, base.Set)
	}
	maps.Copy(merged, set)
	if c.Set = merged; len(merged) == 0 {
		c.Set = nil
	}
	return w, from, nil
}

// addNetwork adds the flags that say what the network is, and what is done to pictures before it.
func addNetwork(flags *flag.FlagSet, c *train.Config) *backboneFlags {
	flags.StringVar((*string)(&c.Architecture), "architecture", string(c.Architecture), "network: empty is a small convolutional one; "+
		"resnet18, resnet50; linear or mlp for sets of features; onnx:FILE or hf:ORG/MODEL[@REVISION] for one from elsewhere")
	addHead(flags, &c.Backbone)
	flags.IntVar(&c.Channels, "channels", c.Channels, "1 for gray or 3 for colour; 0 is as the data set has them")
	flags.Func("invert", "turn pictures over, light for dark, before the network sees them, in training and ever after, `on|off`: on is "+
		"for dark ink on light paper of your own; by default as the data set says, which Omniglot is turned over by", func(text string) (err error) {
		c.Invert, err = data.ParseInversion(text)
		return err
	})
	flags.IntVar(&c.Size, "size", c.Size, "pixels per side that images are resized to")
	flags.StringVar((*string)(&c.Fit), "fit", string(c.Fit),
		"how images are made square: empty squeezes them, crop takes the square in the middle, pad adds black")
	flags.IntVar(&c.Width, "width", c.Width, "channels of the network's first block")
	flags.IntVar(&c.Dim, "dim", c.Dim, "numbers per embedding")
	return addBackbone(flags, &c.Backbone)
}

// readNetwork finishes what addNetwork's flags say once they are read; before is what was said of pixels before.
func readNetwork(flags *flag.FlagSet, c *train.Config, pixels *backboneFlags, before train.Pixels) (err error) {
	if c.Backbone.Head == "linear" {
		c.Backbone.Head = train.HeadLinear
	}
	if c.IsBackbone() && given(flags, "size") {
		c.Backbone.Size = c.Size
	}
	c.Backbone.Pixels, err = pixels.pixels(before)
	return err
}

// addBatches adds the flags that say what batches are of, and how fast is learnt from them.
func addBatches(flags *flag.FlagSet, c *train.Config) {
	flags.IntVar(&c.Classes, "classes", c.Classes, "classes of a batch; by default 24, or as many as there are")
	flags.IntVar(&c.PerClass, "per-class", c.PerClass, "images of each class in a batch")
	flags.Func("augment", "how images are changed at random: drawings (turned, sheared, scaled and shifted a little), photos (cropped "+
		"and mirrored) or none; a configuration file can say it in detail", func(name string) (err error) {
		c.Augment, err = findAugment(name)
		return err
	})
	flags.IntVar(&c.Warmup, "warmup", c.Warmup, "steps over which the learning rate rises")
	flags.Float64Var(&c.LearningRate, "learning-rate", c.LearningRate, "highest learning rate")
	flags.Float64Var(&c.ClassLearningRate, "class-learning-rate", c.ClassLearningRate,
		"highest learning rate of a class-level loss's class weights")
	flags.Float64Var(&c.WeightDecay, "weight-decay", c.WeightDecay, "weight decay of the network")
}

// findAugment returns the changes of a name.
func findAugment(name string) (data.Augment, error) {
	switch name {
	case "drawings":
		return data.DefaultAugment(), nil
	case "photos":
		return data.PhotoAugment(), nil
	case "none":
		return data.Augment{}, nil
	}
	return data.Augment{}, fmt.Errorf("unknown way to augment %q: %s", name, suggest.For(name, []string{"drawings", "photos", "none"}))
}
