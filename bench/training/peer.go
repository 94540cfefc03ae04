package main

import (
	"context"
	"path/filepath"

	"github.com/unipair/unipair/bench/peers"
)

// A contestant takes steps when it is told to.
type contestant interface {
	steps(n int) (turn, error)
}

// turn is what some steps cost.
type turn struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"` // seconds of all processors
	Loss    float64 `json:"loss"`
	Version string  `json:"version"`
}

// peer is peer.py in a process of its own.
type peer struct{ *peers.Peer }

func startPeer(ctx context.Context, name string) (*peer, error) {
	p, err := peers.Start(ctx, filepath.Join("bench", "training", "peer.py"), name)
	return &peer{p}, err
}

func (p *peer) steps(n int) (t turn, err error) {
	err = p.Ask(n, &t)
	return t, err
}
