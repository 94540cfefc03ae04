// Package bench measures Unipair beside its peers on this machine: JAX, PyTorch, pytorch-metric-learning and faiss, pinned and
// checked by hash in an environment of their own. `unipair bench` is its face.
//
// All contenders of a subject stay alive and take turns on the same batches, so that whatever else the machine does hits all of them
// alike. Ratios are taken within a round (package turns). Nothing is tuned that a user would not get. Still, a busy machine punishes
// PyTorch, whose threads wait in loops, more than the others: measure on one that does nothing else.
//
// Package losstime has losses on one batch, and memory; pml every loss beside pytorch-metric-learning; training a network;
// retrieval evaluation. Each gives a section of RESULTS.md. Command verify holds scores of `unipair eval` beside a peer's;
// ranks measures what a second process under MPI gains.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/bench/losstime"
	"github.com/unipair/unipair/bench/parts"
	"github.com/unipair/unipair/bench/pml"
	"github.com/unipair/unipair/bench/retrieval"
	"github.com/unipair/unipair/bench/training"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/turns"
)

// Config says what to measure with. The zero value of all but Root, Self and Progress is each subject's own choice.
type Config struct {
	Root     string   // of the repository
	Self     []string // the words of a program that calls [Serve], or [ServeDisk] with [ServingDisk] behind them
	Sizes    []int
	Losses   []string
	Rounds   int
	Progress func(line string)
}

// Subject is a thing to measure.
type Subject struct {
	Name, About string
	Minutes     int      // on the machine of RESULTS.md
	Alone       bool     // without peers
	Sized       bool     // takes Sizes
	Losses      []string // that it can measure; nil: all that it measures
	quick       Config   // of [Quick]; no Rounds: is not of it
	smallest    Config   // of [WholeOptions]
	run         func(ctx context.Context, c Config) (results.Section, error)
}

// Subjects lists what can be measured, in the order of bench/RESULTS.md.
func Subjects() []Subject {
	return []Subject{
		{
			Name: "pairs", About: "value and gradient of pair-wise losses against the size of the batch, beside JAX, PyTorch and PML",
			Minutes: 13, Sized: true, Losses: losstime.PairLosses,
			quick:    Config{Sizes: []int{128, 512, 2048}, Losses: []string{"circle"}, Rounds: 5},
			smallest: Config{Sizes: []int{128}, Losses: losstime.PairLosses[:1], Rounds: 1},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				return losstime.Pairs(ctx, c.losstime())
			},
		},
		{
			Name: "classes", About: "value and gradient of AM-Softmax against the number of classes, beside JAX, PyTorch and PML",
			Minutes: 3, Sized: true, Losses: losstime.ClassLosses, quick: Config{Sizes: []int{10_000}, Rounds: 3},
			smallest: Config{Sizes: []int{100}, Rounds: 1},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				return losstime.Classes(ctx, c.losstime())
			},
		},
		{
			Name: "large", About: "time and memory up to 65,536 rows, beside JAX, JAX in blocks and PML",
			Minutes: 10, Sized: true, Losses: losstime.PairLosses, smallest: Config{Sizes: []int{128}, Rounds: 1},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				return losstime.Large(ctx, c.losstime())
			},
		},
		{
			Name: "streams", About: "the same of other losses, one after a miner, at 32,768 rows",
			Minutes: 7, Sized: true, Losses: losstime.StreamLosses,
			smallest: Config{Sizes: []int{128}, Losses: losstime.StreamLosses[2:], Rounds: 1},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				return losstime.Streams(ctx, c.losstime())
			},
		},
		{
			Name: "training", About: "images a second of trainings with their input pipeline, a small network and ResNet-18, beside JAX and PyTorch",
			Minutes: 5, quick: Config{Rounds: 4}, smallest: Config{Rounds: 1},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				length := c.length(12)
				length.Turn = 2 * time.Second
				return training.Speed(ctx, training.Config{Peers: c.environment(), Length: length, Progress: c.Progress})
			},
		},
		{
			Name: "eval", About: "recall@K and MAP@R of 60,000 vectors among themselves, beside faiss",
			Minutes: 4, Sized: true, quick: Config{Sizes: []int{10_000}, Rounds: 3}, smallest: Config{Sizes: []int{400}, Rounds: 1},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				length := c.length(5)
				length.Slow = 3 * time.Second
				return retrieval.Speed(ctx, retrieval.Config{Peers: c.environment(), Sizes: c.Sizes, Length: length, Progress: c.Progress})
			},
		},
		{
			Name: "disk", About: "the same of 10,000 queries among 1,000,000 references that stay on the disk: time and memory",
			Minutes: 2, Alone: true, Sized: true, smallest: Config{Sizes: []int{2000}},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				return retrieval.Disk(ctx, retrieval.DiskConfig{Ours: append(slices.Clone(c.Self), ServingDisk), Sizes: c.Sizes, Progress: c.Progress})
			},
		},
		{
			Name: "losses", About: "every loss that PML has too, beside it",
			Minutes: 4, Losses: pml.Names(), smallest: Config{Losses: []string{"contrastive"}, Rounds: 1},
			run: func(ctx context.Context, c Config) (results.Section, error) { return pml.Speed(ctx, c.pml()) },
		},
		{
			Name: "parts", About: "our own parts alone, in one process: each loss at three sizes, the pipeline, a step, an evaluation",
			Minutes: 3, Alone: true, Sized: true, Losses: parts.Names(), smallest: Config{Sizes: []int{8}, Losses: []string{"circle"}},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				return parts.Measure(ctx, parts.Config{Losses: c.Losses, Sizes: c.Sizes})
			},
		},
		{
			Name: "degenerate", About: "NaN, infinities and exceptions on degenerate batches, beside PML",
			Minutes: 3, Losses: pml.Names(), smallest: Config{Losses: []string{"contrastive"}},
			run: func(ctx context.Context, c Config) (results.Section, error) {
				return pml.Degenerate(ctx, c.pml())
			},
		},
	}
}

