package losstime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/bench/internal/memory"
	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/turns"
)

// asker is a [peers.Peer].
type asker interface {
	Ask(question, answer any) error
	Stop() error
}

// contender is a way to compute a task, by one of the processes.
type contender struct {
	Name    string // in tables
	process string // of [field.processes]
	word    string // what the process calls it
}

// contenders run against ours, which is the first. The products compute no loss and are compared with nothing.
var contenders = []contender{
	{"Unipair", ours, whole},
	{"the products alone", ours, products},
	{"JAX", "jax", "usual"},
	{"JAX, our algorithm", "jax", "same"},
	{"JAX's products alone", "jax", products},
	{"PyTorch", "torch", "usual"},
	{"PyTorch, compiled", "torch", "compiled"},
	{"PML", "torch", "library"},
}

const ours = "unipair"

// programs are the peers' Python programs.
var programs = map[string]string{"jax": "bench/losstime/jax_peer.py", "torch": "bench/losstime/torch_peer.py"}

// Config says what to measure with.
type Config struct {
	Peers    peers.Environment
	Ours     []string // the words of a program that calls [Serve]
	Losses   []string // of those of the subject; nil: all
	Sizes    []int    // of batches or class weights; nil: those of the subject
	Length   turns.Length
	Missing  map[string]bool // peers that are not here: "jax", "torch"; their columns stay empty
	Progress func(line string)

	starter func(ctx context.Context, process string) (asker, error) // of tests
}

// start starts a process of a field.
func (c Config) start(ctx context.Context, process string) (asker, error) {
	if c.starter != nil {
		return c.starter(ctx, process)
	}
	if process == ours {
		return peers.Start(ctx, process, c.Ours[0], c.Ours[1:]...)
	}
	python, words := c.Peers.Command(programs[process])
	return peers.Start(ctx, process, python, words...)
}

// field is the processes of a comparison, and a folder for batches and gradients.
type field struct {
	processes map[string]asker
	versions  map[string]string
	baseline  map[string]int64 // bytes that each had taken before any batch
	dir       string
}

// open starts the processes and asks each for its version.
func open(ctx context.Context, start func(ctx context.Context, process string) (asker, error), processes ...string) (*field, error) {
	dir, err := os.MkdirTemp("", "unipair-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	f := &field{map[string]asker{}, map[string]string{}, map[string]int64{}, dir}
	for _, process := range processes {
		p, err := start(ctx, process)
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		f.processes[process] = p
		var opened reply
		if err := p.Ask(request{Op: "open"}, &opened); err != nil {
			return nil, errors.Join(err, f.close())
		}
		f.versions[process], f.baseline[process] = opened.Version, opened.Bytes
	}
	return f, nil
}

// close ends the processes and removes the folder.
func (f *field) close() error {
	var failures []error
	for _, p := range f.processes {
		failures = append(failures, p.Stop())
	}
	return errors.Join(append(failures, os.RemoveAll(f.dir))...)
}

// load hands all processes the batch of a task.
func (f *field) load(t task) error {
	batch, err := t.write(f.dir)
	if err != nil {
		return err
	}
	for _, p := range f.processes {
		if err := p.Ask(request{Op: "load", files: batch}, &reply{}); err != nil {
			return err
		}
	}
	return nil
}

// outcome holds what a contender did.
type outcome struct {
	contender
	skipped string  // why it did not run; empty: it did
	first   float64 // seconds of the first value and gradient, compilation included
	turns   []turns.Turn
	peak    int64 // bytes beyond the process's before the batch; 0: not measured
}

// notWritten is the answer of a peer for a loss that it has no such form of.
const notWritten = "not written"

// notHere is the reason of a contender whose process is of [Config.Missing]: whoever said so says it in the page.
const notHere = "not here"

// measure compares the contenders' values and gradients with ours, the first's, and then has them take turns.
func (f *field) measure(ctx context.Context, t task, all []contender, length turns.Length) ([]outcome, error) {
	outcomes := make([]outcome, len(all))
	var value float64
	var gradient []float32
	for i, c := range all {
		outcomes[i].contender = c
		if f.processes[c.process] == nil {
			outcomes[i].skipped = notHere
			continue
		}
		if outcomes[i].skipped = c.skip(t, memory.Available()); outcomes[i].skipped != "" {
			continue
		}
		made, numbers, err := f.make(t, c)
		var failure peers.Failure
		switch {
		case i > 0 && errors.As(err, &failure):
			outcomes[i].skipped = failure.Reason
			continue
		case err != nil:
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		case i == 0:
			value, gradient = made.Value, numbers
		case c.word == products:
		default:
			if err := agree(made.Value, value, numbers, gradient); err != nil {
				return nil, fmt.Errorf("bench: %s of %d rows: %s differs from Unipair: %w", t.loss, t.rows, c.Name, err)
			}
		}
		outcomes[i].first = made.Seconds
	}
	var running []turns.Contender
	for _, o := range outcomes {
		if o.skipped == "" {
			running = append(running, runner{f.processes[o.process], request{Op: "time", Contender: o.word, Loss: t.loss}})
		}
	}
	taken, err := turns.Run(ctx, running, length)
	if err != nil {
		return nil, err
	}
	for i := range outcomes {
		if outcomes[i].skipped == "" {
			outcomes[i].turns, taken = taken[0], taken[1:]
		}
	}
	return outcomes, nil
}

// make has a contender compute once and reads its gradient.
func (f *field) make(t task, c contender) (reply, []float32, error) {
	path := filepath.Join(f.dir, "gradients")
	var made reply
	if err := f.processes[c.process].Ask(request{Op: "make", Contender: c.word, Loss: t.loss, Gradients: path}, &made); err != nil {
		return reply{}, nil, err
	}
	numbers, err := peers.ReadNumbers[float32](path)
	return made, numbers, err
}

// runner asks a process to take a turn.
type runner struct {
	process asker
	time    request
}

// Take implements [turns.Contender].
func (r runner) Take(runs int) (turns.Turn, error) {
	r.time.Runs = runs
	var took reply
	err := r.process.Ask(r.time, &took)
	return turns.Turn{Wall: took.Wall, CPU: took.CPU}, err
}
