package training

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/data"
)

// Start starts our training of recipe R28, whose steps are taken in turns, until stop.
func Start(ctx context.Context, device compute.Backend) (steps turns.Contender, stop func() error, err error) {
	r := recipes()[0]
	set, err := r.images()
	if err != nil {
		return nil, nil, err
	}
	mine := startOurs(ctx, device, r.config, set)
	return runner{mine}, mine.stop, nil
}

// Batches returns the batches of that training: drawn, augmented, without end.
func Batches() (*data.PairBatches, error) {
	r := recipes()[0]
	set, err := r.images()
	if err != nil {
		return nil, err
	}
	c := r.config
	batches := &data.PairBatches{Dataset: set, Classes: c.Classes, PerClass: c.PerClass, Size: c.Size, Augment: c.Augment, Seed: c.Seed}
	return batches, batches.Validate()
}
