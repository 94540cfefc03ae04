package train

import (
	"cmp"
	"fmt"
	"time"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// Options are the settings of a run that its checkpoint does not store: callbacks, the directory, limits of this machine, and a loss or
// network given as Go code.
type Options struct {
	// Loss is a loss of your own in place of a name in Config, whose Loss and Set are then empty. Config says how it measures and
	// reduces: by default pairs, cosines, the mean. A checkpoint names it by its type and fields, such as main.mine{Margin:0.4}.
	Loss losses.Loss

	// Network is a network of your own in place of an architecture: Config's is then empty, or "function:" and its name. Config says
	// Size (0 for features) and Dim.
	Network *Function

	// Validation holds what a run validates with that holds out none of its classes (Config.Validation.Fraction is 0): how well its images
	// retrieve one another, every Config.Validation.Every steps. Nil is none.
	Validation data.Dataset

	// Devices is how many devices of the backend share the steps, each with an equal part of the batch and, where they split evenly, of the
	// class weights. 0 is 1. The loss is over the whole batch: what is learnt is the same to rounding, and a checkpoint of one number of
	// devices goes on with another. It is of the machine, and so the one setting that moves a bit and is not in Config.
	Devices int

	// Ranks is the processes that share the steps, of which this is one; nil is this one alone. Each makes its share of the batch and has
	// a backend of its own. The loss is over the whole batch, and what is learnt is what one process learns that takes the batch in as
	// many pieces, to rounding. Rank 0 alone calls Started, Progress and Renewed, and writes into Dir: nobody else needs to see it. A
	// checkpoint of one number of ranks goes on with another.
	Ranks ranks.Group
	// Noted is called on rank 0 before the first step with what is to be said of how several ranks share the work; may be nil.
	Noted func(line string)

	Dir       string // where checkpoint and history are kept, and resumed from; empty: nowhere
	SaveEvery int    // steps between checkpoints; 0 is 100. The last step is always kept
	Stall     int    // steps in a row in which s_p is not above s_n, after which a run is given up; 0 is 300, negative never
	// StallEnds lets a run that was given up, at any step of its history, end so again when it is resumed; else it is asked to go on.
	StallEnds bool
	// Started is called before the first step, when all is checked and the directory is held, with the configuration as the checkpoint keeps
	// it. The images are those that are learnt from, of all classes that are not held out. It may be nil.
	Started  func(config Config, learnt data.Dataset) error
	Progress func(Record) // called after each step; may be nil

	// Compiled keeps compiled graphs for further runs; nil keeps none.
	Compiled *Compiled

	Memory int64 // bytes of images to keep in memory, which does not change what is learnt; 0 is 2 GiB, see [data.PairBatches]

	// Renewed is called when the classes that are taken for each other were found anew ([Config].HardClasses), with how many images were
	// embedded for it and how long that took. It may be nil.
	Renewed func(images int, took time.Duration)

	// Reading is called before the first step with how many of the images are read, from several goroutines at once, where they all fit
	// into memory ([data.PairBatches.Prepare]); may be nil.
	Reading func(done, of int)
}

// filled fills in what the options leave open.
func (o Options) filled() (Options, error) {
	if o.SaveEvery < 0 || o.Memory < 0 {
		return o, fmt.Errorf("train: SaveEvery and Memory must be 0 (the default) or more, got %d and %d", o.SaveEvery, o.Memory)
	}
	o.SaveEvery, o.Stall = cmp.Or(o.SaveEvery, 100), cmp.Or(o.Stall, 300)
	if o.Ranks == nil {
		o.Ranks = ranks.Alone{}
	}
	if o.Ranks.Rank() > 0 { // rank 0 speaks and writes for all
		o.Dir, o.Started, o.Progress, o.Renewed, o.Reading, o.Noted = "", nil, nil, nil, nil, nil
	}
	return o, nil
}
