package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// trials counts the questions of the official runs.
const trials = 400

// row holds what is measured of a loss.
type row struct {
	loss   string
	chosen setting
	mapAtR float64 // that it was chosen by
	tests  []entry // a seed each
}

// rows returns those that the log has in full, or in part: the losses with a chosen setting and a seed at least, the best first.
func (r ranking) rows(j *logFile) []row {
	var rows []row
	for _, loss := range r.losses {
		chosen, mapAtR, ok := r.choose(j, loss)
		next := row{loss: loss, chosen: chosen, mapAtR: mapAtR}
		for seed := range r.seeds {
			if e, done := j.find(r.key(testPhase, chosen, seed)); ok && done {
				next.tests = append(next.tests, e)
			}
		}
		if len(next.tests) > 0 {
			rows = append(rows, next)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(mean(a.errors()), mean(b.errors())) })
	return rows
}

func (r row) errors() []float64 {
	return each(r.tests, func(e entry) float64 { return e.OneShotError })
}

// trialError returns the binomial standard error of the official trials, for one seed and for the mean of all alike: they answer the
// same ones.
func (r row) trialError() float64 {
	p := mean(r.errors())
	return math.Sqrt(p * (1 - p) / trials)
}

// seedError returns the standard error of the mean over seeds; of one seed it is not known.
func (r row) seedError() float64 { return deviation(r.errors()) / math.Sqrt(float64(len(r.tests))) }

// worse returns by how much the error of r is above that of other, and the standard error of that. Both have answered the same trials, so
// that the trials' share comes from the differences of the runs, and not from two binomials; the seeds' share is added.
func (r row) worse(other row) (by, standardError float64) {
	mine, theirs := r.byRun(), other.byRun()
	differences := make([]float64, len(mine))
	for i := range mine {
		differences[i] = mine[i] - theirs[i]
	}
	ofRuns := deviation(differences) / math.Sqrt(float64(len(differences)))
	return mean(differences), math.Hypot(ofRuns, math.Hypot(r.seedError(), other.seedError()))
}

// byRun returns the error in each official run, the mean over the seeds.
func (r row) byRun() []float64 {
	means := make([]float64, len(r.tests[0].Runs))
	for _, e := range r.tests {
		for i, x := range e.Runs {
			means[i] += x / float64(len(r.tests))
		}
	}
	return means
}

// table returns the ranking: a line per loss, the best first.
func (r ranking) table(j *logFile) string {
	rows := r.rows(j)
	var text strings.Builder
	text.WriteString("| | loss | one-shot error, % | of one seed's trials | of the mean | above the best | precision@1, % | chosen setting | learning rate | its MAP@R in validation, % | CPU s |\n" +
		"|---|---|---|---|---|---|---|---|---|---|---|\n")
	for i, w := range rows {
		above := "–"
		if i > 0 {
			by, standardError := w.worse(rows[0])
			above = fmt.Sprintf("%.1f ± %s%s", 100*by, percent(standardError), noise(by, standardError))
		}
		fmt.Fprintf(&text, "| %d | %s | %s | %.1f | %s | %s | %s | %s | %g | %.1f | %.0f |\n", i+1, w.loss, spread(w.errors()),
			100*w.trialError(), percent(math.Hypot(w.seedError(), w.trialError())), above,
			spread(each(w.tests, func(e entry) float64 { return e.PrecisionAt1 })),
			cmp.Or(w.chosen.Set, "–"), w.chosen.LearningRate, 100*w.mapAtR, mean(each(w.tests, func(e entry) float64 { return e.CPUSeconds })))
	}
	text.WriteString(r.remarks(j, rows))
	return text.String()
}

// noise marks a difference that is less than twice its standard error, or whose standard error is not known.
func noise(by, standardError float64) string {
	if by >= 2*standardError {
		return ""
	}
	return " ≈"
}

// notes say how to read the ranking.
const notes = `
Each loss trains the same network (28 pixels, 257,120 weights) with AdamW, batches of 24 × 4 and %d steps on background small 1, each
character in four rotations: 544 classes. Of each, four settings were tried once (two of its main parameters × two learning rates; where
it has no parameter, four learning rates): trained on Greek, Latin and Korean, and chosen by MAP@R on Balinese and Early Aramaic. The
official runs were asked of the chosen one alone, of %d seeds. The order holds for this budget and this network.

- *One-shot error*: 20-way, on the 20 official runs, of ten alphabets never seen; mean ± standard deviation over seeds.
- *Of one seed's trials*: the standard error of p from 400 trials, √(p(1 − p)/400). *Of the mean*: √(s²/n + p(1 − p)/400), s over n seeds:
  more seeds make the first part small and not the second, for all answer the same trials.
- *Above the best*: the difference to the first line, and its standard error. The trials are the same ones, so it is taken run by run:
  √(d²/20 + s₁²/n + s₂²/n), d the standard deviation of the 20 runs' differences (some of the seeds' share is in d, too, so this is rather
  too large). **≈**: less than twice that, so that the two are not told apart. The best of so many is a little lucky, too.
- *Precision@1*: retrieval among the 40 images of each run, where each character has two images, so that it is MAP@R at once.

For comparison: raw pixels 76 %%, modified Hausdorff distance 38.8 %%, and, published for this training set by Lake et al. 2015, a deep
convnet 24.0 %% and BPL 4.3 %%; people 4.5 %%.
`

// remarks returns the notes, what is not complete, and the trainings that ended with an error.
func (r ranking) remarks(j *logFile, rows []row) string {
	var text strings.Builder
	fmt.Fprintf(&text, notes, r.steps, r.seeds)
	var short []string
	for _, w := range rows {
		if n := len(w.tests); n < int(r.seeds) {
			short = append(short, fmt.Sprintf("%s %d", w.loss, n))
		}
	}
	if len(short) > 0 {
		fmt.Fprintf(&text, "\nNot all seeds are there yet: %s.\n", strings.Join(short, ", "))
	}
	if missing := len(r.losses) - len(rows); missing > 0 {
		fmt.Fprintf(&text, "\n%d losses are not there yet.\n", missing)
	}
	var failed []string
	for _, e := range j.Entries {
		if e.Error != "" && r.has(e) {
			failed = append(failed, fmt.Sprintf("- %s %s at %g, %s, seed %d: %s\n", e.Loss, e.Set, e.LearningRate, e.Phase, e.Seed, e.Error))
		}
	}
	if len(failed) > 0 {
		fmt.Fprintf(&text, "\nThese trainings ended with an error, and count as the worst:\n\n%s", strings.Join(failed, ""))
	}
	return text.String()
}

// has reports whether a line of the log belongs to the ranking.
func (r ranking) has(e entry) bool {
	ours := e.Phase == tunePhase || e.Phase == testPhase && e.Seed < r.seeds
	return ours && e.Steps == r.steps && slices.Contains(r.losses, e.Loss)
}
