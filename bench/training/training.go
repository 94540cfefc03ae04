package training

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
)

// Config says what to measure with.
type Config struct {
	Peers    peers.Environment
	Length   turns.Length
	Missing  map[string]bool // peers that are not here: "jax", "torch"
	Progress func(line string)
}

// Row holds what one contender took.
type Row struct {
	Name            string       `json:"name"`
	Version         string       `json:"version"`
	First           float64      `json:"first_seconds"` // the first step, compilation included
	ImagesPerSecond turns.Spread `json:"images_per_second"`
	ImagesPerCPU    float64      `json:"images_per_cpu_second"`
	Ratio           turns.Spread `json:"ratio"` // ours ÷ its images a second
	CPURatio        turns.Spread `json:"cpu_ratio"`
}

// entrants are the names of the contenders, and what peer.py calls them; the first is ours.
var entrants = [][2]string{
	{"Unipair", ""}, {"JAX, jitted", "jax"}, {"JAX, jitted, reduce_window pooling", "jax-maxpool"}, {"PyTorch, eager", "torch"},
}

// here returns the entrants that are not missing.
func (c Config) here() [][2]string {
	return slices.DeleteFunc(slices.Clone(entrants), func(entrant [2]string) bool {
		framework, _, _ := strings.Cut(entrant[1], "-")
		return c.Missing[framework]
	})
}

// Speed measures images a second.
func Speed(ctx context.Context, c Config) (section results.Section, err error) {
	device, _, err := backend.Open()
	if err != nil {
		return section, err
	}
	set, err := images()
	if err != nil {
		return section, err
	}
	config := settings()
	batch := config.Classes * config.PerClass
	entrants := c.here()
	rows := make([]Row, len(entrants))
	var all []turns.Contender
	for i, entrant := range entrants {
		rows[i].Name = entrant[0]
		var mine contestant
		if i == 0 {
			mine = startOurs(ctx, device, set)
		} else if mine, err = startPeer(ctx, c.Peers, entrant[1]); err != nil {
			return section, err
		}
		defer func() { err = errors.Join(err, mine.stop()) }()
		c.Progress("the first step of " + entrant[0])
		first, err := mine.steps(1)
		if err != nil {
			return section, fmt.Errorf("%s: %w", entrant[0], err)
		}
		rows[i].First, rows[i].Version = first.Seconds, first.Version
		all = append(all, runner{mine})
	}
	rows[0].Version = "this tree"
	c.Progress("taking turns")
	taken, err := turns.Run(ctx, all, c.Length)
	if err != nil {
		return section, err
	}
	for i := range rows {
		rows[i].fill(taken[0], taken[i], batch)
	}
	text := fmt.Sprintf("Circle loss, AdamW, recipe R28, batches of %d × %d images of %d × %d pixels, our batches drawn and augmented within the time, "+
		"the peers' made beforehand. Ratios are of images a second: above 1 is to our favour.\n\n",
		config.Classes, config.PerClass, config.Size, config.Size)
	return results.Section{Heading: "Training speed", Versions: []string{"backend " + device.Name()}, Table: text + table(rows), Rows: rows}, nil
}

// fill makes a row of turns whose unit is a step, so many images.
func (r *Row) fill(ours, its []turns.Turn, batch int) {
	seconds := turns.Walls(its)
	images := float64(batch)
	r.ImagesPerSecond = turns.Spread{Median: images / seconds.Median, Least: images / seconds.Most, Most: images / seconds.Least}
	var cpu float64
	for _, t := range its {
		cpu += t.CPU / float64(len(its))
	}
	r.ImagesPerCPU = images / cpu
	r.Ratio, r.CPURatio = turns.Ratio(its, ours), turns.CPURatio(its, ours)
}

func table(rows []Row) string {
	var text strings.Builder
	text.WriteString("| | images/s | images per CPU-second | ours ÷ it, wall | ours ÷ it, CPU | first step, s | version |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		s := r.ImagesPerSecond
		fmt.Fprintf(&text, "| %s | %.0f (%.0f – %.0f) | %.0f | %s | %s | %.1f | %s |\n", r.Name, s.Median, s.Least, s.Most, r.ImagesPerCPU,
			r.Ratio, r.CPURatio, r.First, r.Version)
	}
	return text.String()
}
