package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/escape"
)

// writeJSON writes one object: the metrics by name, fractions of 1, their intervals, and what they were measured on.
func writeJSON(w io.Writer, r measures, ev evaluation) error {
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
	for _, m := range r.metrics {
		if err := field(m.Name, m.Value); err != nil {
			return err
		}
		if m.interval != nil {
			intervals[m.Name] = [2]float64{m.interval.Low, m.interval.High}
		}
	}
	for _, f := range []struct {
		name  string
		value any
	}{
		{"queries", r.queries}, {"lone_queries", r.lone}, {"intervals_95", intervals}, {"verification", r.verification.json()},
		{"left_out", append([]string{}, r.left...)}, {"retrieval_on", ev.retrievalOn}, {"one_shot_on", ev.oneShotOn},
	} {
		if err := field(f.name, f.value); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s\n}\n", bytes.TrimSuffix(text.Bytes(), []byte(",\n")))
	return err
}

// json is what machines read of a verification.
func (v *verification) json() any {
	if v == nil {
		return nil
	}
	type at struct {
		FAR       float64    `json:"far"`
		TAR       float64    `json:"tar"`
		Interval  [2]float64 `json:"interval_95"`
		Threshold *float64   `json:"threshold"` // null: above all similarities
	}
	out := struct {
		On            string     `json:"on"`
		Same          int        `json:"pairs_of_one_class"`
		Different     int        `json:"pairs_of_two"`
		AUC           float64    `json:"auc"`
		AUCInterval   [2]float64 `json:"auc_interval_95"`
		EER           float64    `json:"eer"`
		EERInterval   [2]float64 `json:"eer_interval_95"`
		Threshold     *float64   `json:"eer_threshold"`
		At            []at       `json:"tar_at_far"`
		FoldAccuracy  float64    `json:"fold_accuracy,omitempty"`
		FoldsStandard float64    `json:"fold_accuracy_standard_error,omitempty"`
	}{
		v.on, v.Same, v.Different, v.AUC, [2]float64{v.intervals.AUC.Low, v.intervals.AUC.High},
		v.EER, [2]float64{v.intervals.EER.Low, v.intervals.EER.High}, finite(v.EERThreshold), nil, v.foldAccuracy, v.foldsError,
	}
	for i, o := range v.At {
		interval := v.intervals.TAR[i]
		out.At = append(out.At, at{falseAccepts[i], o.TAR, [2]float64{interval.Low, interval.High}, finite(o.Threshold)})
	}
	return out
}

// finite is a number that JSON can have, or nil.
func finite(x float64) *float64 {
	if x-x != 0 {
		return nil
	}
	return &x
}

// writeTable writes a line a number, for people.
func writeTable(w io.Writer, r measures, _ evaluation) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "measure\tvalue\t95 %\ton\n")
	for _, row := range r.rows() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row[0], row[1], row[2], escape.Line(row[3]))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if r.lone > 0 {
		fmt.Fprintf(w, "%d queries are left out, for nothing of their class can be found\n", r.lone)
	}
	for _, reason := range r.left {
		fmt.Fprintf(w, "left out: %s\n", escape.Line(reason))
	}
	return nil
}

// rows are the numbers as text: name, value, interval, what it was measured on.
func (r measures) rows() (rows [][4]string) {
	add := func(name string, value float64, low, high float64, on string) {
		interval := ""
		if low != high {
			interval = fmt.Sprintf("%.4f – %.4f", low, high)
		}
		rows = append(rows, [4]string{name, fmt.Sprintf("%.4f", value), interval, on})
	}
	for _, m := range r.metrics {
		low, high := 0.0, 0.0
		if m.interval != nil {
			low, high = m.interval.Low, m.interval.High
		}
		add(m.Name, m.Value, low, high, m.on)
	}
	v := r.verification
	if v == nil {
		return rows
	}
	add("roc_auc", v.AUC, v.intervals.AUC.Low, v.intervals.AUC.High, v.on)
	add("eer", v.EER, v.intervals.EER.Low, v.intervals.EER.High, from(v.EERThreshold))
	for i, at := range v.At {
		add(fmt.Sprintf("tar_at_far_%g", falseAccepts[i]), at.TAR, v.intervals.TAR[i].Low, v.intervals.TAR[i].High, from(at.Threshold))
	}
	if v.foldAccuracy > 0 {
		add("fold_accuracy", v.foldAccuracy, v.foldAccuracy-1.96*v.foldsError, v.foldAccuracy+1.96*v.foldsError, v.on)
	}
	return rows
}

// from says from which similarity on pairs are taken for one class.
func from(threshold float64) string {
	if math.IsInf(threshold, 1) {
		return "above all similarities"
	}
	return fmt.Sprintf("similarity ≥ %.4f", threshold)
}
