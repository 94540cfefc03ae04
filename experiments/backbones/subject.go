package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// output is the value that EfficientNet-lite0's file has for its output.
const output = "embedding"

// subject holds what is measured: pictures, a network, and how long is trained.
type subject struct {
	device            compute.Backend
	pictures, network string
	seeds             uint64
	steps             int
}

// seen holds the pictures of both parts as the network sees them.
type seen struct {
	learn, test data.Dataset
	engine      string        // in which the network ran
	took        time.Duration // to make features, or to take them from the cache
}

// see brings the pictures through the network, up to some of its values. A fifth of the classes, drawn by name, is for the test.
func (s *subject) see(ctx context.Context, values string) (seen, error) {
	parts, err := data.FolderParts(ctx, s.pictures, data.Options{})
	if err != nil {
		return seen{}, err
	}
	if parts.Gallery != nil || parts.Validation != nil {
		return seen{}, fmt.Errorf("%s has a split of its own: give the folder of all pictures", s.pictures)
	}
	n := train.Network{Architecture: train.Architecture(train.ONNXPrefix + s.network)}
	n.Backbone.Pixels, n.Backbone.Output = train.Pixels(onnxfile.Presets["efficientnet-lite"]), values
	if strings.Contains(values, ",") {
		n.Backbone.Pool = string(onnxfile.Mean)
	}
	opened, err := pretrained.Open(ctx, s.device, n, os.Stderr)
	if err != nil {
		return seen{}, err
	}
	if err := opened.Check(); err != nil {
		return seen{}, err
	}
	front, err := opened.Front()
	if err != nil {
		return seen{}, err
	}
	start := time.Now()
	learn, errLearn := front.Of(ctx, parts.Train)
	test, errTest := front.Of(ctx, parts.Test)
	return seen{learn, test, front.Engine, time.Since(start)}, errors.Join(errLearn, errTest)
}

// config returns the training of a head: all but the loss is as by default.
func (s *subject) config(loss string, seed uint64) train.Config {
	c := train.DefaultConfig()
	c.Network = train.Network{Architecture: train.ArchitectureLinear, Dim: c.Dim}
	c.Loss, c.Seed, c.Steps, c.Warmup = loss, seed, s.steps, min(c.Warmup, s.steps-1)
	return c
}

// found says what embeddings are worth, and what they cost.
type found struct {
	recallAt1, mapAtR float64
	wall, cpu         float64 // seconds of the training, compiling included
}

// trained trains a head, and measures how well pictures of the test part find those of their class.
func (s *subject) trained(ctx context.Context, p seen, c train.Config) (eval.Set, found, error) {
	start, worked := time.Now(), turns.ProcessorTime()
	result, err := train.Run(ctx, s.device, c, p.learn, train.Options{})
	if err != nil {
		return eval.Set{}, found{}, err
	}
	cost := found{wall: time.Since(start).Seconds(), cpu: turns.ProcessorTime() - worked}
	set, err := result.Embedder.EmbedSet(p.test)
	if err != nil {
		return eval.Set{}, found{}, err
	}
	worth, err := s.retrieve(set)
	worth.wall, worth.cpu = cost.wall, cost.cpu
	return set, worth, err
}

// retrieve measures embeddings.
func (s *subject) retrieve(set eval.Set) (found, error) {
	scores, err := eval.Retrieve(set, eval.Options{Backend: s.device})
	return found{recallAt1: scores.PrecisionAt1, mapAtR: scores.MAPAtR}, err
}

// measured trains and measures a head of every seed.
func (s *subject) measured(ctx context.Context, p seen, config func(seed uint64) train.Config) ([]found, error) {
	var all []found
	for seed := range s.seeds {
		_, f, err := s.trained(ctx, p, config(seed))
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// asTheyAre returns features brought to length 1.
func (s *subject) asTheyAre(set data.Dataset) (eval.Set, error) {
	dim := set.Format().Features
	e, err := train.NewEmbedder(s.device, train.Network{Architecture: train.ArchitectureFeatures, Features: dim, Dim: dim}, 0)
	if err != nil {
		return eval.Set{}, err
	}
	return e.EmbedSet(set)
}

// plain measures features as they are.
func (s *subject) plain(p seen) (found, error) {
	set, err := s.asTheyAre(p.test)
	if err != nil {
		return found{}, err
	}
	return s.retrieve(set)
}

// about says what was asked.
func (s *subject) about(p seen) string {
	seeds := "Seed 0 alone."
	if s.seeds > 1 {
		seeds = fmt.Sprintf("Mean ± standard deviation over %d seeds.", s.seeds)
	}
	return fmt.Sprintf("%d pictures of %d classes to learn from; the test's %d of %d others find one another. %s",
		p.learn.Len(), len(p.learn.Classes()), p.test.Len(), len(p.test.Classes()), seeds)
}
