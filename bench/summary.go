package bench

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The marks round what bench makes of a page.
const (
	summaryBegin = "<!-- made by `unipair bench all --write` of bench/RESULTS.md: not to be edited -->"
	summaryEnd   = "<!-- the end of what is made -->"
)

// replaceSummary puts the table of a page of results between the marks of another page.
func replaceSummary(page, measured string) (string, error) {
	before, rest, begun := strings.Cut(page, summaryBegin)
	_, after, ended := strings.Cut(rest, summaryEnd)
	if !begun || !ended {
		return "", errors.New("the marks of what is made of bench/RESULTS.md are not in it")
	}
	return before + summaryBegin + "\n" + summary(measured) + summaryEnd + after, nil
}

// firstCalls is above the table of what the first call takes.
const firstCalls = "Seconds to the first value and gradient, compilation included:"

// line is one of the summary: what is done, and where bench/RESULTS.md has what it takes.
type line struct {
	what, size string
	cells      [4]place // ours and the ratios to JAX, PyTorch, and PML or faiss
}

// place is a cell of bench/RESULTS.md: of the table below a name in a section, the row that begins with some cells, by its column.
type place struct {
	section, table string
	row            []string
	column         string
	unit           string                     // behind the number
	of             func(a, b float64) float64 // of this and other, where that is set
	other          *place
}

// lines lists what a user asks first.
func lines() (all []line) {
	pairs := func(what, loss string, sizes ...string) {
		for _, n := range sizes {
			at := func(column, unit string) place {
				return place{section: "Value and gradient of pair-wise losses", table: loss, row: []string{n}, column: column, unit: unit}
			}
			all = append(all, line{what, n + " rows", [4]place{at("Unipair, ms", " ms"), at("÷ JAX", ""), at("÷ PyTorch, compiled", ""), at("÷ PML", "")}})
		}
	}
	pairs("Circle", "circle", "128", "512", "2048", "8192")
	pairs("NT-Xent", "nt-xent", "512", "2048")
	pairs("hard triplet, cosines", "triplet-hard", "2048")
	pairs("hard triplet, distances", "triplet-hard-l2", "2048")
	first := func(who, unit string) place {
		return place{section: "Value and gradient of pair-wise losses", table: firstCalls, row: []string{"circle", "2048"}, column: who, unit: unit}
	}
	ours := first("Unipair", " s")
	all = append(all, line{"Circle, the first call", "2048 rows", [4]place{ours, ours.over(first("JAX", "")), {}, {}}})
	for _, n := range []string{"10000", "100000"} {
		at := func(column, unit string) place {
			return place{section: "Value and gradient of class-level losses", table: "am-softmax", row: []string{n}, column: column, unit: unit}
		}
		all = append(all, line{"AM-Softmax, 512 rows", n + " classes", [4]place{at("Unipair, ms", " ms"), at("÷ JAX", ""), at("÷ PyTorch, compiled", ""), at("÷ PML", "")}})
	}
	large := func(who, column, unit string) place {
		return place{section: "Large batches", row: []string{"circle", "32768", who}, column: column, unit: unit}
	}
	const streamed = "Unipair, streamed"
	memory := large(streamed, "memory, MiB", " MiB")
	all = append(all,
		line{"Circle, streamed: time", "32768 rows", [4]place{large(streamed, "seconds", " s"), large("JAX", streamed+" ÷ it", ""), {}, {}}},
		line{"Circle, streamed: memory", "32768 rows", [4]place{memory, memory.over(large("JAX", "memory, MiB", "")), {}, {}}})
	inverse := func(p place) place {
		p.of, p.other = func(a, _ float64) float64 { return 1 / a }, &p
		return p
	}
	for _, r := range []struct{ what, recipe, size string }{
		{"training, R28: time per image", "recipe R28", "28 × 28 pixels"}, {"training, ResNet-18: time per image", "ResNet-18", "64 × 64 pixels"},
	} {
		at := func(who, column, unit string) place {
			return place{section: "Training speed", table: r.recipe, row: []string{who}, column: column, unit: unit}
		}
		all = append(all, line{r.what, r.size, [4]place{at("Unipair", "images/s", " images/s"),
			inverse(at("JAX, jitted", "ours ÷ it, wall", "")), inverse(at("PyTorch, eager", "ours ÷ it, wall", "")), {}}})
	}
	for _, class := range []string{"20", "6000"} {
		at := func(column, unit string) place {
			return place{section: "Evaluation", row: []string{"60000", class}, column: column, unit: unit}
		}
		all = append(all, line{"recall@K and MAP@R, classes of " + class, "60000 × 64", [4]place{at("Unipair, s", " s"), {}, {}, at("÷ IndexFlatL2", "")}})
	}
	disk := func(column, unit string) place {
		return place{section: "References on the disk", row: []string{"10000", "1000000"}, column: column, unit: unit}
	}
	return append(all,
		line{"the same, references on the disk: time", "10000 to 1000000 × 128", [4]place{disk("seconds", " s"), {}, {}, {}}},
		line{"the same: memory", "10000 to 1000000 × 128", [4]place{disk("most memory, MiB", " MiB"), {}, {}, {}}})
}

