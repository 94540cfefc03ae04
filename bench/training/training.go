package training

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/compute"

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
	Recipe          string       `json:"recipe"`
	Name            string       `json:"name"`
	Version         string       `json:"version"`
	First           float64      `json:"first_seconds"` // the first step, compilation included
	ImagesPerSecond turns.Spread `json:"images_per_second"`
	ImagesPerCPU    float64      `json:"images_per_cpu_second"`
	Ratio           turns.Spread `json:"ratio"` // ours ÷ its images a second
	CPURatio        turns.Spread `json:"cpu_ratio"`
}

// Speed measures images a second, recipe by recipe.
func Speed(ctx context.Context, c Config) (section results.Section, err error) {
	device, _, err := backend.Open()
	if err != nil {
		return section, err
	}
	var all []Row
	text := strings.Builder{}
	text.WriteString("Circle loss, AdamW, our batches drawn and augmented within the time, the peers' made beforehand. " +
		"Ratios are of images a second: above 1 is to our favour.\n")
	for _, r := range recipes() {
		rows, err := c.race(ctx, device, r)
		if err != nil {
			return section, err
		}
		fmt.Fprintf(&text, "\n**%s**\n\n%s.\n\n%s", r.name, r.about(), table(rows))
		all = append(all, rows...)
	}
	return results.Section{Heading: "Training speed", Versions: []string{"backend " + device.Name()}, Table: text.String(), Rows: all}, nil
}

// race lets all contenders train one recipe in turns; ours is the first row.
func (c Config) race(ctx context.Context, device compute.Backend, r recipe) (rows []Row, err error) {
	set, err := r.images()
	if err != nil {
		return nil, err
	}
	shapes, err := r.shapes(device)
	if err != nil {
		return nil, err
	}
	var all []turns.Contender
	enter := func(name string, of contestant) (turn, error) {
		all = append(all, runner{of})
		c.Progress("the first step of " + name + " on " + r.name)
		first, err := of.steps(1)
		if err != nil {
			return first, fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, Row{Recipe: r.name, Name: name, Version: first.Version, First: first.Seconds})
		return first, nil
	}
	ours := startOurs(ctx, device, r.config, set)
	defer func() { err = errors.Join(err, ours.stop()) }()
	if _, err := enter("Unipair", ours); err != nil {
		return nil, err
	}
	rows[0].Version = "this tree"
	for _, entrant := range r.peers {
		if framework, _, _ := strings.Cut(entrant[1], "-"); c.Missing[framework] {
			continue
		}
		its, err := startPeer(ctx, c.Peers, entrant[1], r.word)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, its.stop()) }()
		first, err := enter(entrant[0], its)
		if err == nil {
			err = r.check(entrant[0], shapes, first.Shapes)
		}
		if err != nil {
			return nil, err
		}
	}
	c.Progress("taking turns")
	taken, err := turns.Run(ctx, all, c.Length)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].fill(taken[0], taken[i], r.batch())
	}
	return rows, nil
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
