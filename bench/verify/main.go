// Command verify lets somebody else's program check `unipair eval`: it exports the embeddings that were measured, gives them to
// pytorch-metric-learning's AccuracyCalculator and compares the numbers.
//
//	go run ./bench/verify -checkpoint runs/circle -data folder:photos
//
// It needs the peers' environment, which the first `unipair bench` installs, and so does this. The exit code is 1 if a number differs by more
// than 1e-6.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"text/tabwriter"

	"github.com/unipair/unipair/bench/internal/peers"
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
	words := []string{"--checkpoint", checkpoint, "--data", data}
	if part != "" {
		words = append(words, "--part", part)
	}
	index := filepath.Join(dir, "index")
	if _, err := unipair(ctx, root, append([]string{"export", "--out", index}, words...)...); err != nil {
		return err
	}
	measured, err := unipair(ctx, root, append([]string{"eval", "--json"}, words...)...)
	if err != nil {
		return err
	}
	var ours map[string]any
	if err := json.Unmarshal(measured, &ours); err != nil {
		return fmt.Errorf("unipair eval wrote what is no JSON: %w", err)
	}
	theirs, err := ask(ctx, environment, index)
	if err != nil {
		return err
	}
	return compare(ours, theirs)
}

// unipair runs the program and returns what it wrote.
func unipair(ctx context.Context, root string, words ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", append([]string{"run", filepath.Join(root, "cmd", "unipair")}, words...)...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, os.Stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("unipair %s: %w", words[0], err)
	}
	return out.Bytes(), nil
}

// answer is what the peer says.
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
func compare(ours map[string]any, theirs answer) error {
	if queries, ok := ours["queries"].(float64); !ok || int(queries) > theirs.Images || len(theirs.Scores) == 0 {
		return fmt.Errorf("%v queries were measured, and %d images exported: give a part that is searched in itself", ours["queries"], theirs.Images)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%d images\tunipair eval\t%s\tdifference\n", theirs.Images, theirs.Version)
	worst := 0.0
	for _, name := range []string{"precision_at_1", "r_precision", "map_at_r", "mean_average_precision", "mrr"} {
		mine, ok := ours[name].(float64)
		other, also := theirs.Scores[name]
		if !ok || !also {
			return fmt.Errorf("%s is not in both results", name)
		}
		fmt.Fprintf(table, "%s\t%.9f\t%.9f\t%.1e\n", name, mine, other, math.Abs(mine-other))
		worst = max(worst, math.Abs(mine-other))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !(worst <= tolerance) {
		return fmt.Errorf("the largest difference is %g, more than %g", worst, tolerance)
	}
	return nil
}
