package pml

import (
	"context"
	"errors"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/losses"
)

// Config says what to measure with.
type Config struct {
	Peers    peers.Environment
	Losses   []string // of [Names]; nil: all
	Length   turns.Length
	Progress func(line string)
}

// beside says what both compute with, and which losses both have.
type beside struct {
	device compute.Backend
	peer   *peers.Peer
	shared []losses.Entry
	rest   []string // that the library lacks
}

// measure runs with the library beside it what makes a table of the losses of both.
func (c Config) measure(ctx context.Context, heading string,
	run func(ctx context.Context, b beside) (table, version string, rows any, err error),
) (section results.Section, err error) {
	device, _, err := backend.Open()
	if err != nil {
		return section, err
	}
	python, words := c.Peers.Command("bench/pml/peer.py")
	peer, err := peers.Start(ctx, "pytorch-metric-learning", python, words...)
	if err != nil {
		return section, err
	}
	defer func() { err = errors.Join(err, peer.Stop()) }()
	shared, rest := both(c.Losses)
	table, version, rows, err := run(ctx, beside{device, peer, shared, rest})
	return results.Section{Heading: heading, Versions: []string{"backend " + device.Name(), version}, Table: table, Rows: rows}, err
}
