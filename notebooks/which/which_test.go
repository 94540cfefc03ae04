package which_test

import (
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/which"
	"github.com/unipair/unipair/pkg/losses"
)

// ranked returns a table of losses, the best first, and raw pixels at the end.
func ranked(steps int, names ...string) which.Table {
	t := which.Table{Result: compare.Result{Data: "omniglot", Steps: steps}}
	for i, name := range names {
		t.Rows = append(t.Rows, compare.Row{
			Name: name, Group: i + 1, MAPAtR: compare.Number(0.9 - 0.1*float64(i)), Deviation: 0.01,
			TrialsDeviation: compare.Number(0.02 * float64(i)), SeedsDeviation: 0.01, StepMilliseconds: 12, StepsTo90: 50,
			Chosen: compare.Setting{Set: map[string]string{"margin": "0.3"}, LearningRate: 0.002},
			Tried:  []compare.Tried{{Setting: compare.Setting{LearningRate: 0.003}}},
		})
	}
	t.Rows = append(t.Rows, compare.Row{Name: "raw pixels", Baseline: true, Group: len(names) + 1, MAPAtR: 0.1, Deviation: compare.Number(math.NaN())})
	return t
}

func TestTable(t *testing.T) {
	short := ranked(150, "circle", "triplet", "sup-con", "am-softmax")
	long := ranked(700, "am-softmax", "circle", "triplet")
	if turned, pairs := which.Reversed(short, long); turned != 2 || pairs != 3 {
		t.Errorf("%d of %d pairs are reversed, want 2 of 3", turned, pairs)
	}
	if more, of := short.Tuning(); more != 3 || of != 4 {
		t.Errorf("of %d in %d losses settings matter more than seeds, want 3 in 4", more, of)
	}
	short.Rows[2].Chosen = compare.Setting{LearningRate: 0.003}
	if own, of := short.Defaults(); own != 1 || of != 4 {
		t.Errorf("of %d in %d losses the default was chosen, want 1 in 4", own, of)
	}
	if row, place, err := short.First(losses.ClassLabels); err != nil || row.Name != "am-softmax" || place != 4 {
		t.Errorf("the first with class vectors is %s in place %d, %v", row.Name, place, err)
	}
	long.Rows[1].Group = 1
	if first := long.FirstGroup(); len(first) != 2 || first[0] != "am-softmax" || first[1] != "circle" {
		t.Errorf("the first group is %v", first)
	}
	if row, err := long.Baseline("raw pixels"); err != nil || which.Words(row) != "10.0 %" {
		t.Errorf("raw pixels: %s, %v", which.Words(row), err)
	}
	if _, err := long.Baseline("raw features"); err == nil {
		t.Error("there is a baseline that there is not")
	}
	if place := long.Place("sup-con"); place != 0 {
		t.Errorf("what is not in a table has place %d", place)
	}
	header, rows := short.Lines(0)
	if len(rows) != 5 || len(rows[0]) != len(header) || rows[4][0] != "(raw pixels)" || rows[4][2] != "10.0 %" || rows[1][4] != "2.0" {
		t.Errorf("lines %v", rows)
	}
	if _, rows := short.Lines(2); len(rows) != 2 {
		t.Errorf("%d lines, want 2", len(rows))
	}
	chart := which.Budgets(short, long)
	if len(chart.Curves) != 3 || chart.Curves[0].Name != "am-softmax" || math.Abs(chart.Curves[0].Mean[0]-40) > 1e-9 || math.Abs(chart.Curves[0].Mean[1]-10) > 1e-9 {
		t.Errorf("budgets %+v", chart.Curves)
	}
	header, rows, err := which.Starts([]string{"triplet", "sup-con"}, short, long)
	if err != nil || len(rows) != 2 || len(rows[0]) != len(header) || rows[1][3] != "–" || rows[0][2] != "margin 0.3, rate 0.002" ||
		!strings.Contains(rows[0][1], "margin 0.2") || !strings.Contains(rows[0][4], "Schroff") {
		t.Errorf("starts %v, %v", rows, err)
	}
}

// Every table that the notebook reads is there and whole: all its losses are of the catalogue, with their trials and seeds.
func TestTablesAreThere(t *testing.T) {
	for _, name := range append([]string{"emoji-heads", "emoji"}, which.Omniglot...) {
		table, err := which.Read(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(table.Command, name) || table.Machine == "" || table.Trials < 3 || table.Seeds < 3 || table.Answer == "" {
			t.Errorf("%s is by %q on %q: %s", name, table.Command, table.Machine, table.Answer)
		}
		for _, row := range table.Losses() {
			if _, err := losses.Find(row.Name); err != nil || len(row.Seeds) != table.Seeds || len(row.Tried) != table.Trials {
				t.Errorf("%s: %s has %d seeds and %d trials, %v", name, row.Name, len(row.Seeds), len(row.Tried), err)
			}
		}
	}
	if _, err := which.Read("nothing"); err == nil || !strings.Contains(err.Error(), "-tables nothing makes it") {
		t.Errorf("a table that is not there: %v", err)
	}
}

func TestLive(t *testing.T) {
	t.Setenv(quick.Variable, "1")
	r, err := which.Live(t.Context(), backendtest.Go(t), "circle", "softmax")
	if err != nil || len(r.Rows) != 4 || r.Answer == "" {
		t.Errorf("%d rows, %q, %v", len(r.Rows), r.Answer, err)
	}
}
