package training

import (
	"context"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/turns"
)

// A contestant takes steps when it is told to.
type contestant interface {
	steps(n int) (turn, error)
	stop() error
}

// turn holds what some steps cost.
type turn struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"` // seconds of all processors
	Loss    float64 `json:"loss"`
	Version string  `json:"version"`
	Shapes  [][]int `json:"shapes"` // of a peer's variables, laid out as ours
}

// runner is a contender that takes turns.
type runner struct{ contestant }

// Take implements [turns.Contender].
func (r runner) Take(runs int) (turns.Turn, error) {
	t, err := r.steps(runs)
	return turns.Turn{Wall: t.Seconds / float64(runs), CPU: t.CPU / float64(runs)}, err
}

// peer is peer.py in a process of its own.
type peer struct{ *peers.Peer }

func startPeer(ctx context.Context, e peers.Environment, name, recipe string) (*peer, error) {
	python, words := e.Command("bench/training/peer.py", name, recipe)
	p, err := peers.Start(ctx, name, python, words...)
	return &peer{p}, err
}

func (p *peer) steps(n int) (t turn, err error) {
	err = p.Ask(n, &t)
	return t, err
}

func (p *peer) stop() error { return p.Stop() }
