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
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
)

// lossWords is what the flags of `unipair loss` say.
type lossWords struct {
	loss       losses.Loss
	similarity losses.Similarity
	reduce     losses.Reduction
	classLevel bool
	most       lossLimits
}

// lossResult is what `unipair loss` prints.
type lossResult struct {
	Loss           float64     `json:"loss"`
	PerAnchor      []float64   `json:"per_anchor"`
	GradEmbeddings [][]float64 `json:"grad_embeddings"`
	GradWeights    [][]float64 `json:"grad_weights,omitempty"`
	Anchors        int         `json:"anchors"` // that have what the loss needs
}

// runLoss computes a loss and its gradient on a batch: `unipair loss --name circle [--set k=v …] [--classes] < batch.json`.
func runLoss(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("loss", flag.ContinueOnError)
	name := flags.String("name", "", "loss, see --list")
	set, most := settings{}, defaultLossLimits()
	flags.Var(set, "set", "parameter of the loss as `name=value`; may be given several times")
	classLevel := flags.Bool("classes", false, "score against class weights, also where the loss's paper scores pairs")
	reduce := flags.String("reduce", "mean", "how anchors become one number: mean (of those that have what the loss needs), mean-all, mean-nonzero, mean-terms, sum")
	similarity := flags.String("similarity", "", "how vectors are compared; the loss's own if not given")
	flags.Float64Var(&most.gigabytes, "memory", most.gigabytes, "`gigabytes` that the computation may take; a loss that can be taken in blocks of the batch is, where the whole takes more")
	flags.IntVar(&most.rows, "rows", most.rows, "embeddings that a batch may have: time grows by their square")
	list := flags.Bool("list", false, "list every loss with formula, parameters and paper")
	asJSON := flags.Bool("json", false, "with --list: for machines")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *list {
		return listLosses(std, *asJSON)
	}
	words, err := lossSetting(*name, set, *similarity, *reduce, *classLevel)
	if err := usage.Join(err, most.validate()); err != nil {
		return usage.Error(err)
	}
	words.most = most
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(most.memory())) // what is free is collected before more is taken
	batch, err := readBatch(std.in, words.classLevel, losses.CentersOf(words.loss), most)
	if err != nil {
		return err
	}
	if number := batch.overflow(); number != "" {
		return usage.Errorf("batch: %s is beyond the range of %s", number, batch.dtype)
	}
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	result, err := words.compute(device, batch)
	if err != nil {
		return err
	}
	return json.NewEncoder(std.out).Encode(result)
}

// lossSetting turns words into a loss, a similarity and a reduction.
func lossSetting(name string, set settings, similarity, reduce string, classLevel bool) (words lossWords, err error) {
	if name == "" {
		return words, fmt.Errorf("loss: which one? --name circle, or --list to see them")
	}
	entry, wrongLoss := losses.Find(name)
	if wrongLoss == nil {
		words.loss, wrongLoss = entry.With(set)
	}
	var wrongSimilarity, wrongReduction error
	words.similarity = entry.Similarity
	if similarity != "" {
		words.similarity, wrongSimilarity = losses.FindSimilarity(similarity)
	}
	words.reduce, wrongReduction = losses.FindReduction(reduce)
	if err := usage.Join(wrongLoss, wrongSimilarity, wrongReduction); err != nil {
		return words, err
	}
	words.classLevel = classLevel || entry.Labels == losses.ClassLabels
	return words, nil
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
}

// listLosses prints the catalogue.
func listLosses(std stdio, asJSON bool) error {
	all := []listedLoss{}
	for _, entry := range losses.Catalogue() {
		listed := listedLoss{
			entry.Name, append([]string{}, entry.Aliases...), entry.Labels, fmt.Sprint(entry.Similarity), entry.Formula, []listedParameter{}, entry.Paper,
		}
		for _, p := range entry.Parameters() {
			listed.Parameters = append(listed.Parameters, listedParameter(p))
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