// Setup installs the peers into bench/.venv of the repository, unless they are there. It says so to progress.
func Setup(ctx context.Context, root string, progress io.Writer) error {
	return peers.Environment{Root: root}.Setup(ctx, progress)
}

// Serve answers for Unipair, as a process beside those of the peers, until the input ends or ctx does.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	if err := compileAnew(); err != nil {
		return err
	}
	return losstime.Serve(ctx, in, out)
}

// ServingDisk is the word behind Self of a program that calls [ServeDisk].
const ServingDisk = "disk"

// ServeDisk answers for an evaluation with references on the disk, as a process whose memory is its own.
func ServeDisk(in io.Reader, out io.Writer) error { return retrieval.ServeDisk(in, out) }

// compileAnew lets this process compile what it calls: a first call is measured without what another process left, as the peers' are.
func compileAnew() error { return os.Setenv(backend.CompiledVariable, "off") }

// Run measures a subject, with its own choice of what c leaves open.
func (s Subject) Run(ctx context.Context, c Config) (results.Section, error) {
	if err := compileAnew(); err != nil {
		return results.Section{}, err
	}
	section, err := s.run(ctx, c)
	section.Subject, section.Machine = s.Name, results.Machine(section.Versions...)
	return section, err
}

// CheckLosses returns an error unless the subject can measure the losses.
func (s Subject) CheckLosses(names []string) error {
	for _, name := range names {
		switch {
		case len(s.Losses) == 0:
			return fmt.Errorf("bench: %s has no --losses", s.Name)
		case !slices.Contains(s.Losses, name):
			return fmt.Errorf("bench: %s has no loss %q: %s", s.Name, name, suggest.For(name, s.Losses))
		}
	}
	return nil
}

// QuickMinutes bounds how long the set of [Quick] takes.
const QuickMinutes = 5

// Quick returns the subjects, and for each the settings, of a set that takes [QuickMinutes].
func Quick(c Config) (subjects []Subject, configs []Config) {
	for _, s := range Subjects() {
		if s.quick.Rounds > 0 {
			quick := s.quick
			quick.Root, quick.Self, quick.Progress = c.Root, c.Self, c.Progress
			subjects, configs = append(subjects, s), append(configs, quick)
		}
	}
	return subjects, configs
}

func (c Config) environment() peers.Environment { return peers.Environment{Root: c.Root} }

func (c Config) losstime() losstime.Config {
	return losstime.Config{
		Peers: c.environment(), Ours: c.Self, Losses: c.Losses, Sizes: c.Sizes, Length: c.length(5), Progress: c.Progress,
	}
}

func (c Config) pml() pml.Config {
	return pml.Config{Peers: c.environment(), Losses: c.Losses, Length: c.length(3), Progress: c.Progress}
}

func (c Config) length(rounds int) turns.Length {
	if c.Rounds > 0 {
		rounds = c.Rounds
	}
	return turns.Length{Rounds: rounds, Turn: 250 * time.Millisecond, Slow: time.Second}
}
