package evaluation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/escape"
)

// WriteJSON writes one object: the metrics by name, fractions of 1, their intervals, and what they were measured on.
func (r Result) WriteJSON(w io.Writer) error {
	var text bytes.Buffer
	field := func(name string, value any) error {
		encoded, err := json.Marshal(value)
		if err == nil {
			fmt.Fprintf(&text, "  %q: %s,\n", name, encoded)
		}
		return err
	}
	text.WriteString("{\n")
	intervals := make(map[string][2]float64)
	for _, m := range r.Metrics {
		if err := field(m.Name, m.Value); err != nil {
			return err
		}
		if m.Interval != nil {
			intervals[m.Name] = ends(*m.Interval)
		}
	}
	for _, f := range []struct {
		name  string
		value any
	}{
		{"queries", r.Queries}, {"lone_queries", r.Lone}, {"intervals_95", intervals}, {"verification", r.Verification},
		{"left_out", append([]string{}, r.LeftOut...)}, {"retrieval_on", r.RetrievalOn}, {"one_shot_on", r.OneShotOn},
	} {
		if err := field(f.name, f.value); err != nil {
			return err
		}
	}
	if r.Networks != nil {
		if err := errors.Join(field("networks_sha256", r.Networks), field("tta", r.Views)); err != nil {
			return err
		}
	}
	if r.Measured != nil {
		if err := errors.Join(field("measured", r.Measured), field("tta", r.Views)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s\n}\n", bytes.TrimSuffix(text.Bytes(), []byte(",\n")))
	return err
}

// MarshalJSON implements [json.Marshaler] by what [Result.WriteJSON] writes.
func (r Result) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	err := r.WriteJSON(&text)
	return text.Bytes(), err
}

// WriteTable writes a line per number, for people.
func (r Result) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "measure\tvalue\t95 %\ton\n")
	for _, row := range r.rows() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row[0], row[1], row[2], escape.Line(row[3]))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if r.Lone > 0 {
		fmt.Fprintf(w, "%d queries are left out, for nothing of their class can be found\n", r.Lone)
	}
	for _, reason := range r.LeftOut {
		fmt.Fprintf(w, "left out: %s\n", escape.Line(reason))
	}
	return nil
}

// rows returns the numbers as text: name, value, interval, what it was measured on.
func (r Result) rows() (rows [][4]string) {
	add := func(name string, value float64, interval [2]float64, on string) {
		text := ""
		if interval[0] != interval[1] {
			text = fmt.Sprintf("%.4f – %.4f", interval[0], interval[1])
		}
		rows = append(rows, [4]string{name, fmt.Sprintf("%.4f", value), text, on})
	}
	for _, m := range r.Metrics {
		var interval [2]float64
		if m.Interval != nil {
			interval = ends(*m.Interval)
		}
		add(m.Name, m.Value, interval, m.On)
	}
	v := r.Verification
	if v == nil {
		return rows
	}
	add("roc_auc", v.AUC, v.AUCInterval, v.On)
	add("eer", v.EER, v.EERInterval, from(v.Threshold))
	for _, at := range v.At {
		add(fmt.Sprintf("tar_at_far_%g", at.FAR), at.TAR, at.Interval, from(at.Threshold))
	}
	if v.FoldAccuracy > 0 {
		half := 1.96 * v.FoldAccuracyStdErr
		add("fold_accuracy", v.FoldAccuracy, [2]float64{v.FoldAccuracy - half, v.FoldAccuracy + half}, v.On)
	}
	return rows
}

// from says from which similarity on pairs are taken for one class.
func from(threshold *float64) string {
	if threshold == nil {
		return "above all similarities"
	}
	return fmt.Sprintf("similarity ≥ %.4f", *threshold)
}
