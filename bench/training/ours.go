package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

	"github.com/gomlx/compute"

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

func startOurs(ctx context.Context, backend compute.Backend, set data.Dataset) *ours {
	ctx, cancel := context.WithCancel(ctx)
	o := &ours{wanted: make(chan int), taken: make(chan train.Record), failed: make(chan error, 1), cancel: cancel}
	config := train.DefaultConfig()
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
	wall, cpu := time.Now(), processorTime()
	o.wanted <- n
	select {
	case record := <-o.taken:
		return turn{Seconds: time.Since(wall).Seconds(), CPU: processorTime() - cpu, Loss: record.Loss}, nil
	case err := <-o.failed:
		return turn{}, fmt.Errorf("ours: %w", err)
	}
}

func (o *ours) stop() error {
	o.cancel()
	if err := <-o.failed; !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// processorTime is how long all processors have worked for this process, in seconds.
func processorTime() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // the arguments are constant: it cannot fail
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}
