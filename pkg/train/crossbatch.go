package train

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// mostRemembered bounds the slots of a memory.
const mostRemembered = 1 << 20

// validateMemory checks the memory that batches are compared with.
func (c Config) validateMemory(o objective) error {
	if c.CrossBatch == 0 {
		if c.CrossBatchWarmup != 0 {
			return fmt.Errorf("a memory's warm-up is of CrossBatch (--cross-batch): give that too, or leave the warm-up 0")
		}
		return nil
	}
	at, beyond := losses.LooksBeyondRow(o.loss)
	switch {
	case c.CrossBatch < 0 || c.CrossBatch > mostRemembered:
		return fmt.Errorf("a memory must have 0 (none) to %d slots, got %d", mostRemembered, c.CrossBatch)
	case c.CrossBatchWarmup < 0 || c.CrossBatchWarmup >= c.Steps:
		return fmt.Errorf("the warm-up of a memory must be in [0, steps), or it is never looked at; got %d of %d steps",
			c.CrossBatchWarmup, c.Steps)
	case o.labels == losses.ClassLabels:
		return fmt.Errorf("a memory is for pair-wise losses, and %s compares with class weights: leave CrossBatch (--cross-batch) 0", c.Loss)
	case beyond:
		return fmt.Errorf("%s looks at %s, which a memory does not have: leave CrossBatch (--cross-batch) 0, or take another loss", c.Loss, at)
	case c.Predictor > 0:
		return fmt.Errorf("a predictor foretells the batch, not a memory: leave CrossBatch (--cross-batch) or the predictor 0")
	case c.Streamed:
		return fmt.Errorf("a loss in blocks of the batch has no memory: leave CrossBatch (--cross-batch) 0, or Streamed (--streamed) false")
	}
	return nil
}

// newMemory makes the variables of the memory, so that a checkpoint has them to be resumed.
func (l *learner) newMemory() error {
	c := l.config
	if c.CrossBatch == 0 {
		return nil
	}
	if batch := c.Classes * c.PerClass; c.CrossBatch < batch {
		return fmt.Errorf("train: a memory must hold a batch of %d × %d images, got %d slots (--cross-batch)",
			c.Classes, c.PerClass, c.CrossBatch)
	}
	state := func(name string, shape shapes.Shape) {
		l.store.VariableWithValue(memoryScope+name, tensors.FromShape(shape)).SetTrainable(false)
	}
	state("vectors", l.memoryShape())
	state("labels", shapes.Make(dtypes.Int64, c.CrossBatch))
	state("written", shapes.Make(dtypes.Int64))
	state("batches", shapes.Make(dtypes.Int64))
	if l.numbered {
		state("images", shapes.Make(dtypes.Int64, c.CrossBatch))
	}
	return nil
}

// memoryScope is before the names of the memory's variables, as [losses.NewMemory] has them in the store's root.
const memoryScope = "/memory/"

func (l *learner) memoryShape() shapes.Shape {
	return shapes.Make(dtypes.Float32, l.config.CrossBatch, l.config.Dim)
}

// memory returns the memory of the variables, within a graph that is being built.
func (l *learner) memory() losses.Memory {
	return losses.NewMemory(l.store.RootScope(), l.memoryShape(), l.config.CrossBatchWarmup)
}
