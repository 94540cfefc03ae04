package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/losses"
)

// lossWords is what the flags of `unipair loss` say.
type lossWords struct {
	loss       losses.Loss
	similarity losses.Similarity
	reduce     losses.Reduction
	classLevel bool
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
	set := settings{}
	flags.Var(set, "set", "parameter of the loss as `name=value`; may be given several times")
	classLevel := flags.Bool("classes", false, "score against class weights, also where the loss's paper scores pairs")
	reduce := flags.String("reduce", "mean", "how anchors become one number: mean (of those that have what the loss needs), mean-all, mean-nonzero, mean-terms, sum")
	similarity := flags.String("similarity", "", "how vectors are compared; the loss's own if not given")
	list := flags.Bool("list", false, "list every loss with formula, parameters and paper")
	asJSON := flags.Bool("json", false, "with --list: for machines")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *list {
		return listLosses(std, *asJSON)
	}
	words, err := lossSetting(*name, set, *similarity, *reduce, *classLevel)
	if err != nil {
		return usageError{err}
	}
	batch, err := readBatch(std.in, words.classLevel, losses.CentersOf(words.loss))
	if err != nil {
		return err
	}
	if number := batch.overflow(); number != "" {
		return usagef("batch: %s is beyond the range of %s", number, batch.dtype)
	}
	device, _, err := backend.OpenInTurn()
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
	if similarity = cmp.Or(similarity, entry.Similarity); similarity != "" {
		words.similarity, wrongSimilarity = losses.FindSimilarity(similarity)
	}
	words.reduce, wrongReduction = losses.FindReduction(reduce)
	if err := together(wrongLoss, wrongSimilarity, wrongReduction); err != nil {
		return words, err
	}
	words.classLevel = classLevel || entry.Labels == losses.ClassLabels
	return words, nil
}

// compute builds the graph, once for the batch's shape, and runs it.
func (w lossWords) compute(device compute.Backend, b lossBatch) (lossResult, error) {
	exec, err := graph.NewExec(device, func(labels, embeddings, weights *graph.Node) []*graph.Node {
		embeddings, weights = graph.ConvertDType(embeddings, b.dtype), graph.ConvertDType(weights, b.dtype)
		scores, learnt := losses.Scores{}, []*graph.Node{embeddings}
		if w.classLevel {
			scores, learnt = losses.Classes(labels, embeddings, weights, losses.Measure(w.loss, w.similarity)), []*graph.Node{embeddings, weights}
		} else {
			scores = losses.Pairs(labels, embeddings, w.similarity)
		}
		total := w.reduce(w.loss, scores)
		out := []*graph.Node{total, w.loss.PerAnchor(scores), graph.ConvertDType(w.loss.Anchors(scores), dtypes.Float64)}
		out = append(out, graph.Gradient(total, learnt...)...)
		for i := range out {
			out[i] = graph.ConvertDType(out[i], dtypes.Float64)
		}
		return out
	})
	if err != nil {
		return lossResult{}, err
	}
	defer exec.Finalize()
	weights := b.weights
	if weights == nil {
		weights = [][]float64{{0}} // takes no part
	}
	out, err := exec.Call(b.labels, matrixTensor(b.embeddings), matrixTensor(weights))
	if err != nil {
		if _, refusal, found := strings.Cut(err.Error(), " panicked: "); found { // the loss does not take such scores
			err = usagef("loss: %s", refusal)
		}
		return lossResult{}, err
	}
	result := lossResult{
		Loss:           tensors.ToScalar[float64](out[0]),
		PerAnchor:      tensors.MustCopyFlatData[float64](out[1]),
		GradEmbeddings: out[3].Value().([][]float64),
	}
	for _, has := range tensors.MustCopyFlatData[float64](out[2]) {
		result.Anchors += int(has)
	}
	if w.classLevel {
		result.GradWeights = out[4].Value().([][]float64)
	}
	if math.IsNaN(result.Loss) || math.IsInf(result.Loss, 0) {
		return lossResult{}, fmt.Errorf("loss: the value is %g; give embeddings of smaller numbers, or dtype float64", result.Loss)
	}
	return result, nil
}

// matrixTensor makes a tensor from one flat slice, which is much faster than from nested ones.
func matrixTensor(rows [][]float64) *tensors.Tensor {
	flat := make([]float64, 0, len(rows)*len(rows[0]))
	for _, row := range rows {
		flat = append(flat, row...)
	}
	return tensors.FromFlatDataAndDimensions(flat, len(rows), len(rows[0]))
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
			entry.Name, append([]string{}, entry.Aliases...), entry.Labels, entry.Similarity, entry.Formula, []listedParameter{}, entry.Paper,
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
