package omniglot

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/viz"
)

// Trial is one question of a one-shot run: which of its 20 characters is this image?
type Trial struct {
	Query        data.Image
	Candidates   []data.Image
	Answer       int       // the right candidate
	Similarities []float64 // of the query to each candidate, by the embedder: cosines
}

// Score returns the trial in the plane of scores: its similarity to the right candidate, and to the best of the wrong ones. It is
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

// Exam holds what an embedder makes of the 20 official one-shot runs, of ten alphabets that no training has seen.
type Exam struct {
	Trials  []Trial // 20 runs of 20
	OneShot eval.OneShot
}

// Exam takes a trained network through the official runs.
func (t Trained) Exam() (Exam, error) {
	runs, err := data.OneShotRuns(context.Background(), data.Options{})
	if err != nil {
		return Exam{}, err
	}
	episodes, err := t.Embedder.Episodes(runs)
	if err != nil {
		return Exam{}, err
	}
	var exam Exam
	for i, run := range runs {
		support, queries := episodes[i].Support, episodes[i].Queries
		for q, answer := range run.Answer {
			trial := Trial{Query: run.Test[q], Candidates: run.Training, Answer: answer}
			for k := range trial.Candidates {
				trial.Similarities = append(trial.Similarities, dot(vector(queries, q), vector(support, k)))
			}
			exam.Trials = append(exam.Trials, trial)
		}
	}
	exam.OneShot, err = eval.ClassifyOneShot(episodes)
	return exam, err
}

// Familiar retrieves among the characters that a long training has learnt from: each of their 2,720 images looks for its likes.
func (t Trained) Familiar() (eval.Retrieval, error) {
	all, err := background()
	if err != nil {
		return eval.Retrieval{}, err
	}
	set, err := t.Embedder.EmbedSet(all)
	if err != nil {
		return eval.Retrieval{}, err
	}
	return eval.Retrieve(set, eval.Options{})
}

// ExamTable judges long trainings by the exam and among familiar characters, a row each, as text.
func ExamTable(trained ...Trained) (header []string, rows [][]string, err error) {
	percent := func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
	for _, t := range trained {
		exam, err := t.Exam()
		if err != nil {
			return nil, nil, err
		}
		familiar, err := t.Familiar()
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, []string{t.Name, percent(exam.OneShot.Error),
			percent(familiar.PrecisionAt1), percent(familiar.RPrecision), percent(familiar.MAPAtR)})
	}
	return []string{"loss", "one-shot error, new alphabets", "precision@1, familiar characters", "R-precision", "MAP@R"}, rows, nil
}

// Scatter draws the trials in the plane of scores.
func (e Exam) Scatter(title string, boundary viz.Boundary) viz.Scatter {
	s := viz.Scatter{Title: title, Boundary: boundary}
	for _, trial := range e.Trials {
		s.Points = append(s.Points, trial.Score())
	}
	return s
}

// Interval returns the one-shot error in percent with a 95 % interval, taken over the runs.
func (e Exam) Interval(name string) viz.ErrorBar {
	n := float64(len(e.OneShot.Runs))
	square := 0.0
	for _, x := range e.OneShot.Runs {
		square += (x - e.OneShot.Error) * (x - e.OneShot.Error)
	}
	half := 0.0
	if n > 1 {
		half = 1.96 * math.Sqrt(square/(n-1)/n)
	}
	mean := 100 * e.OneShot.Error
	return viz.ErrorBar{Name: name, Mean: mean, Low: max(mean-100*half, 0), High: mean + 100*half}
}

// Retrievals returns every n-th of the trials with their nearest candidates.
func (e Exam) Retrievals(every, neighbours int) []viz.GalleryRow {
	var all []viz.GalleryRow
	for i := every / 2; i < len(e.Trials); i += every {
		trial := e.Trials[i]
		order := make([]int, len(trial.Candidates))
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(trial.Similarities[b], trial.Similarities[a])
		})
		r := viz.GalleryRow{Query: picture(trial.Query)}
		for _, k := range order[:min(neighbours, len(order))] {
			r.Neighbours = append(r.Neighbours, viz.Retrieved{
				Image: picture(trial.Candidates[k]), Similarity: trial.Similarities[k], Right: k == trial.Answer})
		}
		all = append(all, r)
	}
	return all
}

// Leaders sorts results of which less is better into those whose intervals overlap with the best one's, and those behind: both in words,
// empty if there are none.
func Leaders(bars []viz.ErrorBar) (together, behind string) {
	sorted := slices.SortedStableFunc(slices.Values(bars), func(a, b viz.ErrorBar) int { return cmp.Compare(a.Mean, b.Mean) })
	say := func(some []viz.ErrorBar) string {
		var words []string
		for _, bar := range some {
			words = append(words, fmt.Sprintf("%.1f %% (%.1f to %.1f) with %s", bar.Mean, bar.Low, bar.High, bar.Name))
		}
		return strings.Join(words, ", ")
	}
	first := slices.IndexFunc(sorted, func(bar viz.ErrorBar) bool { return bar.Low > sorted[0].High })
	if first < 0 {
		first = len(sorted)
	}
	return say(sorted[:first]), say(sorted[first:])
}
