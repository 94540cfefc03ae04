package training

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// ours is a training that stops after each turn until it is told to go on.
type ours struct {
	wanted chan int
	taken  chan train.Record
	failed chan error
	cancel context.CancelFunc
}

func startOurs(ctx context.Context, backend compute.Backend, config train.Config, set data.Dataset) *ours {
	ctx, cancel := context.WithCancel(ctx)
	o := &ours{wanted: make(chan int), taken: make(chan train.Record), failed: make(chan error, 1), cancel: cancel}
	config.Steps = math.MaxInt32
	left := 0
	pause := func() {
		if left == 0 {
			select {
			case left = <-o.wanted:
			case <-ctx.Done():
			}
		}
		left--
	}
	go func() {
		pause()
		_, err := train.Run(ctx, backend, config, set, train.Options{Progress: func(r train.Record) {
			if left == 0 {
				o.taken <- r
			}
			pause()
		}})
		o.failed <- err
	}()
	return o
}

func (o *ours) steps(n int) (turn, error) {
	wall, cpu := time.Now(), turns.ProcessorTime()
	for wanted := o.wanted; ; wanted = nil {
		select {
		case wanted <- n:
		case record := <-o.taken:
			return turn{Seconds: time.Since(wall).Seconds(), CPU: turns.ProcessorTime() - cpu, Loss: record.Loss}, nil
		case err := <-o.failed:
			o.failed <- err // for stop
			return turn{}, fmt.Errorf("ours: %w", err)
		}
	}
}

func (o *ours) stop() error {
	o.cancel()
	if err := <-o.failed; !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
