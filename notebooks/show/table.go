package show

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// Table shows rows under a header, as they should read: s_p and s_n with a subscript, a minus as a minus, words to the left and numbers to
// the right. It also takes a function's error after them.
func Table(header []string, rows [][]string, err ...error) {
	Check(errors.Join(err...))
	for i, row := range rows {
		if len(row) != len(header) {
			Check(fmt.Errorf("show.Table: row %d has %d cells for %d columns", i, len(row), len(header)))
		}
	}
	markdown, plain := table(header, rows)
	send(map[protocol.MIMEType]any{protocol.MIMETextMarkdown: markdown, protocol.MIMETextPlain: plain})
}

// table returns a table in Markdown, and as lines of words.
func table(header []string, rows [][]string) (markdown, plain string) {
	rule := make([]string, len(header))
	for column := range rule {
		rule[column] = "---"
		if column > 0 && numbers(rows, column) {
			rule[column] = "---:"
		}
	}
	var marked, bare strings.Builder
	for i, row := range append([][]string{header, rule}, rows...) {
		if i == 1 {
			marked.WriteString("| " + strings.Join(row, " | ") + " |\n")
			continue
		}
		cells := make([]string, len(row))
		for k, cell := range row {
			cells[k] = typeset(cell)
		}
		marked.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		bare.WriteString(strings.Join(row, "\t") + "\n")
	}
	return marked.String(), bare.String()
}

var (
	score    = regexp.MustCompile(`\b([sdw])_([pn])\b`)
	negative = regexp.MustCompile(`(^|[\s(,±×→])-([0-9.])`)
	power    = regexp.MustCompile(`\b([0-9.]+)e([+-])0*([0-9]+)`)
	number   = regexp.MustCompile(`^[+−-]?[0-9.]+`)
)

// typeset writes a cell's subscripts, minus signs, powers of ten and per cents as they are set, for Markdown.
func typeset(cell string) string {
	cell = strings.ReplaceAll(strings.ReplaceAll(cell, "|", "&#124;"), " %", "&nbsp;%")
	cell = score.ReplaceAllString(cell, "<i>$1</i><sub>$2</sub>")
	return set(cell)
}

// raised writes an exponent.
var raised = strings.NewReplacer("+", "", "-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// powers writes numbers like 2e-15 as they are set.
func powers(text string) string {
	return power.ReplaceAllStringFunc(text, func(found string) string {
		parts := power.FindStringSubmatch(found)
		switch {
		case strings.Trim(parts[1], "0.") == "":
			return "0"
		case parts[3] == "0":
			return parts[1]
		default:
			return parts[1] + " · 10" + raised.Replace(parts[2]+parts[3])
		}
	})
}

// minus writes the minus signs of numbers as they are set.
func minus(text string) string { return negative.ReplaceAllString(text, "$1−$2") }

// numbers says whether a column holds numbers, a dash for none among them.
func numbers(rows [][]string, column int) bool {
	some := false
	for _, row := range rows {
		switch cell := row[column]; {
		case cell == "" || cell == "–":
		case number.MatchString(cell) && len(cell) <= 24:
			some = true
		default:
			return false
		}
	}
	return some
}
