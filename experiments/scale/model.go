package main

import "math"

// job is a loss of a batch over devices: pairs of the batch with itself, or the batch against classes that the devices share.
type job struct {
	batch, dim float64
	classes    float64 // 0: pairs
	devices    float64
}

// flops returns those of the three matrix products of value and gradient, on one device.
func (j job) flops() float64 {
	across := j.batch
	if j.classes > 0 {
		across = j.classes
	}
	return 3 * 2 * j.batch * across * j.dim / j.devices
}

// gathered returns how many bytes each device must have of the others' embeddings, float32.
func (j job) gathered() float64 {
	if j.devices == 1 {
		return 0
	}
	return 4 * j.batch * j.dim
}

// reduced returns how many bytes of gradients on embeddings the devices add up: those of each image's gradient as a candidate, or from
// each device's classes.
func (j job) reduced() float64 { return j.gathered() }

// near reports whether what was read is what the model says, to the few vectors that it leaves out.
func near(read, model float64) bool { return math.Abs(read-model) <= 0.05*model+64*1024 }
