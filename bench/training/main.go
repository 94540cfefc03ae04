package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/unipair/unipair/bench/results"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/train"
)

func main() {
	rounds := flag.Int("rounds", 12, "how often each takes its turn")
	steps := flag.Int("steps", 25, "training steps in a turn")
	page := flag.String("page", "", "file whose section on training speed is replaced, such as bench/RESULTS.md")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *rounds, *steps, *page)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/training:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds, steps int, page string) error {
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	set, err := images()
	if err != nil {
		return err
	}
	mine := startOurs(ctx, device, set)
	names := []string{"Unipair", "JAX, jitted", "JAX, jitted, reduce_window pooling", "PyTorch, eager"}
	all := []contestant{mine}
	var peers []*peer
	for _, name := range []string{"jax", "jax-maxpool", "torch"} {
		p, err := startPeer(ctx, name)
		if err != nil {
			return err
		}
		all, peers = append(all, p), append(peers, p)
	}
	turns := make([][]turn, len(all))
	for round := range rounds + 1 {
		for i := range all {
			t, err := all[i].steps(steps)
			if err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
			if round > 0 { // the first has compilation and warming up
				turns[i] = append(turns[i], t)
			}
		}
		fmt.Fprintf(os.Stderr, "\rround %d of %d", round, rounds)
	}
	fmt.Fprintln(os.Stderr)
	for _, p := range peers {
		if err := p.Stop(); err != nil {
			return err
		}
	}
	if err := mine.stop(); err != nil {
		return err
	}
	config := train.DefaultConfig()
	table := report(names, turns, config.Classes*config.PerClass*steps)
	text := fmt.Sprintf("`go run ./bench/training -rounds %d -steps %d`: %s. %s, batches of %d × %d images of %d × %d pixels, %s.\n\n%s",
		rounds, steps, results.Circumstances(device), "Circle loss, AdamW, recipe R28", config.Classes, config.PerClass, config.Size, config.Size,
		"our batches drawn and augmented within the time, the peers' made beforehand", table)
	fmt.Print(text)
	if page == "" {
		return nil
	}
	return results.Replace(page, "Training speed", text)
}

// report makes the table: medians over the rounds, and ratios of ours to the others taken round by round.
func report(names []string, turns [][]turn, images int) string {
	var text strings.Builder
	text.WriteString("| | images/s, median (least – most) | images per CPU-second | ours ÷ it, wall | ours ÷ it, CPU | version |\n|---|---|---|---|---|---|\n")
	for i, name := range names {
		var speeds, economies, walls, processors []float64
		for round, t := range turns[i] {
			speeds = append(speeds, float64(images)/t.Seconds)
			economies = append(economies, float64(images)/t.CPU)
			walls = append(walls, t.Seconds/turns[0][round].Seconds)
			processors = append(processors, t.CPU/turns[0][round].CPU)
		}
		version := turns[i][0].Version
		if version == "" {
			version = "this tree"
		}
		fmt.Fprintf(&text, "| %s | %.0f (%.0f – %.0f) | %.0f | %.2f | %.2f | %s |\n", name, median(speeds), slices.Min(speeds),
			slices.Max(speeds), median(economies), median(walls), median(processors), version)
	}
	return text.String()
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
