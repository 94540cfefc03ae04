package train

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// stepper learns from a batch. There is a file for each way to do it; all learn the same, but for rounding and for classes left out.
type stepper interface {
	// step takes a step, counted from 1.
	step(step int, batch batch, r rates[float32]) (outcome, error)
}

// newStepper chooses how a learner takes its steps.
func newStepper(backend compute.Backend, l *learner, options Options, devices *spread) (stepper, error) {
	c := l.config
	streamed, err := l.streamed(options)
	if err != nil {
		return nil, err
	}
	together := options.Ranks.Size() > 1
	sampled, inPieces := c.ClassSample.Ratio > 0, c.Pieces > 1 || streamed || together || l.block > 0
	switch {
	case together && options.Devices > 1:
		return nil, fmt.Errorf("train: several processes share steps of one device each: leave Devices (--devices) at 1, or start one process")
	case c.CrossBatch > 0 && options.Devices > 1:
		return nil, fmt.Errorf("train: a memory is for one device, not %d: leave CrossBatch (--cross-batch) 0, or Devices 1", options.Devices)
	case inPieces && (options.Devices > 1 || sampled && !together):
		return nil, fmt.Errorf("train: Pieces and Streamed need one device and all class weights in the step: leave Devices at 1 and " +
			"ClassSample unset")
	case inPieces:
		return newPieceStep(backend, l, options.Ranks, streamed)
	case sampled:
		return newSampledStep(backend, l, devices)
	}
	return newWholeStep(backend, l, devices)
}

// wholeScores bounds the bytes that the scores of a batch with all classes take before they are taken in blocks. A step holds
// some matrices of this size.
const wholeScores = 256 << 20

// classesOfBlock is the number of classes per block by default: few enough to stay in a processor's cache beside a batch.
const classesOfBlock = 4096

// blockOfClasses returns how many classes the loss looks at at a time, of so many rows of class weights; 0 is all, or a sample.
func (l *learner) blockOfClasses(options Options, rows int) (int, error) {
	c, block := l.config, l.config.ClassBlock
	if l.objective.labels != losses.ClassLabels {
		if block != 0 {
			return 0, fmt.Errorf("train: classes are taken in blocks for class-level labels, and %s has %s ones: leave ClassBlock 0",
				c.Loss, l.objective.labels)
		}
		return 0, nil
	}
	sampled, scores := c.ClassSample.Ratio > 0, 4*rows*c.Classes*c.PerClass
	_, sums := l.objective.loss.(losses.OddsSum)
	if block == 0 && sums && options.Devices <= 1 && c.ClipNorm == 0 && !sampled && scores > wholeScores {
		block = classesOfBlock
	}
	switch {
	case block < 0:
		return 0, fmt.Errorf("train: ClassBlock must be 0 (chosen) or more classes, got %d", block)
	case block == 0 && !sampled:
		return 0, nil
	case c.ClipNorm > 0:
		return 0, fmt.Errorf("train: gradients are clipped by the length of all together, and class weights in blocks or sampled are not all " +
			"in a step: leave ClipNorm 0")
	case sampled && block > 0:
		return 0, fmt.Errorf("train: classes are sampled or taken in blocks: leave ClassBlock or ClassSample 0")
	case block > 0 && options.Devices > 1:
		return 0, fmt.Errorf("train: a loss over blocks of %d classes is for one device, not %d: sample classes instead, or leave ClassBlock 0",
			block, options.Devices)
	}
	return block, nil
}

// streamed reports whether the loss is taken in blocks of the batch. It is where that is asked for, and by itself where several processes
// share it. So it is where a batch's similarities, of which a loss makes some matrices, take more than [wholeScores].
func (l *learner) streamed(options Options) (bool, error) {
	plain := l.weights == nil && l.predictor == nil && l.config.CrossBatch == 0 && options.Devices <= 1
	if l.config.Streamed && !plain {
		return false, fmt.Errorf("train: a loss in blocks of the batch is pair-wise, on one device and without a predictor: leave Streamed false")
	}
	rows := l.config.Classes * l.config.PerClass
	if large := 4*rows*rows > wholeScores; l.config.Streamed || !plain || !large && options.Ranks.Size() == 1 {
		return l.config.Streamed, nil
	}
	o := l.objective
	_, err := losses.NewStream(nil, l.related, o.loss, o.similarity, o.reduction)
	return err == nil, nil // else as a whole, as well as it can
}

// wholeOnEach says what of a step several processes do not share, and why; empty where they share all.
func (l *learner) wholeOnEach() string {
	const each = "; but each computes the whole loss of the batch: "
	at, beyond := losses.LooksBeyondRow(l.objective.loss)
	switch {
	case beyond:
		return each + l.config.Loss + " looks at " + at
	case l.weights != nil && l.split == nil:
		return each + "all have all class weights (--class-block shares them)"
	case l.predictor != nil:
		return each + "the predictor normalises over the batch"
	case l.config.CrossBatch > 0:
		return each + "all have the memory"
	}
	return ""
}

// take takes a step, counted from 1, on a batch, and frees the batch.
func (l *learner) take(s stepper, step int, batch batch) (outcome, error) {
	c := l.config
	if shape := batch.labels.Shape(); shape.Dim(0) != c.Classes*c.PerClass {
		return outcome{}, fmt.Errorf("train: step %d: the batch must have %d × %d images, got labels %s", step, c.Classes, c.PerClass, shape)
	}
	result, err := s.step(step, batch, c.rates(step))
	for _, input := range []*tensors.Tensor{batch.images, batch.labels} {
		if err == nil {
			err = input.FinalizeAll()
		}
	}
	if err != nil {
		return outcome{}, fmt.Errorf("train: step %d: %w", step, err)
	}
	return result, nil
}
