package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/experiments/internal/normal"
	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/losses"
)

// contender is the loss with all its gradients in some way, or the products alone.
type contender struct {
	name string
	once func() error
}

// Take implements [turns.Contender].
func (c contender) Take(runs int) (turns.Turn, error) {
	begin, worked := time.Now(), turns.ProcessorTime()
	for range runs {
		if err := c.once(); err != nil {
			return turns.Turn{}, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	n := float64(runs)
	return turns.Turn{Wall: time.Since(begin).Seconds() / n, CPU: (turns.ProcessorTime() - worked) / n}, nil
}

// compare lets the loss in blocks run against the loss over all classes at once, and both against their matrix products.
func compare(ctx context.Context, device compute.Backend, loss losses.Loss, batch, classes, dim, block int) (string, error) {
	labels, embeddings, weights := someLabels(batch, classes), normal.Vectors(batch, dim), normal.Vectors(classes, dim)
	products, errProducts := graph.NewExec(device, func(_, x, w *graph.Node) []*graph.Node {
		s := graph.MatMul(x, graph.Transpose(w, 0, 1))
		return []*graph.Node{s, graph.MatMul(s, w), graph.MatMul(graph.Transpose(s, 0, 1), x)}
	})
	whole, errWhole := graph.NewExec(device, func(labels, x, w *graph.Node) []*graph.Node {
		value := losses.Mean.Of(loss, losses.Classes(labels, x, w, losses.Measure(loss, losses.Cosine)))
		return append([]*graph.Node{value}, graph.Gradient(value, x, w)...)
	})
	blocks, errBlocks := losses.NewClassBlocks(device, loss, losses.Cosine, losses.Mean, block)
	if err := errors.Join(errProducts, errWhole, errBlocks); err != nil {
		return "", err
	}
	defer products.Finalize()
	defer whole.Finalize()
	defer blocks.Finalize()
	at := func(exec *graph.Exec) func() error {
		return func() error {
			out, err := exec.Call(labels, embeddings, weights)
			for _, t := range out {
				err = errors.Join(err, t.FinalizeAll())
			}
			return err
		}
	}
	contenders := []contender{
		{"the three matrix products alone", at(products)},
		{"all classes at once", at(whole)},
		{fmt.Sprintf("in blocks of %d", block), func() error {
			free := func(b losses.ClassBlock) error { return b.Gradient.FinalizeAll() }
			value, gradient, err := blocks.Gradients(labels, embeddings, weights, free)
			if err != nil {
				return err
			}
			return errors.Join(value.FinalizeAll(), gradient.FinalizeAll())
		}},
	}
	length := turns.Length{Rounds: 9, Turn: time.Second, Slow: time.Minute}
	taken, err := turns.Run(ctx, []turns.Contender{contenders[0], contenders[1], contenders[2]}, length)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.WriteString("| value and gradients | seconds, median (least – most) | ÷ all at once, wall | ÷ all at once, CPU |\n|---|---|---|---|\n")
	for i, c := range contenders {
		walls, wall, cpu := turns.Walls(taken[i]), turns.Ratio(taken[i], taken[1]), turns.CPURatio(taken[i], taken[1])
		fmt.Fprintf(&text, "| %s | %.3f (%.3f – %.3f) | %s | %s |\n", c.name, walls.Median, walls.Least, walls.Most, wall, cpu)
	}
	fmt.Fprintf(&text, "\nA batch of %d against %d classes of %d numbers; the scores are %d MB.", batch, classes, dim, 4*batch*classes>>20)
	return text.String(), nil
}

func someLabels(rows, classes int) *tensors.Tensor {
	random := rand.New(rand.NewPCG(uint64(rows), uint64(classes)))
	values := make([]int32, rows)
	for i := range values {
		values[i] = random.Int32N(int32(classes))
	}
	return tensors.FromFlatDataAndDimensions(values, rows)
}
