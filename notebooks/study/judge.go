package study

import (
	"context"
	"fmt"
	"math"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Trial is one question of a one-shot run: which of its 20 characters is this image?
type Trial struct {
	Query        data.Image
	Candidates   []data.Image
	Answer       int       // the right candidate
	Similarities []float64 // of the query to each candidate, by the embedder: cosines
}

// Score is the trial in the plane of scores: its similarity to the right candidate, and to the best of the wrong ones. It is
// answered rightly where s_p > s_n.
func (t Trial) Score() viz.ScorePair {
	score := viz.ScorePair{Sn: math.Inf(-1), Sp: t.Similarities[t.Answer]}
	for i, s := range t.Similarities {
		if i != t.Answer {
			score.Sn = max(score.Sn, s)
		}
	}
	return score
}

// Judged is what an embedder makes of the 20 official one-shot runs.
type Judged struct {
	Trials  []Trial // 20 runs of 20
	OneShot eval.OneShot
}

// Judge takes an embedder through the official runs.
func Judge(e *train.Embedder) (Judged, error) {
	runs, err := data.OneShotRuns(context.Background(), data.Options{})
	if err != nil {
		return Judged{}, err
	}
	return judge(e, runs)
}

func judge(e *train.Embedder, runs []data.OneShotRun) (Judged, error) {
	episodes, err := e.Episodes(runs)
	if err != nil {
		return Judged{}, err
	}
	var judged Judged
	for i, run := range runs {
		support, queries := episodes[i].Support, episodes[i].Queries
		for q, answer := range run.Answer {
			judged.Trials = append(judged.Trials, Trial{Query: run.Test[q], Candidates: run.Training, Answer: answer,
				Similarities: cosines(queries.Embeddings[q*queries.Dim:(q+1)*queries.Dim], support)})
		}
	}
	judged.OneShot, err = eval.ClassifyOneShot(episodes)
	return judged, err
}

// cosines returns the similarity of a vector to each of a set, all of length 1.
func cosines(x []float32, set eval.Set) []float64 {
	all := make([]float64, len(set.Embeddings)/set.Dim)
	for i := range all {
		for j, v := range x {
			all[i] += float64(v) * float64(set.Embeddings[i*set.Dim+j])
		}
		all[i] = min(max(all[i], -1), 1) // float32 vectors are of length 1 but for rounding
	}
	return all
}

// Familiar retrieves among the characters that were trained on: each of their 2,720 images looks for its likes.
func Familiar(e *train.Embedder) (eval.Retrieval, error) {
	background, err := data.OmniglotSmall1(context.Background(), data.Options{})
	if err != nil {
		return eval.Retrieval{}, err
	}
	set, err := e.EmbedSet(background)
	if err != nil {
		return eval.Retrieval{}, err
	}
	return eval.Retrieve(set, eval.Options{})
}

// Table judges trained recipes, a row each, as text.
func Table(trained ...Trained) (header []string, rows [][]string, err error) {
	percent := func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
	for _, t := range trained {
		judged, err := Judge(t.After)
		if err != nil {
			return nil, nil, err
		}
		familiar, err := Familiar(t.After)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, []string{t.Name, percent(judged.OneShot.Error),
			percent(familiar.PrecisionAt1), percent(familiar.RPrecision), percent(familiar.MAPAtR)})
	}
	return []string{"loss", "one-shot error, new alphabets", "precision@1, familiar characters", "R-precision", "MAP@R"}, rows, nil
}
