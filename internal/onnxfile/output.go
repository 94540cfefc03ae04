package onnxfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// Pool says how one row is made of an image's tokens [n, t, d], or of its places [n, d, h, w] or [n, h, w, d].
type Pool string

// The rules that there are.
const (
	First Pool = "first" // the first token, where a transformer has the class
	Mean  Pool = "mean"  // over all tokens or places
)

// Validate returns an error for what is no rule.
func (p Pool) Validate() error {
	if p != "" && p != First && p != Mean {
		return fmt.Errorf("tokens are pooled by %s or %s, got %q", First, Mean, string(p))
	}
	return nil
}

// chooseOutput finds the value that is the embedding.
func (f *File) chooseOutput() error {
	if err := f.Pool.Validate(); err != nil {
		return err
	}
	if f.Output == "" && len(f.graph.Output) == 1 {
		f.Output = f.graph.Output[0].Name
	}
	if f.Output != "" {
		for _, node := range f.graph.Node {
			if slices.Contains(node.Output, f.Output) {
				return nil
			}
		}
	}
	var outputs []string
	for _, output := range f.graph.Output {
		outputs = append(outputs, fmt.Sprintf("%s (%s)", output.Name, said(output.Type.GetTensorType().GetShape().GetDim())))
	}
	if f.Output != "" {
		return fmt.Errorf("has no value %q; its outputs are %s", f.Output, strings.Join(outputs, ", "))
	}
	return fmt.Errorf("has %d outputs: choose one of %s", len(outputs), strings.Join(outputs, ", "))
}

// pooled makes one row of each image's tokens or places.
func (f *File) pooled(x *graph.Node) *graph.Node {
	switch {
	case x.Rank() == 2 && f.Pool == "":
		return x
	case x.Rank() == 3 && f.Pool == First:
		return graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(0)), 1)
	case x.Rank() == 3 && f.Pool == Mean:
		return graph.ReduceMean(x, 1)
	case x.Rank() == 4 && f.Pool == Mean && f.Input.Layout == ChannelsFirst:
		return graph.ReduceMean(x, 2, 3)
	case x.Rank() == 4 && f.Pool == Mean:
		return graph.ReduceMean(x, 1, 2)
	}
	panic(fmt.Errorf("has the output %q of %s: %s", f.Output, x.Shape(), f.wrongRank(x.Rank())))
}

// wrongRank says what to do where the rule of pooling does not fit the output.
func (f *File) wrongRank(rank int) string {
	switch {
	case rank == 2:
		return fmt.Sprintf("it is one row an image, so leave the rule of pooling (%s) out", f.Pool)
	case rank == 3 || rank == 4 && f.Pool == "":
		return fmt.Sprintf("its tokens or places become one row by a rule of pooling, choose %s or %s", First, Mean)
	case rank == 4:
		return fmt.Sprintf("of its places none is the first, so take the rule of pooling %s", Mean)
	}
	return "take an output with one row an image, or with tokens"
}
