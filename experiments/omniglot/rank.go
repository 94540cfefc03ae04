package main

import (
	"context"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// The phases of the ranking.
const (
	tunePhase = "tune" // of all settings, on classes of the background set
	testPhase = "test" // of the chosen one, on the official runs
)

// ranking is all losses at one budget.
type ranking struct {
	losses []string
	seeds  uint64
	steps  int
}

// run trains what the log does not have: every setting of every loss, then the chosen ones, seed by seed, so that whenever it is stopped
// all losses have about as much.
func (r ranking) run(ctx context.Context, j *logFile) error {
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	small, err := data.OmniglotSmall1(ctx, data.Options{})
	if err != nil {
		return err
	}
	runs, err := data.OneShotRuns(ctx, data.Options{})
	if err != nil {
		return err
	}
	tune, test := tuning(small), official(small, runs)
	for _, loss := range r.losses {
		for _, s := range settingsOf(loss) {
			if err := j.once(r.key(tunePhase, s, 0), func() (scores, error) { return tune.of(ctx, device, s.config(r.steps, 0)) }); err != nil {
				return err
			}
		}
	}
	for seed := range r.seeds {
		for _, loss := range r.losses {
			s, _, _ := r.choose(j, loss) // all are tried
			if err := j.once(r.key(testPhase, s, seed), func() (scores, error) { return test.of(ctx, device, s.config(r.steps, seed)) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r ranking) key(phase string, s setting, seed uint64) key {
	return key{Phase: phase, setting: s, Seed: seed, Steps: r.steps}
}

// choose returns the setting of a loss with the highest MAP@R on the validation alphabets, the first of equal ones; ok is false unless
// all are tried.
func (r ranking) choose(j *logFile, loss string) (best setting, mapAtR float64, ok bool) {
	for i, s := range settingsOf(loss) {
		e, done := j.find(r.key(tunePhase, s, 0))
		if !done {
			return setting{}, 0, false
		}
		if i == 0 || e.MAPAtR > mapAtR {
			best, mapAtR = s, e.MAPAtR
		}
	}
	return best, mapAtR, true
}

// protocol says what to train on and how to score.
type protocol struct {
	images data.Dataset
	score  func(*train.Result) (scores, error)
	worst  scores // what a training scores that ends with an error
}

// tuning trains on three alphabets of small 1, each character in four rotations, and scores retrieval on the two others.
func tuning(small data.Dataset) protocol {
	held := data.Subset(small, "validation", data.Alphabets("Balinese", "Early_Aramaic"))
	return protocol{
		images: data.Rotations(data.Subset(small, "tuning", data.Alphabets("Greek", "Latin", "Korean"))),
		score: func(trained *train.Result) (scores, error) {
			set, err := trained.Embedder.EmbedSet(held)
			if err != nil {
				return scores{}, err
			}
			found, err := eval.Retrieve(set, eval.Options{})
			return scores{PrecisionAt1: found.PrecisionAt1, MAPAtR: found.MAPAtR}, err
		},
	}
}

// official trains on all of small 1 in four rotations, and scores the official runs: the one-shot error, and retrieval among the 40 images
// of a run. It is within a run that characters are known to be different: two runs of an alphabet may share them.
func official(small data.Dataset, runs []data.OneShotRun) protocol {
	return protocol{
		images: data.Rotations(small),
		worst:  scores{OneShotError: 1, Runs: slices.Repeat([]float64{1}, len(runs))},
		score: func(trained *train.Result) (scores, error) {
			episodes, err := trained.Embedder.Episodes(runs)
			if err != nil {
				return scores{}, err
			}
			oneShot, err := eval.ClassifyOneShot(episodes)
			if err != nil {
				return scores{}, err
			}
			found := scores{OneShotError: oneShot.Error, Runs: oneShot.Runs}
			for _, episode := range episodes {
				a, b := episode.Support, episode.Queries
				within, err := eval.Retrieve(eval.Set{
					Dim: a.Dim, Embeddings: slices.Concat(a.Embeddings, b.Embeddings), Labels: slices.Concat(a.Labels, b.Labels),
				}, eval.Options{})
				if err != nil {
					return scores{}, err
				}
				found.PrecisionAt1 += within.PrecisionAt1 / float64(len(episodes))
				found.MAPAtR += within.MAPAtR / float64(len(episodes))
			}
			return found, nil
		},
	}
}

// of trains and scores. A training that ends with an error, such as a collapse, is a result, too; one that was interrupted is not.
func (p protocol) of(ctx context.Context, device compute.Backend, config train.Config) (scores, error) {
	result, err := train.Run(ctx, device, config, p.images, train.Options{})
	var found scores
	if err == nil {
		found, err = p.score(result)
	}
	if err == nil {
		return found, nil
	}
	if ctx.Err() != nil {
		return scores{}, err
	}
	found = p.worst
	found.Error = err.Error()
	return found, nil
}
