// Package pml compares every loss that pytorch-metric-learning has too with that library. [Speed] says how long value and gradient take,
// [Degenerate] how many degenerate batches end in NaN, an infinity or an exception.
//
// A loss of the catalogue is compared if pairs.go and peer.py have it. Value and gradients must agree before they are timed, or
// pairs.go must say why they do not; that a reason still holds is checked too.
package pml
