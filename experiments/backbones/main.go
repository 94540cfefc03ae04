package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/suggest"
)

// tables lists what can be measured.
var tables = []struct {
	name, heading string
	make          func(context.Context, *subject) (string, error)
}{
	{"heads", "Heads on a network that does not learn", heads},
	{"artists", "Emoji of one artist among the others'", artists},
	{"pairs", "Losses of pairs on a network that does not learn", pairLosses},
	{"classes", "Losses of classes on a network that does not learn", classLosses},
	{"better", "Better than a linear head on a network's output", better},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "experiments/backbones:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var names []string
	for _, t := range tables {
		names = append(names, t.name)
	}
	name := flag.String("table", "", "which one to make: "+strings.Join(names, ", "))
	pictures := flag.String("pictures", "", "`folder` of GROUP/NAME/ARTIST.png")
	network := flag.String("network", "", "ONNX `file` of a network for pictures that are prepared as EfficientNet-lite's")
	cache := flag.String("cache", "", "`folder` for features (default: where unipair keeps them)")
	seeds := flag.Uint64("seeds", 3, "how many seeds, from 0")
	steps := flag.Int("steps", 700, "training steps")
	page := flag.String("page", "", "Markdown `file` whose section is replaced, such as experiments/RESULTS.md")
	flag.Parse()
	if *pictures == "" || *network == "" || *seeds < 1 || *steps < 2 || flag.NArg() > 0 {
		return fmt.Errorf("want -pictures, -network, at least one seed and 2 steps, and no further words: " +
			"see `go doc ./experiments/backbones`")
	}
	for _, t := range tables {
		if t.name != *name {
			continue
		}
		if *cache != "" {
			if err := os.Setenv("XDG_CACHE_HOME", *cache); err != nil {
				return err
			}
		}
		device, line, err := backend.Open()
		if err != nil {
			return err
		}
		text, err := t.make(ctx, &subject{device: device, pictures: *pictures, network: *network, seeds: *seeds, steps: *steps})
		if err != nil {
			return err
		}
		fmt.Println(text)
		if *page == "" {
			return nil
		}
		command := strings.Join(append([]string{"go run ./experiments/backbones"}, os.Args[1:]...), " ")
		return results.Replace(*page, t.heading, results.Section{Command: command, Machine: results.Machine(line), Table: text}.Text())
	}
	return fmt.Errorf("unknown table %q: %s", *name, suggest.For(*name, names))
}
