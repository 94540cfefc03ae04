package which

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

//go:embed *.json
var written embed.FS

// Omniglot names the tables of Omniglot, from few steps to many.
var Omniglot = []string{"omniglot-150", "omniglot-700", "omniglot-1400"}

// Table is a comparison that experiments/which has made.
type Table struct {
	compare.Result `json:"rows"`
	Command        string `json:"command"` // that made it
	Machine        string `json:"machine"` // when and where, with which versions
}

// Read reads the table of a name.
func Read(name string) (t Table, err error) {
	text, err := written.ReadFile(name + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return t, fmt.Errorf("which: there is no table %s yet: go run ./experiments/which -tables %s makes it", name, name)
	}
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		return t, fmt.Errorf("which: the table %s: %w", name, err)
	}
	return t, nil
}

// Row is a loss in a table, or a baseline.
type Row = compare.Row

// Intervals draws the rows with their groups.
func (t Table) Intervals() (viz.Figure, error) {
	_, figure, err := compare.Intervals(t.Result)
	return figure, err
}

// Courses draws the error in validation of each loss against its steps.
func (t Table) Courses() (viz.Figure, error) {
	_, figure, err := compare.Courses(t.Result)
	return figure, err
}

// Losses returns the rows that are of losses, the best first.
func (t Table) Losses() []Row {
	return slices.DeleteFunc(slices.Clone(t.Rows), func(r Row) bool { return r.Baseline })
}

// FirstGroup returns the losses that cannot be told apart from the best, itself first.
func (t Table) FirstGroup() (names []string) {
	for _, row := range t.Losses() {
		if row.Group == t.Losses()[0].Group {
			names = append(names, row.Name)
		}
	}
	return names
}

// Place returns which of the losses a loss is, from 1; 0 where it is not among them.
func (t Table) Place(loss string) int {
	return 1 + slices.IndexFunc(t.Losses(), func(r Row) bool { return r.Name == loss })
}

// Baseline returns the row of what has not learnt.
func (t Table) Baseline(name string) (Row, error) {
	for _, row := range t.Rows {
		if row.Baseline && row.Name == name {
			return row, nil
		}
	}
	return Row{}, fmt.Errorf("which: the table of %s has no baseline %s", t.Data, name)
}

// First returns the best loss of a kind of labels, and which of all losses it is.
func (t Table) First(labels losses.Labels) (row Row, place int, err error) {
	for i, row := range t.Losses() {
		entry, err := losses.Find(row.Name)
		if err != nil {
			return row, 0, err
		}
		if entry.Labels == labels {
			return row, i + 1, nil
		}
	}
	return row, 0, fmt.Errorf("which: the table of %s has no loss of %s labels", t.Data, labels)
}

// Words says of a row what it came to.
func Words(r Row) string {
	if math.IsNaN(float64(r.Deviation)) {
		return fmt.Sprintf("%.1f %%", 100*float64(r.MAPAtR))
	}
	return fmt.Sprintf("%.1f ± %.1f %%", 100*float64(r.MAPAtR), 100*float64(r.Deviation))
}

// Lines returns the first rows of a table, as text; 0 is all.
func (t Table) Lines(most int) (header []string, rows [][]string) {
	known := func(format string, x float64) string {
		if math.IsNaN(x) {
			return "–"
		}
		return fmt.Sprintf(format, x)
	}
	points := func(x compare.Number) string { return known("%.1f", 100*float64(x)) }
	whole := func(x compare.Number) string { return known("%.0f", float64(x)) }
	for i, row := range t.Rows {
		if most > 0 && i == most {
			break
		}
		line := []string{row.Name, fmt.Sprint(row.Group), Words(row), "–", "–", "–", "–", "–"}
		if i > 0 {
			line[3] = fmt.Sprintf("%s (%s to %s)", points(row.Behind.By), points(row.Behind.Low), points(row.Behind.High))
		}
		if row.Baseline {
			line[0] = "(" + row.Name + ")"
		} else {
			line[4], line[5] = points(row.TrialsDeviation), points(row.SeedsDeviation)
			line[6], line[7] = whole(row.StepMilliseconds), whole(row.StepsTo90)
		}
		rows = append(rows, line)
	}
	return []string{"loss", "group", "MAP@R", "behind the first, points", "± settings", "± seeds", "ms per step", "steps to 90 %"}, rows
}

