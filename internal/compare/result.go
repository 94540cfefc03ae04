package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Number is one that may not be known: NaN, which JSON has as null.
type Number float64

// MarshalJSON implements [json.Marshaler].
func (n Number) MarshalJSON() ([]byte, error) {
	if x := float64(n); math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *Number) UnmarshalJSON(text []byte) error {
	*n = Number(math.NaN())
	if string(text) == "null" {
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// Result holds what came of a comparison; its fractions are of 1.
type Result struct {
	Answer   string `json:"answer"` // what can be said and what cannot, in words
	Data     string `json:"data"`
	On       string `json:"measured_on"`
	Classes  int    `json:"classes"` // or official runs, that intervals are over
	Queries  int    `json:"queries"`
	Steps    int    `json:"steps"`  // of each training
	Trials   int    `json:"trials"` // settings that were tried of each loss
	Seeds    int    `json:"seeds"`  // trainings of the best setting
	Parts    string `json:"parts"`
	Best     string `json:"best_loss"` // the first that is no baseline
	Command  string `json:"command"`   // that trains it
	Rows     []Row  `json:"rows"`      // the best first
	Failures []Line `json:"failures"`  // trainings that diverged or collapsed, with their diagnosis

	settings Settings
	pairs    func(i, k int) Difference // how far row k is behind row i
}

// Row is a loss, or a baseline.
type Row struct {
	Name      string     `json:"name"`
	Baseline  bool       `json:"baseline"`
	Group     int        `json:"group"` // those of one cannot be told apart from its best
	MAPAtR    Number     `json:"map_at_r"`
	Deviation Number     `json:"sd_of_seeds"`
	Interval  [2]float64 `json:"interval_95"` // over classes, of the seeds' mean
	RecallAt1 Number     `json:"recall_at_1"`
	Seeds     []float64  `json:"by_seed"` // MAP@R
	Behind    Behind     `json:"behind_the_best"`

	Chosen           Setting   `json:"chosen,omitzero"`
	Tried            []Tried   `json:"tried,omitempty"`
	TrialsDeviation  Number    `json:"sd_of_trials_in_validation"`
	SeedsDeviation   Number    `json:"sd_of_seeds_in_validation"`
	StepMilliseconds Number    `json:"step_ms"`
	StepsTo90        Number    `json:"steps_to_90_percent"` // of what it reaches at its end in validation; the mean over seeds
	Failed           int       `json:"failed"`              // of its trainings, and of its networks in the test
	Curves           [][]Point `json:"curves,omitempty"`    // in validation, of each seed
}

// Behind says how far a row is behind the first one.
type Behind struct {
	By   Number `json:"by"`  // the difference of MAP@R
	Low  Number `json:"low"` // of the 95 % interval
	High Number `json:"high"`
	P    Number `json:"p"`
	Holm Number `json:"p_corrected"`
	Told bool   `json:"told_apart"`
}

// Tried is a setting that was tried, with what it came to in validation.
type Tried struct {
	Setting
	MAPAtR float64 `json:"map_at_r"`
	Failed bool    `json:"failed,omitempty"`
}

// result makes a result of the journal, which has all.
func (c *Comparison) result() (Result, error) {
	s := c.settings
	r := Result{
		Data: s.Data, Steps: s.Config.Steps, Trials: s.Trials, Seeds: s.Seeds, Parts: c.pictures.String(), On: c.pictures.on(), settings: s,
		Failures: []Line{},
	}
	names := slices.Clone(s.Losses)
	for _, name := range []string{baselinePixels, baselineFeatures, baselineBackbone, baselineUntrained} {
		if slices.ContainsFunc(c.journal.Entries, func(l Line) bool { return l.Phase == phaseTest && l.Loss == name }) {
			names = append(names, name)
		}
	}
	var samples []sample
	var rows []Row
	for i, name := range names {
		sample, recall := c.sampleOf(name)
		row := Row{Name: name, Baseline: i >= len(s.Losses), Seeds: sample.means(), Interval: sample.interval()}
		row.MAPAtR, row.Deviation = Number(stat.Mean(row.Seeds, nil)), Number(deviation(row.Seeds))
		row.RecallAt1 = Number(stat.Mean(recall.means(), nil))
		c.tell(&row)
		samples, rows = append(samples, sample), append(rows, row)
	}
	order, group, pair := grouped(samples)
	r.pairs, r.Classes = pair, len(samples[0].weights)
	for _, w := range samples[0].weights {
		r.Queries += int(w)
	}
	for rank, i := range order {
		row := rows[i]
		row.Group = group[rank]
		d := Difference{Low: math.NaN(), High: math.NaN(), P: math.NaN(), Holm: math.NaN()} // of the first, there is none
		if rank > 0 {
			d = pair(0, rank)
		}
		row.Behind = Behind{Number(d.By), Number(d.Low), Number(d.High), Number(d.P), Number(d.Holm), d.Told()}
		if r.Best == "" && !row.Baseline {
			r.Best, r.Command = row.Name, s.command(row.Name, row.Chosen)
		}
		r.Rows = append(r.Rows, row)
	}
	for _, line := range c.journal.Entries {
		if line.Failure != "" {
			line.Curve, line.Test = nil, nil
			r.Failures = append(r.Failures, line)
		}
	}
	r.Answer = r.answer()
	return r, nil
}

// on says what the test is of.
func (p Parts) on() string {
	if p.Runs != nil {
		return fmt.Sprintf("the images of each of the %d official one-shot runs", len(p.Runs))
	}
	if p.Test.Gallery != nil {
		return p.Test.Queries.Name() + " in " + p.Test.Gallery.Name()
	}
	return p.Test.Queries.Name()
}

// sampleOf returns the MAP@R and the recall@1 of all networks of a name.
func (c *Comparison) sampleOf(name string) (mapAtR, recall sample) {
	for _, line := range c.journal.Entries {
		if line.Phase != phaseTest || line.Loss != name {
			continue
		}
		mapAtR.values, recall.values = append(mapAtR.values, line.Test.MAPAtR), append(recall.values, line.Test.RecallAt1)
		mapAtR.fixed = line.Number == onlySeed
		mapAtR.weights = make([]float64, len(line.Test.Queries))
		for i, n := range line.Test.Queries {
			mapAtR.weights[i] = float64(n)
		}
	}
	recall.weights = mapAtR.weights
	return mapAtR, recall
}

// tell adds what trials and seeds of a loss tell beside the test; of a baseline it is not known.
func (c *Comparison) tell(row *Row) {
	if !row.Baseline {
		row.Chosen = c.chosen(row.Name).Setting
	}
	var trials, seeds, took, to90 []float64
	for _, line := range c.journal.Entries {
		if line.Loss != row.Name {
			continue
		}
		if line.Failure != "" {
			row.Failed++
		}
		if line.Phase == phaseTest {
			continue
		}
		if line.Phase == phaseTrial {
			trials = append(trials, line.Best.MAPAtR)
			row.Tried = append(row.Tried, Tried{line.Setting, line.Best.MAPAtR, line.Failure != ""})
			continue
		}
		seeds = append(seeds, line.Best.MAPAtR)
		if line.Failure != "" {
			continue
		}
		took = append(took, line.StepMilliseconds)
		row.Curves = append(row.Curves, line.Curve)
		if step, ok := reached(line.Curve, 0.9); ok {
			to90 = append(to90, float64(step))
		}
	}
	row.TrialsDeviation, row.SeedsDeviation = Number(deviation(trials)), Number(deviation(seeds))
	row.StepMilliseconds, row.StepsTo90 = Number(math.NaN()), Number(math.NaN())
	if len(took) > 0 {
		row.StepMilliseconds = Number(tenths(stat.Mean(took, nil)))
	}
	if len(to90) > 0 {
		row.StepsTo90 = Number(stat.Mean(to90, nil))
	}
}

// reached returns the first validation at which a curve has come to a part of its end.
func reached(curve []Point, part float64) (step int, ok bool) {
	if len(curve) == 0 {
		return 0, false
	}
	end := curve[len(curve)-1].MAPAtR
	i := slices.IndexFunc(curve, func(p Point) bool { return p.MAPAtR >= part*end })
	return curve[i].Step, true
}
