package train

import (
	"fmt"
	"math"
)

// Optimizer says how variables follow their gradient.
type Optimizer string

// The optimisers.
const (
	// OptimizerAdamW is Adam with decoupled weight decay (Loshchilov & Hutter, ICLR 2019).
	OptimizerAdamW Optimizer = ""
	// OptimizerSGD is v ← Momentum·v + (g + decay·x), x ← x − rate·v, as PyTorch has it. Its learning rates are some ten to a hundred times
	// those of AdamW.
	OptimizerSGD Optimizer = "sgd"
)

// Schedule is the course of the learning rate after the warm-up.
type Schedule string

// The courses.
const (
	ScheduleCosine   Schedule = ""         // half a cosine down to 0
	ScheduleConstant Schedule = "constant" // as it is
	ScheduleDrops    Schedule = "drops"    // times DropFactor after every DropEvery steps
)

// Descent says how variables move: the optimiser, the course of its learning rate, clipping and averaging.
type Descent struct {
	Optimizer  Optimizer `json:"optimizer,omitempty"`   // empty is AdamW
	Momentum   float64   `json:"momentum,omitempty"`    // of [OptimizerSGD], in [0, 1)
	Schedule   Schedule  `json:"schedule,omitempty"`    // of the learning rate after the warm-up; empty is half a cosine
	DropEvery  int       `json:"drop_every,omitempty"`  // steps, for [ScheduleDrops]
	DropFactor float64   `json:"drop_factor,omitempty"` // in (0, 1), for [ScheduleDrops]
	// ClipNorm is the largest Euclidean length that the gradient of all variables together may have; a longer one is shortened to it.
	// 0 does not clip.
	ClipNorm float64 `json:"clip_norm,omitempty"`
	// Average is how much of a running mean of the weights is kept in each step, in [0, 1). The run's result is then that mean instead of the
	// last weights. Early it is min(Average, (1+step)/(10+step)), so that the first values are soon forgotten. 0 takes no mean.
	Average float64 `json:"average,omitempty"`
}

func (d Descent) validate() error {
	switch {
	case d.Optimizer != OptimizerAdamW && d.Optimizer != OptimizerSGD:
		return fmt.Errorf("train: the optimizer must be empty (AdamW) or %s, got %q", OptimizerSGD, d.Optimizer)
	case !(d.Momentum >= 0 && d.Momentum < 1) || d.Momentum > 0 && d.Optimizer != OptimizerSGD:
		return fmt.Errorf("train: the momentum must be in [0, 1), and is for %s alone; got %g", OptimizerSGD, d.Momentum)
	case d.Schedule != ScheduleCosine && d.Schedule != ScheduleConstant && d.Schedule != ScheduleDrops:
		return fmt.Errorf("train: the schedule must be empty (cosine), %s or %s, got %q", ScheduleConstant, ScheduleDrops, d.Schedule)
	case d.Schedule == ScheduleDrops && (d.DropEvery < 1 || !(d.DropFactor > 0 && d.DropFactor < 1)):
		return fmt.Errorf("train: the schedule %s needs drop_every, at least 1 step, and drop_factor in (0, 1); got %d and %g",
			ScheduleDrops, d.DropEvery, d.DropFactor)
	case d.Schedule != ScheduleDrops && (d.DropEvery != 0 || d.DropFactor != 0):
		return fmt.Errorf("train: drop_every and drop_factor are for the schedule %s", ScheduleDrops)
	case !(d.ClipNorm >= 0) || math.IsInf(d.ClipNorm, 0):
		return fmt.Errorf("train: the gradient's largest length must be a number above 0, or 0 for any, got %g", d.ClipNorm)
	case !(d.Average >= 0 && d.Average < 1):
		return fmt.Errorf("train: the share of the weights' running mean that is kept must be in [0, 1), got %g", d.Average)
	}
	return nil
}