// Reversed counts the pairs of losses that two tables have in common, and those of them whose order is another one.
func Reversed(a, b Table) (turned, pairs int) {
	var common []string
	for _, row := range a.Losses() {
		if b.Place(row.Name) > 0 {
			common = append(common, row.Name)
		}
	}
	for i, first := range common {
		for _, second := range common[i+1:] {
			if pairs++; b.Place(first) > b.Place(second) {
				turned++
			}
		}
	}
	return turned, pairs
}

// Tuning counts the losses of which the tried settings spread farther than the seeds of the chosen one, both in validation.
func (t Table) Tuning() (more, of int) {
	for _, row := range t.Losses() {
		if of++; row.TrialsDeviation > row.SeedsDeviation {
			more++
		}
	}
	return more, of
}

// Defaults counts the losses of which the catalogue's own setting was the best of those tried.
func (t Table) Defaults() (own, of int) {
	for _, row := range t.Losses() {
		if of++; len(row.Tried) > 0 && row.Chosen.Set == nil && row.Chosen.LearningRate == row.Tried[0].LearningRate {
			own++
		}
	}
	return own, of
}

// Budgets draws what losses come to by the steps that they have, of those that have more than the fewest.
func Budgets(tables ...Table) viz.LineChart {
	chart := viz.LineChart{Title: "More steps", Across: "steps", Doubling: true, Label: "100 − MAP@R (%), the test"}
	var names []string
	for _, t := range tables[1:] {
		for _, row := range t.Losses() {
			if !slices.Contains(names, row.Name) {
				names = append(names, row.Name)
			}
		}
	}
	for _, name := range names {
		curve := viz.Curve{Name: name}
		for _, t := range tables {
			place := t.Place(name)
			if place == 0 {
				continue
			}
			at := t.Losses()[place-1]
			curve.X = append(curve.X, math.Log2(float64(t.Steps)))
			mean, spread := 100*(1-float64(at.MAPAtR)), 100*float64(at.Deviation)
			curve.Mean = append(curve.Mean, mean)
			curve.Low, curve.High = append(curve.Low, mean-spread), append(curve.High, mean+spread)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Starts tells of losses what their papers start with, and what was chosen in each table, a row per loss.
func Starts(names []string, tables ...Table) (header []string, rows [][]string, err error) {
	header = []string{"loss", "start with"}
	for _, t := range tables {
		header = append(header, fmt.Sprintf("chosen: %s, %d steps", strings.TrimPrefix(t.Data, "folder:"), t.Steps))
	}
	header = append(header, "paper")
	for _, name := range names {
		entry, err := losses.Find(name)
		if err != nil {
			return nil, nil, err
		}
		var defaults []string
		for _, p := range entry.Parameters() {
			defaults = append(defaults, fmt.Sprintf("%s %v", p.Name, p.Default))
		}
		row := []string{name, strings.Join(defaults, ", ")}
		for _, t := range tables {
			place := t.Place(name)
			if place == 0 {
				row = append(row, "–")
				continue
			}
			row = append(row, setting(t.Losses()[place-1].Chosen))
		}
		rows = append(rows, append(row, entry.Paper))
	}
	return header, rows, nil
}

// setting writes a setting as a cell has it.
func setting(s compare.Setting) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(s.Set)) {
		words = append(words, name+" "+s.Set[name])
	}
	return strings.Join(append(words, fmt.Sprint("rate ", s.LearningRate)), ", ")
}
