package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "classes:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	classes := flag.Int("classes", 1_000_000, "how many classes there are")
	dim := flag.Int("dim", 128, "numbers of a class weight, and of an embedding")
	ratio := flag.Float64("ratio", 0.1, "`fraction` of the classes that a step looks at; 0 is all, in blocks")
	block := flag.Int("block", 4096, "classes at a time, with -ratio 0")
	steps := flag.Int("steps", 60, "steps, at least 20")
	batch := flag.Int("batch", 256, "examples of a batch, even")
	loss := flag.String("loss", "am-softmax", "a class-level loss")
	rate := flag.Float64("class-learning-rate", 0.1, "of the class weights")
	versus := flag.Bool("race", false, "no training: the loss in blocks beside the loss over all classes at once, in turns")
	page := flag.String("page", "", "Markdown `file` whose section on many classes is replaced")
	flag.Parse()
	if *steps < 20 || *batch < 4 || *batch%2 != 0 || *classes < *batch {
		return fmt.Errorf("want at least 20 steps, an even batch of 4 or more and as many classes, got %d steps, %d and %d",
			*steps, *batch, *classes)
	}

	c := train.DefaultConfig()
	c.Loss, c.Network, c.Augment = *loss, train.Network{Architecture: train.ArchitectureMLP, Width: 256, Dim: *dim}, data.Augment{}
	c.Sampling, c.Classes, c.PerClass = train.SampleRandom, *batch/2, 2
	c.Steps, c.Warmup, c.LearningRate, c.ClassLearningRate = *steps, *steps/10, 3e-3, *rate
	c.ClassBlock = *block
	if *ratio > 0 {
		c.ClassSample, c.ClassBlock = train.ClassSample{Ratio: *ratio}, 0
	}
	options := train.Options{Stall: -1}
	device, line, err := backend.Open()
	if err != nil {
		return err
	}
	fmt.Println(line)
	if *versus {
		entry, err := losses.Find(*loss)
		if err != nil {
			return err
		}
		text, err := compare(ctx, device, entry.Default, *batch, *classes, *dim, *block)
		if err != nil {
			return err
		}
		return show(*page, "Very many classes, in blocks and at once", device.Name(), text)
	}
	set := newLongTail(*classes)
	fmt.Printf("%d classes, %d examples, %d numbers of class weights\n", *classes, set.Len(), *classes**dim)
	before := memory()
	seconds := make([]float64, 0, *steps)
	last := time.Now()
	options.Progress = func(r train.Record) {
		seconds = append(seconds, time.Since(last).Seconds())
		last = time.Now()
		fmt.Printf("step %3d  loss %8.4f  %6.2f s  %5.0f MB\n", r.Step, r.Loss, seconds[len(seconds)-1], memory().resident)
	}
	result, err := train.Run(ctx, device, c, set, options)
	if err != nil {
		return err
	}
	text := summary(result.History, seconds[1:], before, memory(), *classes, *ratio, *dim, *batch) // the first step compiles
	heading := "Very many classes"
	if *ratio == 0 {
		heading += ", all in each step"
	}
	return show(*page, heading, device.Name(), text)
}

// show prints a table, and writes it into a section of a page if there is one.
func show(page, heading, device, text string) error {
	fmt.Println(text)
	if page == "" {
		return nil
	}
	command := strings.Join(append([]string{"go run ./experiments/classes"}, os.Args[1:]...), " ")
	section := results.Section{Command: command, Machine: results.Machine("backend " + device), Table: text}
	return results.Replace(page, heading, section.Text())
}

// summary says in a table what a training cost and what came of it.
func summary(history []train.Record, seconds []float64, before, after usage, classes int, ratio float64, dim, batch int) string {
	mean := func(part []train.Record) float64 {
		total := 0.0
		for _, r := range part {
			total += r.Loss
		}
		return total / float64(len(part))
	}
	looked := "all, in blocks"
	if ratio > 0 {
		looked = fmt.Sprintf("%g %%, sampled", 100*ratio)
	}
	slices.Sort(seconds)
	n := len(history)
	return fmt.Sprintf(`| classes | dim | batch | a step looks at | loss, first 10 steps | loss, last 10 | seconds a step, median (least – most) | peak memory above the start, MB |
|---|---|---|---|---|---|---|---|
| %d | %d | %d | %s | %.2f | %.2f | %.2f (%.2f – %.2f) | %.0f |
`, classes, dim, batch, looked, mean(history[:10]), mean(history[n-10:]),
		seconds[len(seconds)/2], seconds[0], seconds[len(seconds)-1], after.peak-before.resident)
}
