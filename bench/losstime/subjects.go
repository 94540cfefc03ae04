package losstime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/results"
)

// pairSizes are the batches of [Pairs].
var pairSizes = []int{128, 512, 2048, 4096, 8192}

// Pairs times the pair-wise losses against the size of the batch.
func Pairs(ctx context.Context, c Config) (results.Section, error) {
	tasks, err := c.batches(PairLosses, pairSizes)
	if err != nil {
		return results.Section{}, err
	}
	size := func(r Row) int { return r.Rows }
	rows, versions, err := c.compare(ctx, tasks, contenders)
	if err != nil {
		return results.Section{}, err
	}
	figure, err := curves(rows)
	if err != nil {
		return results.Section{}, err
	}
	return results.Section{Heading: "Value and gradient of pair-wise losses", Versions: versions, Rows: rows, Figure: figure, Table: fmt.Sprintf(
		"Float32, d = %d, %d rows a class, inputs on the device, compiled before; ours ÷ theirs within a round: median (least – most). "+
			"Values and gradients agree to %g. The products alone are X Xᵀ and S X: an algorithm that makes a triangle of S does with ¾ of them. "+
			"Above 2048 rows PyTorch and PML, which take minutes, are measured for Circle alone.\n\n",
		dim, perClass, tolerance) + tables("N", size, rows)}, nil
}

// batches returns the tasks of the pair-wise losses and sizes that were asked for, or of the usual.
func (c Config) batches(names []string, sizes []int) (tasks []task, err error) {
	brief := len(c.Losses) == 0 && len(c.Sizes) == 0
	for _, name := range either(c.Losses, names) {
		for _, rows := range either(c.Sizes, sizes) {
			if rows < 2*perClass || rows%perClass != 0 {
				return nil, fmt.Errorf("bench: a batch has %d rows of each class: its size must be a multiple of %d, at least %d, got %d",
					perClass, perClass, 2*perClass, rows)
			}
			tasks = append(tasks, task{loss: name, rows: rows, brief: brief})
		}
	}
	return tasks, nil
}

// classCounts are the numbers of class weights of [Classes].
var classCounts = []int{10_000, 100_000}

// classRows is the batch of [Classes].
const classRows = 512

// Classes times class-level losses against the number of classes.
func Classes(ctx context.Context, c Config) (results.Section, error) {
	var tasks []task
	for _, name := range either(c.Losses, ClassLosses) {
		for _, classes := range either(c.Sizes, classCounts) {
			if classes < 2 {
				return results.Section{}, fmt.Errorf("bench: a class-level loss needs 2 classes, got %d", classes)
			}
			tasks = append(tasks, task{loss: name, rows: classRows, classes: classes})
		}
	}
	size := func(r Row) int { return r.Classes }
	others := slices.DeleteFunc(slices.Clone(contenders), func(c contender) bool { return c.word == "same" })
	others = slices.Insert(others, 2, contender{"Unipair, in blocks of classes", ours, classBlocks})
	rows, versions, err := c.compare(ctx, tasks, others)
	if err != nil {
		return results.Section{}, err
	}
	return results.Section{Heading: "Value and gradient of class-level losses", Versions: versions, Rows: rows, Table: fmt.Sprintf(
		"Float32, batches of %d, d = %d, gradients of embeddings and class weights, inputs on the device, compiled before; ours ÷ theirs within a "+
			"round: median (least – most). Values and gradients agree to %g. The products alone are the three of logits and gradients.\n\n",
		classRows, dim, tolerance) + tables("classes", size, rows)}, nil
}

// compare measures tasks one after the other, all contenders in turns on each.
func (c Config) compare(ctx context.Context, tasks []task, all []contender) (rows []Row, versions []string, err error) {
	processes := slices.DeleteFunc([]string{ours, "jax", "torch"}, func(name string) bool { return c.Missing[name] })
	f, err := open(ctx, c.start, processes...)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	for _, t := range tasks {
		c.Progress(t.String())
		if err := f.load(t); err != nil {
			return nil, nil, err
		}
		outcomes, err := f.measure(ctx, t, all, c.Length)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row(t, outcomes))
	}
	return rows, []string{f.versions[ours], f.versions["jax"], f.versions["torch"]}, nil
}

// String names a task in progress and errors.
func (t task) String() string {
	if t.classes > 0 {
		return fmt.Sprintf("%s, %d rows, %d classes", t.loss, t.rows, t.classes)
	}
	return fmt.Sprintf("%s, %d rows", t.loss, t.rows)
}

// tables makes one table a loss, and the one of compilation.
func tables(size string, of func(Row) int, rows []Row) string {
	var text strings.Builder
	for _, group := range byLoss(rows) {
		fmt.Fprintf(&text, "**%s**\n\n%s\n", group[0].Loss, ratioTable(size, of, group))
	}
	fmt.Fprintf(&text, "Seconds to the first value and gradient, compilation included:\n\n%s\n%s", firstTable(size, of, rows), skips(rows, of))
	return text.String()
}

// either returns what was asked for, or the usual if nothing was.
func either[T any](asked, usual []T) []T {
	if len(asked) > 0 {
		return asked
	}
	return usual
}
