package onnxfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute-onnx/support/protos"
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
	names := f.outputs()
	unknown := slices.IndexFunc(names, func(name string) bool { return !f.has(name) })
	if unknown < 0 {
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				return fmt.Errorf("is to give the value %q twice: name it once", name)
			}
		}
		return nil
	}
	var outputs []string
	for _, output := range f.graph.Output {
		outputs = append(outputs, fmt.Sprintf("%s (%s)", output.Name, said(output.Type.GetTensorType().GetShape().GetDim())))
	}
	if f.Output != "" {
		return fmt.Errorf("has no value %q; its outputs are %s", names[unknown], strings.Join(outputs, ", "))
	}
	return fmt.Errorf("has %d outputs: choose one of %s", len(outputs), strings.Join(outputs, ", "))
}

// outputs lists the values that make the embedding, one after the other. Commas divide them, unless that is the name of one.
func (f *File) outputs() []string {
	if f.has(f.Output) {
		return []string{f.Output}
	}
	return strings.Split(f.Output, ",")
}

// has reports whether an operation makes a value.
func (f *File) has(name string) bool {
	return name != "" && slices.ContainsFunc(f.graph.Node, func(node *protos.NodeProto) bool { return slices.Contains(node.Output, name) })
}

// pooled makes one row of what each image's outputs are.
func (f *File) pooled(outputs []*graph.Node) *graph.Node {
	several := slices.ContainsFunc(outputs, func(x *graph.Node) bool { return x.Rank() > 2 })
	rows := make([]*graph.Node, len(outputs))
	for i, x := range outputs {
		rows[i] = f.row(x, f.outputs()[i], several)
	}
	return graph.Concatenate(rows, -1)
}

// row makes one row of each image's tokens or places. Where there are other outputs with several, one that has a row already is left.
func (f *File) row(x *graph.Node, name string, several bool) *graph.Node {
	switch {
	case x.Rank() == 2 && (several || f.Pool == ""):
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
	panic(fmt.Errorf("has the output %q of %s: %s", name, x.Shape(), f.wrongRank(x.Rank())))
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
