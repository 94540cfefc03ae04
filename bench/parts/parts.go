// Package parts measures the parts of Unipair within one process, alone: each loss of the catalogue, the input pipeline, a step of a
// training, an evaluation. It answers which part takes how long and whether a change helped; whether that is much, the peers say.
//
// github.com/janpfeifer/go-benchmarks, by the author of GoMLX, warms up, repeats and takes quantiles.
package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gomlx/compute"
	benchmarks "github.com/janpfeifer/go-benchmarks"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
)

// Config says what to measure.
type Config struct {
	Losses   []string      // of the catalogue; nil: all, and the parts that are no loss
	Sizes    []int         // of the losses' batches; nil: 32, 128 and 512 rows
	Duration time.Duration // of each part, at least; 0 is 200 ms

	device compute.Backend // nil: that of [backend.Open]
}

// Row holds what a part took, in seconds.
type Row struct {
	Part      string          `json:"part"`
	Size      string          `json:"size"`
	First     float64         `json:"first_seconds"` // with what is made and compiled once
	Mean      float64         `json:"mean_seconds"`
	Median    float64         `json:"median_seconds"`
	Quantiles map[int]float64 `json:"quantile_seconds"` // by hundredths
	Runs      int             `json:"runs"`             // that were counted
}

// part is a thing to measure.
type part struct {
	name, size string
	long       bool // takes ten times the duration: a run is not short
	open       func(ctx context.Context) (running, error)
}

// running is a part that can be run again and again, until it is closed.
type running struct {
	run   func() error
	close func() error
}

// quantiles are those that a table has beside the median.
var quantiles = []int{5, 95, 99}

// Measure measures the parts, one after the other. Their table by go-benchmarks goes to the standard error as it grows.
func Measure(ctx context.Context, c Config) (results.Section, error) {
	if c.device == nil {
		device, _, err := backend.Open()
		if err != nil {
			return results.Section{}, err
		}
		c.device = device
	}
	parts, err := c.parts()
	if err != nil {
		return results.Section{}, err
	}
	rows, err := c.each(ctx, parts)
	if err != nil {
		return results.Section{}, err
	}
	return results.Section{
		Heading: "Parts", Versions: []string{"backend " + c.device.Name(), "go-benchmarks"}, Rows: rows,
		Table: fmt.Sprintf("Ours alone, in one process, d = %d, value and gradients in float32 of losses with their default settings. "+
			"First is with what is made and compiled once. Batches are made ahead: what one of them costs is the mean.\n\n", dim) + table(rows),
	}, nil
}

// each measures parts in turn.
func (c Config) each(ctx context.Context, parts []part) (rows []Row, err error) {
	for _, p := range parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := c.measure(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("bench: %s, %s: %w", p.name, p.size, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// measure runs one part for a while.
func (c Config) measure(ctx context.Context, p part) (row Row, err error) {
	begin := time.Now()
	r, err := p.open(ctx)
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.run(); err != nil {
		return row, err
	}
	row = Row{Part: p.name, Size: p.size, First: time.Since(begin).Seconds(), Quantiles: map[int]float64{}}
	const warmUps = 2
	calls, duration := 0, c.Duration
	if p.long {
		duration *= 10
	}
	said := taken(p.name+", "+p.size, duration, warmUps, func() {
		calls++
		if failed := r.run(); failed != nil && err == nil {
			err = failed
		}
	})
	row.Runs, row.Mean, row.Median = calls-warmUps, said[0].Seconds(), said[1].Seconds()
	for i, q := range quantiles {
		row.Quantiles[q] = said[2+i].Seconds()
	}
	return row, err
}

// taken returns the mean, the median and the quantiles of a function. The library prints what it finds and does not return it: what it asks
// to be made readable, in the order of its columns, is just that. Its own table is progress, and goes where progress goes.
func taken(name string, duration time.Duration, warmUps int, f func()) (said []time.Duration) {
	out := os.Stdout
	os.Stdout = os.Stderr
	defer func() { os.Stdout = out }()
	benchmarks.New(benchmarks.NamedFunction{Name: fmt.Sprintf("%-44s", name), Func: f}).
		WithHeader(false).WithWarmUps(warmUps).WithDuration(duration).WithQuantiles(quantiles...).
		WithPrettyPrintFn(func(d time.Duration) string {
			said = append(said, d)
			return benchmarks.PrettyPrint(d)
		}).Done()
	return said
}

func table(rows []Row) string {
	var text strings.Builder
	text.WriteString("| part | size | median, ms | 5 – 95 % | 99 % | mean | runs | first, s |\n|---|---|---|---|---|---|---|---|\n")
	ms := func(seconds float64) string { return fmt.Sprintf("%.3g", 1000*seconds) }
	for _, r := range rows {
		fmt.Fprintf(&text, "| %s | %s | %s | %s – %s | %s | %s | %d | %.1f |\n", r.Part, r.Size, ms(r.Median), ms(r.Quantiles[5]), ms(r.Quantiles[95]),
			ms(r.Quantiles[99]), ms(r.Mean), r.Runs, r.First)
	}
	return text.String()
}
