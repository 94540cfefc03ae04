// Command verify lets somebody else's program check what `unipair eval` measures: it exports the embeddings that were measured,
// gives them to pytorch-metric-learning's AccuracyCalculator and compares the numbers.
//
//	go run ./bench/verify -checkpoint runs/circle -data folder:photos
//
// It needs the peers' environment, which the first `unipair bench` installs, and so does this. The exit code is 1 if a number
// differs by more than 1e-6.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/repository"
)

// tolerance of a difference: there reciprocal ranks are summed in float32.
const tolerance = 1e-6

func main() {
	checkpoint := flag.String("checkpoint", "", "directory that `unipair train --out` wrote")
	data := flag.String("data", "", "data set, as for `unipair eval`")
	part := flag.String("part", "", "part of the data set, as for `unipair eval`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *checkpoint, *data, *part)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/verify:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, checkpoint, data, part string) error {
	if checkpoint == "" || data == "" {
		return fmt.Errorf("want -checkpoint DIR and -data D")
	}
	root, err := repository.Root()
	if err != nil {
		return err
	}
	environment := peers.Environment{Root: root}
	if err := environment.Setup(ctx, os.Stderr); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "unipair-verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	at := filepath.Join(dir, "index")
	ours, err := measure(ctx, checkpoint, data, part, at)
	if err != nil {
		return err
	}
	theirs, err := ask(ctx, environment, at)
	if err != nil {
		return err
	}
	return compare(ours, theirs)
}

// measure writes the embeddings of a part to an index, and measures them, as `unipair export` and `unipair eval` do.
func measure(ctx context.Context, checkpoint, name, part, at string) (ours evaluation.Result, err error) {
	set, err := datasets.Find(name)
	if err != nil {
		return ours, err
	}
	networks, err := ensemble.Read([]string{checkpoint}, false)
	if err != nil {
		return ours, err
	}
	o := evaluation.DefaultOptions()
	o.Part, o.Learnt = part, networks.Learnt()
	o.Data, _ = progress.OfData(os.Stderr, false)
	chosen, err := set.Part(ctx, part, o.Learnt, o.Data)
	if err != nil {
		return ours, err
	}
	if chosen.Queries == nil || chosen.Gallery != nil {
		return ours, fmt.Errorf("%s is not searched in itself: give a part that is", name)
	}
	if o.Backend, _, err = backend.Open(); err != nil {
		return ours, err
	}
	if _, err = index.Write(ctx, at, o.Backend, networks, chosen.Queries, "npy"); err != nil {
		return ours, err
	}
	members, err := networks.Load(o.Backend)
	if err != nil {
		return ours, err
	}
	return evaluation.Run(ctx, members, set, o)
}

// answer holds what the peer says.
type answer struct {
	Version string
	Images  int
	Scores  map[string]float64
}

func ask(ctx context.Context, environment peers.Environment, index string) (a answer, err error) {
	python, words := environment.Command(filepath.Join("bench", "verify", "verify.py"))
	peer, err := peers.Start(ctx, "pytorch-metric-learning", python, words...)
	if err != nil {
		return a, err
	}
	defer peer.Stop()
	return a, peer.Ask(map[string]string{"index": index}, &a)
}

// compare prints the numbers side by side, and returns an error if two differ.
func compare(ours evaluation.Result, theirs answer) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%d images\tunipair eval\t%s\tdifference\n", theirs.Images, theirs.Version)
	worst := 0.0
	for _, name := range []string{"precision_at_1", "r_precision", "map_at_r", "mean_average_precision", "mrr"} {
		mine, ok := ours.Metric(name)
		other, also := theirs.Scores[name]
		if !ok || !also {
			return fmt.Errorf("%s is not in both results", name)
		}
		fmt.Fprintf(table, "%s\t%.9f\t%.9f\t%.1e\n", name, mine.Value, other, math.Abs(mine.Value-other))
		worst = max(worst, math.Abs(mine.Value-other))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !(worst <= tolerance) {
		return fmt.Errorf("the largest difference is %g, more than %g", worst, tolerance)
	}
	return nil
}
