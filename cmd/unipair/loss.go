package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/lossbatch"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
)

// runLoss computes a loss and its gradient on a batch: `unipair loss --name circle [--set k=v …] [--classes] < batch.json`.
func runLoss(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("loss", flag.ContinueOnError)
	name := flags.String("name", "", "loss, see --list")
	set, most := settings{}, lossbatch.DefaultLimits()
	flags.Var(set, "set", "parameter of the loss as `name=value`; may be given several times")
	classLevel := flags.Bool("classes", false, "score against class weights, also where the loss's paper scores pairs")
	reduce := flags.String("reduce", "mean",
		"how anchors become one number: mean (of those that have what the loss needs), mean-all, mean-nonzero, mean-terms, sum")
	similarity := flags.String("similarity", "", "how vectors are compared; the loss's own if not given")
	flags.Float64Var(&most.Gigabytes, "memory", most.Gigabytes,
		"`gigabytes` that the computation may take; a loss that can be taken in blocks of the batch is, where the whole takes more")
	flags.IntVar(&most.Rows, "rows", most.Rows, "embeddings that a batch may have: time grows by their square")
	list := flags.Bool("list", false, "list every loss with formula, parameters and paper")
	asJSON := flags.Bool("json", false, "with --list: for machines")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *list {
		return listLosses(std, *asJSON)
	}
	setting, err := lossSetting(*name, set, *similarity, *reduce, *classLevel)
	if err := usage.Join(err, most.Validate()); err != nil {
		return usage.Error(err)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(most.Bytes())) // what is free is collected before more is taken
	batch, err := setting.Read(std.in, most)
	if err != nil {
		return err
	}
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	result, err := setting.Compute(device, batch, most)
	if err != nil {
		return err
	}
	if result.Anchors == 0 {
		fmt.Fprintf(std.err, "no row has what %s needs, such as another of its label and one of another label: the loss is 0\n", *name)
	}
	return json.NewEncoder(std.out).Encode(result)
}

// lossSetting turns words into a loss, a similarity and a reduction.
func lossSetting(name string, set settings, similarity, reduce string, classLevel bool) (found lossbatch.Setting, err error) {
	if name == "" {
		return found, fmt.Errorf("loss: which one? --name circle, or --list to see them")
	}
	entry, wrongLoss := losses.Find(name)
	if wrongLoss == nil {
		found.Loss, wrongLoss = entry.With(set)
	}
	var wrongSimilarity, wrongReduction error
	found.Similarity = entry.Similarity
	if similarity != "" {
		found.Similarity, wrongSimilarity = losses.FindSimilarity(similarity)
	}
	found.Reduction, wrongReduction = losses.FindReduction(reduce)
	if err := usage.Join(wrongLoss, wrongSimilarity, wrongReduction); err != nil {
		return found, err
	}
	found.ClassLevel = classLevel || entry.Labels == losses.ClassLabels
	return found, nil
}

// listedLoss is an entry of the catalogue for machines.
type listedLoss struct {
	Name       string            `json:"name"`
	Aliases    []string          `json:"aliases"`
	Labels     losses.Labels     `json:"labels"`
	Similarity string            `json:"similarity"`
	Formula    string            `json:"formula"`
	Parameters []listedParameter `json:"parameters"`
	Paper      string            `json:"paper"`
}

type listedParameter struct {
	Name    string `json:"name"`
	Default any    `json:"default"`
	Means   string `json:"means"`
	// Range is where the parameter is worth trying, as `unipair compare` does; of one that it leaves at its default it is null.
	Range *losses.Range `json:"range"`
}

// listLosses prints the catalogue.
func listLosses(std stdio, asJSON bool) error {
	all := []listedLoss{}
	for _, entry := range losses.Catalogue() {
		listed := listedLoss{
			entry.Name, append([]string{}, entry.Aliases...), entry.Labels, fmt.Sprint(entry.Similarity), entry.Formula,
			[]listedParameter{}, entry.Paper,
		}
		for _, p := range entry.Parameters() {
			shown := listedParameter{p.Name, p.Default, p.Means, nil}
			if p.Range.Tried() {
				shown.Range = &p.Range
			}
			listed.Parameters = append(listed.Parameters, shown)
		}
		all = append(all, listed)
	}
	if asJSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(all)
	}
	for _, l := range all {
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, strings.Join(append([]string{l.Name}, l.Aliases...), ", also "))
		fmt.Fprintf(table, "  formula\t%s\n  scores\t%s, %s\n", l.Formula, l.Labels, l.Similarity)
		for _, p := range l.Parameters {
			fmt.Fprintf(table, "  --set %s=%v\t%s\n", p.Name, p.Default, p.Means)
		}
		if l.Paper != "" {
			fmt.Fprintf(table, "  paper\t%s\n", l.Paper)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}
