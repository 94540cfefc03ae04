package losstime

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/turns"
)

// Row is a task with what each contender took.
type Row struct {
	Loss       string `json:"loss"`
	Rows       int    `json:"rows"`
	Classes    int    `json:"classes,omitempty"`
	Contenders []Cell `json:"contenders"` // the first is Unipair
}

// Cell holds what one contender took.
type Cell struct {
	Name     string       `json:"name"`
	Skipped  string       `json:"skipped,omitempty"`   // why it did not run; then the rest is 0
	First    float64      `json:"first_seconds"`       // the first value and gradient, compilation included
	Wall     turns.Spread `json:"seconds"`             // of a run
	Ratio    turns.Spread `json:"ratio"`               // ours ÷ its time
	CPURatio turns.Spread `json:"cpu_ratio"`           // ours ÷ its time of all processors
	Peak     int64        `json:"peak_bytes,omitzero"` // the most memory it took beyond what the process had before the batch
}

func row(t task, outcomes []outcome) Row {
	r := Row{Loss: t.loss, Rows: t.rows, Classes: t.classes}
	for _, o := range outcomes {
		cell := Cell{Name: o.Name, Skipped: o.skipped, First: o.first, Peak: o.peak}
		if o.skipped == "" {
			cell.Wall = turns.Walls(o.turns)
			cell.Ratio, cell.CPURatio = turns.Ratio(outcomes[0].turns, o.turns), turns.CPURatio(outcomes[0].turns, o.turns)
		}
		r.Contenders = append(r.Contenders, cell)
	}
	return r
}

// ratioTable returns a line per row, for rows of one loss and the same contenders: what ours took, and ratios to the others. A ratio
// below 1 is to our favour.
func ratioTable(size string, of func(Row) int, rows []Row) string {
	var text strings.Builder
	others := rows[0].Contenders[1:]
	fmt.Fprintf(&text, "| %s | Unipair, ms |", size)
	for _, other := range others {
		fmt.Fprintf(&text, " ÷ %s |", other.Name)
	}
	fmt.Fprintf(&text, " processors' time ÷ JAX |\n%s\n", strings.Repeat("|---", len(others)+3)+"|")
	for _, r := range rows {
		fmt.Fprintf(&text, "| %d | %s |", of(r), spread(r.Contenders[0].Wall, 1000))
		for _, other := range r.Contenders[1:] {
			fmt.Fprintf(&text, " %s |", other.said(other.Ratio))
		}
		jax := r.Contenders[slices.IndexFunc(r.Contenders, func(c Cell) bool { return c.Name == "JAX" })]
		fmt.Fprintf(&text, " %s |\n", jax.said(jax.CPURatio))
	}
	return text.String()
}

// firstTable has the seconds of the first value and gradient of each contender that compiles.
func firstTable(size string, of func(Row) int, rows []Row) string {
	var text strings.Builder
	names := []string{"Unipair", "JAX", "JAX, our algorithm", "PyTorch, compiled"}
	fmt.Fprintf(&text, "| loss | %s | %s |\n%s\n", size, strings.Join(names, " | "), strings.Repeat("|---", len(names)+2)+"|")
	for _, r := range rows {
		fmt.Fprintf(&text, "| %s | %d |", r.Loss, of(r))
		for _, name := range names {
			said := "–"
			if i := slices.IndexFunc(r.Contenders, func(c Cell) bool { return c.Name == name }); i >= 0 && r.Contenders[i].Skipped == "" {
				said = fmt.Sprintf("%.1f", r.Contenders[i].First)
			}
			fmt.Fprintf(&text, " %s |", said)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// said returns a spread, or a dash where the contender did not run.
func (c Cell) said(s turns.Spread) string {
	if c.Skipped != "" {
		return "–"
	}
	return spread(s, 1)
}

// skips lists who did not run, and why.
func skips(rows []Row, size func(Row) int) string {
	var all []string
	for _, r := range rows {
		for _, c := range r.Contenders {
			if c.Skipped != "" && c.Skipped != notWritten && c.Skipped != leftOut && c.Skipped != notHere {
				all = append(all, fmt.Sprintf("%s, %s of %d: %s", c.Name, r.Loss, size(r), c.Skipped))
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "Not run: " + strings.Join(all, "; ") + ".\n"
}

// spread returns a median with the least and the most of the rounds.
func spread(s turns.Spread, factor float64) string {
	return fmt.Sprintf("%s (%s – %s)", short(s.Median*factor), short(s.Least*factor), short(s.Most*factor))
}

// short has three digits, or as many as stand before the point.
func short(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 0.1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.2g", x)
}
