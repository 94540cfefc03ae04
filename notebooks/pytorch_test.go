package notebooks_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/pmlgolden"
	"github.com/unipair/unipair/pkg/losses"
)

// recorded holds what a PyTorch line of a notebook gives in PyTorch: testdata/pytorch.py has run it.
type recorded struct {
	Notebook, Code string
	Value          float64
	Gradient       []float64
}

var pythonBlock = regexp.MustCompile("(?s)```python\n(.*?)```")

// The PyTorch lines of the notebooks are those that were run, and what they gave is what pkg/losses gives, and for Circle loss another
// library.
func TestPyTorchLines(t *testing.T) {
	content, err := os.ReadFile("testdata/pytorch.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []recorded
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	rest := lines(t)
	if len(rest) != len(all) {
		t.Fatalf("the notebooks have %d PyTorch lines, and %d were run: python notebooks/testdata/pytorch.py", len(rest), len(all))
	}
	const m, gamma = 0.4, 80
	batch := pmlgolden.Read().Cases["pk"]
	pairs := func(loss losses.Loss) func(labels, x *graph.Node) *graph.Node {
		return func(labels, x *graph.Node) *graph.Node {
			return graph.ReduceAllMean(loss.PerAnchor(losses.Pairs(labels, x, losses.Cosine)))
		}
	}
	classes := func(loss losses.Loss, sim losses.Similarity) func(labels, x *graph.Node) *graph.Node {
		return func(labels, x *graph.Node) *graph.Node {
			vectors := graph.Add(graph.Slice(x, graph.AxisRange(0, 4)), graph.Slice(x, graph.AxisRange(-4)))
			return losses.Mean.Of(loss, losses.Classes(labels, x, vectors, sim))
		}
	}
	views := func(x *graph.Node) (first, second *graph.Node) {
		two := graph.Reshape(losses.Normalize(x), 8, 2, 6)
		return graph.Reshape(graph.Slice(two, graph.AxisRange(), graph.AxisElem(0)), 8, 6),
			graph.Reshape(graph.Slice(two, graph.AxisRange(), graph.AxisElem(1)), 8, 6)
	}
	want := []struct {
		name string
		loss func(labels, x *graph.Node) *graph.Node
	}{
		{"equation 1", pairs(losses.Unified{Margin: m, Gamma: gamma})},
		{"AM-Softmax", classes(losses.AMSoftmax{Margin: m, Gamma: gamma}, losses.Cosine)},
		{"NT-Xent", func(_, x *graph.Node) *graph.Node {
			images := graph.Const(x.Graph(), []int32{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7})
			return losses.Mean.Of(losses.NTXent{Temperature: 1. / gamma}, losses.Pairs(images, x, losses.Cosine))
		}},
		{"N-pair", func(_, x *graph.Node) *graph.Node {
			first, second := views(x)
			partners := graph.Const(x.Graph(), []int32{0, 1, 2, 3, 4, 5, 6, 7})
			return losses.Mean.Of(losses.Unified{Gamma: 1}, losses.Classes(partners, first, second, losses.Dot))
		}},
		{"hard triplet", pairs(losses.Triplet{Margin: m, Mining: losses.MineHard})},
		{"Circle loss", pairs(losses.Circle{Margin: m, Gamma: gamma})},
		{"AM-Softmax of one pair", func(_, x *graph.Node) *graph.Node {
			positive, negative := firstOf(batch.Labels, true), firstOf(batch.Labels, false)
			s := losses.Scores{Similarity: losses.Cosine.Of(x, x), Positive: graph.Const(x.Graph(), positive), Negative: graph.Const(x.Graph(), negative)}
			return losses.Mean.Of(losses.AMSoftmax{Margin: m, Gamma: gamma}, s)
		}},
		{"L2-Softmax", classes(losses.L2Softmax{Alpha: 16}, losses.UnitDot)},
		{"ArcFace", classes(losses.ArcFace{Margin: m, Gamma: gamma}, losses.Cosine)},
		{"SimSiam", func(_, x *graph.Node) *graph.Node {
			first, second := views(x)
			return graph.Neg(graph.ReduceAllMean(graph.ReduceSum(graph.Mul(first, graph.StopGradient(second)), -1)))
		}},
	}
	if len(want) != len(all) {
		t.Fatalf("%d PyTorch lines are known here, and %d were run", len(want), len(all))
	}
	for i, w := range want {
		if rest[i] != all[i].Code {
			t.Errorf("%s: notebook %s has %q, and %q was run: python notebooks/testdata/pytorch.py", w.name, all[i].Notebook, rest[i], all[i].Code)
		}
		exec, err := graph.NewExec(backendtest.Go(t), func(labels, x *graph.Node) (value, gradient *graph.Node) {
			value = w.loss(labels, x)
			return value, graph.Reshape(graph.Gradient(value, x)[0], -1)
		})
		if err != nil {
			t.Fatal(err)
		}
		results, err := exec.Call(batch.Labels, batch.Embeddings)
		if err != nil {
			t.Fatal(err)
		}
		same(t, w.name, all[i], results[0].Value().(float64), results[1].Value().([]float64))
	}
	for _, r := range pmlgolden.Read().Results {
		if r.Variant == "circle_m0.4_g80" && r.Case == "pk" && r.Type == "f64" {
			same(t, "Circle loss, pytorch-metric-learning", all[5], r.Loss(), r.Decode(r.Gradient, len(all[5].Gradient)))
			return
		}
	}
	t.Error("no golden of Circle loss")
}

// firstOf says, for each image, which is the first other one of its class, or of another class.
func firstOf(labels []int32, alike bool) [][]bool {
	first := make([][]bool, len(labels))
	for i, label := range labels {
		first[i] = make([]bool, len(labels))
		for j, other := range labels {
			if i != j && (label == other) == alike {
				first[i][j] = true
				break
			}
		}
	}
	return first
}

func same(t *testing.T, name string, r recorded, value float64, gradient []float64) {
	t.Helper()
	if math.Abs(value-r.Value) > 1e-9*(1+math.Abs(value)) {
		t.Errorf("%s: PyTorch gives %.12g, want %.12g", name, r.Value, value)
	}
	for i, g := range gradient {
		if math.Abs(g-r.Gradient[i]) > 1e-7*(1+math.Abs(g)) {
			t.Errorf("%s: entry %d of the gradient is %.12g in PyTorch, want %.12g", name, i, r.Gradient[i], g)
			return
		}
	}
}

// lines returns the PyTorch lines of all notebooks.
func lines(t *testing.T) (all []string) {
	files, err := filepath.Glob("*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var n notebook
		if err := json.Unmarshal(raw, &n); err != nil {
			t.Fatal(err)
		}
		for _, cell := range n.Cells {
			if cell.Type != "markdown" {
				continue
			}
			for _, match := range pythonBlock.FindAllStringSubmatch(strings.Join(cell.Source, ""), -1) {
				for line := range strings.Lines(match[1]) {
					if len(line) > mostWide {
						t.Errorf("%s: a PyTorch line of %d characters, want at most %d", file, len(line), mostWide)
					}
				}
				all = append(all, match[1])
			}
		}
	}
	return all
}
