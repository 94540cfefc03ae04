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

// A link joins machines: each sends and receives so many bytes a second, and an exchange takes at least so many seconds.
type link struct {
	name      string
	bandwidth float64
	latency   float64
}

// A machine has a rate of the loss's work, in floating-point operations of its products a second, all else included.
type machine struct{ rate float64 }

// seconds returns what a step's loss takes: its work, and the exchanges round a ring, in which a device passes on (D − 1)/D of what is
// gathered, and twice that of what is reduced, in D − 1 rounds. network is how many bytes of gradients of a network are reduced too.
func (m machine) seconds(j job, l link, network float64) (work, exchange float64) {
	work = j.flops() / m.rate
	if j.devices == 1 {
		return work, 0
	}
	part := (j.devices - 1) / j.devices
	bytes := part * (j.gathered() + 2*j.reduced() + 2*network)
	rounds := (j.devices - 1) * 5 // one gather and two reductions of two passes
	return work, bytes/l.bandwidth + rounds*l.latency
}

// near reports whether what was read is what the model says, to the few vectors that it leaves out.
func near(read, model float64) bool { return math.Abs(read-model) <= 0.05*model+64*1024 }
