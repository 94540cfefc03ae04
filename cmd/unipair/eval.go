package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// runEval measures a trained network: `unipair eval --checkpoint DIR --data D [--json]`.
func runEval(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	dir := flags.String("checkpoint", "", "directory that `unipair train --out` wrote")
	name := flags.String("data", "", "data set to measure with")
	asJSON := flags.Bool("json", false, "write JSON, for machines")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *dir == "" {
		return usagef("which checkpoint? --checkpoint takes the directory that `unipair train --out` wrote")
	}
	set, err := findDataset(*name)
	if err != nil {
		return err
	}
	if _, err := train.ReadManifest(*dir); err != nil {
		return err
	}
	device, line, err := backend.Open()
	if err != nil {
		return err
	}
	fmt.Fprintln(std.err, line)
	embedder, err := train.Load(device, *dir)
	if err != nil {
		return err
	}
	evaluation, err := set.evaluation(ctx, data.Options{Progress: func(line string) { fmt.Fprintln(std.err, line) }}, embedder)
	if err != nil {
		return err
	}
	metrics, err := evaluation.measure()
	if err != nil {
		return err
	}
	if *asJSON {
		return writeJSON(std.out, metrics, evaluation)
	}
	return writeTable(std.out, metrics, evaluation)
}

// measure takes all metrics: the mean over the retrieval sets, NMI of as many clusters as there are classes, one-shot error.
func (e evaluation) measure() ([]eval.Metric, error) {
	const seed = 1
	var metrics []eval.Metric
	for i, set := range e.retrieval {
		result, err := eval.Retrieve(set, eval.Options{})
		if err != nil {
			return nil, err
		}
		nmi, err := eval.ClusterNMI(set, seed)
		if err != nil {
			return nil, err
		}
		these := append(result.Metrics(), eval.Metric{Name: "nmi", Value: nmi})
		if i == 0 {
			metrics = make([]eval.Metric, len(these))
		}
		for j, m := range these {
			metrics[j].Name = m.Name
			metrics[j].Value += m.Value
		}
	}
	for j := range metrics {
		metrics[j].Value /= float64(len(e.retrieval))
	}
	oneShot, err := eval.ClassifyOneShot(e.episodes)
	if err != nil {
		return nil, err
	}
	return append(metrics, eval.Metric{Name: "one_shot_error", Value: oneShot.Error}), nil
}

// writeJSON writes one object: the metrics by name, fractions of 1, and what they were measured on.
func writeJSON(w io.Writer, metrics []eval.Metric, e evaluation) error {
	var text bytes.Buffer
	text.WriteString("{")
	for _, m := range metrics {
		value, err := json.Marshal(m.Value)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "\n  %q: %s,", m.Name, value)
	}
	fmt.Fprintf(&text, "\n  \"retrieval_on\": %q,\n  \"one_shot_on\": %q\n}\n", e.retrievalOn, e.oneShotOn)
	_, err := w.Write(text.Bytes())
	return err
}

func writeTable(w io.Writer, metrics []eval.Metric, e evaluation) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range metrics {
		on := e.retrievalOn
		if m.Name == "one_shot_error" {
			on = e.oneShotOn
		}
		fmt.Fprintf(table, "%s\t%.4f\t%s\n", m.Name, m.Value, on)
	}
	return table.Flush()
}
