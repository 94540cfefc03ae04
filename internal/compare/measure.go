package compare

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/baseline"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// Asked holds what a network makes of the test: by class, or by official run, over the same queries as every other network.
type Asked struct {
	Queries   []int     `json:"queries"`
	MAPAtR    []float64 `json:"map_at_r"` // the mean over the queries of each
	RecallAt1 []float64 `json:"recall_at_1"`
}

// ask asks a network the test.
func (p Parts) ask(ctx context.Context, backend compute.Backend, network evaluation.Network) (Asked, error) {
	found, err := evaluation.Retrieve(ctx, network, p.Test, p.Runs, evaluation.Options{RecallAt: []int{1}, Backend: backend})
	if err != nil {
		return Asked{}, err
	}
	var a Asked
	add := func(queries int, m eval.Metrics) {
		a.Queries = append(a.Queries, queries)
		a.MAPAtR, a.RecallAt1 = append(a.MAPAtR, m.MAPAtR), append(a.RecallAt1, m.PrecisionAt1)
	}
	if p.Runs != nil {
		for _, run := range found {
			add(run.Queries, run.Metrics)
		}
		return a, nil
	}
	for _, class := range found[0].Classes {
		add(class.Queries, class.Metrics)
	}
	return a, nil
}

// nothing returns the answers of a network that finds nothing, to the questions that others were asked.
func (a Asked) nothing() Asked {
	n := len(a.Queries)
	return Asked{a.Queries, make([]float64, n), make([]float64, n)}
}

// onlySeed is the number of what no seed draws.
const onlySeed = 0

// The baselines, which learn nothing.
const (
	baselinePixels    = "raw pixels"
	baselineFeatures  = "raw features"
	baselineBackbone  = "backbone as it is"
	baselineUntrained = "before training"
)

// baselines asks what has not learnt: pixels or features as they are, those of a backbone, and the network before training, of each seed.
func (c *Comparison) baselines(ctx context.Context, backend compute.Backend) error {
	n, format := c.settings.Config.Network, c.pictures.Train.Format()
	asIs := func(name string, n train.Network) error {
		return c.tested(ctx, backend, c.pictures, name, onlySeed, func() (evaluation.Network, error) {
			return baseline.Open(ctx, backend, n, false, io.Discard)
		})
	}
	raw := train.Network{
		Architecture: train.ArchitecturePixels, Size: n.Size, Channels: n.Channels, Fit: n.Fit, Invert: n.Invert, Resampling: n.Resampling,
	}
	var err error
	switch {
	case format.Features > 0:
		err = asIs(baselineFeatures, train.Network{Architecture: train.ArchitectureFeatures})
	case c.front != nil:
		raw.Size = train.DefaultConfig().Size
		if err = asIs(baselinePixels, raw); err == nil {
			err = asIs(baselineBackbone, n)
		}
	default:
		err = asIs(baselinePixels, raw)
	}
	if err != nil {
		return err
	}
	if n, err = n.For(c.parts.Train.Format()); err != nil {
		return err
	}
	for seed := uint64(1); seed <= uint64(c.settings.Seeds); seed++ {
		err := c.tested(ctx, backend, c.parts, baselineUntrained, seed, func() (evaluation.Network, error) {
			untrained, err := c.compiled.Untrained(backend, n, seed)
			return c.behindFront(untrained), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tested asks a network the test, unless it has been asked. One whose embeddings are not finite finds nothing.
func (c *Comparison) tested(
	ctx context.Context, backend compute.Backend, parts Parts, name string, seed uint64, open func() (evaluation.Network, error),
) error {
	if _, done := c.find(phaseTest, name, seed); done {
		return nil
	}
	line := Line{Phase: phaseTest, Loss: name, Number: seed}
	trained, ok := c.find(phaseSeed, name, seed)
	if ok && trained.Failure != "" {
		return c.append(line.answered(c.questions().nothing()))
	}
	network, err := open()
	if err != nil {
		return fmt.Errorf("compare: %s: %w", name, err)
	}
	answers, err := parts.ask(ctx, backend, network)
	if failed, is := errors.AsType[*train.Failure](err); is && ctx.Err() == nil {
		line.Failure = failed.Why
		answers, err = c.questions().nothing(), nil
	}
	if err != nil {
		return fmt.Errorf("compare: the test of %s: %w", name, err)
	}
	return c.append(line.answered(answers))
}

// behindFront puts what makes features of pictures before a head, where there is one.
func (c *Comparison) behindFront(e *train.Embedder) evaluation.Network {
	if e != nil && c.front != nil {
		e.Front = c.front
	}
	return e
}

// questions returns the answers of some baseline, which was asked first.
func (c *Comparison) questions() Asked {
	for _, line := range c.journal.Entries {
		if line.Test != nil {
			return *line.Test
		}
	}
	return Asked{}
}

func (l Line) answered(a Asked) Line {
	l.Test = &a
	return l
}