// over returns the quotient of two numbers.
func (p place) over(other place) place {
	p.unit, p.other, p.of = "", &other, func(a, b float64) float64 { return a / b }
	return p
}

// summary returns the table of docs/performance.md, of what a page of results has.
func summary(page string) string {
	tables := tablesOf(page)
	var text strings.Builder
	text.WriteString("| one call of | size | Unipair | ÷ JAX | ÷ PyTorch | ÷ PML, faiss |\n|---|---|---|---|---|---|\n")
	for _, l := range lines() {
		ours := tables.said(l.cells[0])
		if ours == "–" {
			continue
		}
		fmt.Fprintf(&text, "| %s | %s | %s |", l.what, l.size, ours)
		for _, cell := range l.cells[1:] {
			fmt.Fprintf(&text, " %s |", tables.said(cell))
		}
		text.WriteString("\n")
	}
	return text.String()
}

// table is one of a page: its header and the cells of its rows.
type table struct {
	section, name string
	header        []string
	rows          [][]string
}

type tables []table

// tablesOf reads the tables of a page.
func tablesOf(page string) (all tables) {
	var section, name string
	open := false
	for row := range strings.Lines(page) {
		row = strings.TrimSpace(row)
		if !strings.HasPrefix(row, "|") {
			open = false
			switch {
			case strings.HasPrefix(row, "## "):
				section, name = strings.TrimPrefix(row, "## "), ""
			case strings.HasPrefix(row, "**") && strings.HasSuffix(row, "**"):
				name = strings.Trim(row, "*")
			case strings.HasSuffix(row, ":"):
				name = row
			}
			continue
		}
		cells := strings.Split(strings.Trim(row, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !open:
			all, open = append(all, table{section: section, name: name, header: cells}), true
		case strings.HasPrefix(cells[0], "---"):
		default:
			last := &all[len(all)-1]
			last.rows = append(last.rows, cells)
		}
	}
	return all
}

// cell returns the number of a place, the first of its cell.
func (t tables) cell(p place) (string, bool) {
	for _, table := range t {
		if table.section != p.section || p.table != "" && table.name != p.table {
			continue
		}
		for _, row := range table.rows {
			if len(row) < len(p.row) || !slices.Equal(row[:len(p.row)], p.row) {
				continue
			}
			for i, column := range table.header {
				if column == p.column && i < len(row) {
					number, _, _ := strings.Cut(row[i], " ")
					return number, number != "–"
				}
			}
		}
	}
	return "", false
}

// said returns what stands in the summary for a place: a dash where nothing was measured.
func (t tables) said(p place) string {
	number, ok := t.cell(p)
	if !ok {
		return "–"
	}
	if p.of == nil {
		return number + p.unit
	}
	other, ok := t.cell(*p.other)
	a, err := strconv.ParseFloat(number, 64)
	b, wrong := strconv.ParseFloat(other, 64)
	if !ok || err != nil || wrong != nil {
		return "–"
	}
	return fmt.Sprintf("%.2f", p.of(a, b))
}
