package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/pkg/train"
)

// all reports whether the data can be learnt from as a whole; of a published set the test is left out.
func (s Settings) all() bool {
	set, err := datasets.Find(s.Data)
	return err == nil && set.HasWhole()
}

// command returns what trains a setting on all classes, or on all but those of the test of a published set.
func (s Settings) command(loss string, of Setting) string {
	if s.File {
		of = of.whole(loss)
	}
	words := append([]string{"unipair train --data", escape.Shell(s.Data), "--loss", loss, of.String(), "--steps", fmt.Sprint(s.Config.Steps)},
		s.Flags...)
	if s.File {
		words = append(words, "--validate 0 --validate-every 0 --patience 0")
	}
	if s.SkipBad {
		words = append(words, "--skip-bad")
	}
	if s.all() {
		words = append(words, "--all-classes")
	}
	return strings.Join(append(words, "--out DIR"), " ")
}

// WriteConfig writes the chosen training of the best loss as a file that `unipair train --config` reads: on all classes, as the command of
// the result, without validation.
func (r Result) WriteConfig(name string) error {
	run := recipe.Run{Data: r.Data, SkipBad: r.settings.SkipBad, AllClasses: r.settings.all()}
	for _, row := range r.Rows {
		if row.Name == r.Best {
			run.Config = r.settings.training(row.Name, row.Chosen, 1)
		}
	}
	run.Validation = train.Validation{}
	about := fmt.Sprintf("The best of %d losses at %d steps. `unipair train --config FILE --out DIR` trains it.", len(r.settings.Losses), r.Steps)
	return run.Save(name, about)
}

// WriteJSON writes one object.
func (r Result) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// heads names the columns of a table.
var heads = []string{
	"", "group", "MAP@R, %", "95 %", "behind the best", "recall@1, %", "± trials", "± seeds", "ms/step", "to 90 %", "failed", "setting",
}

// cells returns the row as text, in the order of heads.
func (r Result) cells(i int) []string {
	row := r.Rows[i]
	name := row.Name
	if row.Baseline {
		name = "(" + name + ")"
	}
	cells := []string{
		name, fmt.Sprint(row.Group), percent(float64(row.MAPAtR)), fmt.Sprintf("%.1f – %.1f", 100*row.Interval[0], 100*row.Interval[1]), "–",
		percent(float64(row.RecallAt1)),
	}
	if len(row.Seeds) > 1 {
		cells[2] += " ± " + percent(float64(row.Deviation))
	}
	if i > 0 {
		mark := " ≈"
		if row.Behind.Told {
			mark = ""
		}
		cells[4] = fmt.Sprintf("%s (%s to %s)%s", percent(float64(row.Behind.By)), percent(float64(row.Behind.Low)), percent(float64(row.Behind.High)), mark)
	}
	if row.Baseline {
		return append(cells, "", "", "", "", "", "")
	}
	steps := "?"
	if x := float64(row.StepsTo90); x == x {
		steps = fmt.Sprintf("%.0f", x)
	}
	took := "?"
	if x := float64(row.StepMilliseconds); x == x {
		took = fmt.Sprintf("%.1f", x)
	}
	return append(cells, percent(float64(row.TrialsDeviation)), percent(float64(row.SeedsDeviation)), took, steps, fmt.Sprint(row.Failed),
		row.Chosen.String())
}

// tried says how many settings were tried of each loss.
func tried(trials int) string {
	if trials == 1 {
		return "its own default setting alone, which was judged"
	}
	return fmt.Sprintf("%d settings, the catalogue's and drawn ones, each with a learning rate of the network (that of class weights is the same in all)", trials)
}

// few says what few seeds are worth.
func few(seeds int) string {
	switch {
	case seeds == 1:
		return ", by which nothing can be told apart"
	case seeds < DefaultSeeds:
		return fmt.Sprintf(" (so few tell little apart: take %d)", DefaultSeeds)
	}
	return ""
}

// Legend says how to read a table.
func (r Result) Legend() []string {
	return []string{
		r.Parts,
		fmt.Sprintf("Each loss was tried with %s, by MAP@R on the validation classes; the best was trained with new seeds, %d of them%s. "+
			"The test was asked once, at the end. All holds for %d steps, this network and this batch.", tried(r.Trials), r.Seeds, few(r.Seeds), r.Steps),
		fmt.Sprintf("MAP@R: mean ± standard deviation over seeds. 95 %%: bootstrap over the %d classes (or runs) of the test, of the seeds' mean.",
			r.Classes),
		"Behind the best: the difference over the same queries, and its 95 % interval, by Student's t of the paired differences of classes and " +
			"the seeds of both (Welch). ≈: not told apart, once all pairs are corrected for together: the interval is of this pair alone, and may leave " +
			"0 out.",
		fmt.Sprintf("Group: those that cannot be told apart from the best of the group, at 5 %%, by that test of all %d pairs, corrected by Holm for "+
			"their number. Members of two groups may not be told apart either.", len(r.Rows)*(len(r.Rows)-1)/2),
		fmt.Sprintf("± trials, ± seeds: standard deviations of MAP@R in validation, in points: how much the setting matters, and how much luck. "+
			"To 90 %%: the steps to the first of %d validations with nine tenths of what it reaches at its end. Failed: trainings that diverged or "+
			"collapsed, and networks that give no finite embedding of the test, which count as finding nothing. Names in brackets have not learnt.",
			seedValidations),
	}
}

// WriteTable writes the answer, a line per loss and baseline, and how to read them.
func (r Result) WriteTable(w io.Writer) error {
	fmt.Fprintf(w, "%s\n\n", r.Answer)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(heads, "\t"))
	for i := range r.Rows {
		fmt.Fprintln(table, strings.Join(r.cells(i), "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, line := range r.Legend() {
		fmt.Fprintln(w, escape.Line(line))
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "failed: %s, %s %d (%s): %s\n", f.Loss, f.Phase, f.Number, f.Setting, f.Failure)
	}
	_, err := fmt.Fprintf(w, "\nthe best, trained on all classes: %s\n", r.Command)
	return err
}

// WriteMarkdown writes the same as WriteTable, as a section of a page has it.
func (r Result) WriteMarkdown(w io.Writer) error {
	fmt.Fprintf(w, "%s\n\n| %s |\n|%s\n", r.Answer, strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	for i := range r.Rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(r.cells(i), " | "))
	}
	fmt.Fprintln(w)
	for _, line := range r.Legend() {
		fmt.Fprintf(w, "- %s\n", line)
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "- failed: %s, %s %d (%s): %s\n", f.Loss, f.Phase, f.Number, f.Setting, f.Failure)
	}
	_, err := fmt.Fprintln(w)
	return err
}
