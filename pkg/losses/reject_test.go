package losses_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// oddShape is a loss that returns what its functions make of the similarities, or these themselves.
type oddShape struct {
	value, anchors func(similarity *graph.Node) *graph.Node
}

func (o oddShape) of(f func(*graph.Node) *graph.Node, s losses.Scores) *graph.Node {
	if f == nil {
		return s.Similarity
	}
	return f(s.Similarity)
}

func (o oddShape) PerAnchor(s losses.Scores) *graph.Node { return o.of(o.value, s) }
func (o oddShape) Anchors(s losses.Scores) *graph.Node   { return o.of(o.anchors, s) }
func (oddShape) Validate() error                         { return nil }

// What does not fit is refused while the graph is built, by function, rule and value.
func TestGraphRefuses(t *testing.T) {
	zeros := func(g *graph.Graph, dtype dtypes.DType, dims ...int) *graph.Node {
		return graph.Zeros(g, shapes.Make(dtype, dims...))
	}
	labels := func(g *graph.Graph) *graph.Node { return zeros(g, dtypes.Int32, 4) }
	vectors := func(g *graph.Graph) *graph.Node { return zeros(g, dtypes.Float32, 4, 2) }
	mean := func(loss losses.Loss) func(*graph.Graph) *graph.Node {
		return func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(loss, losses.Pairs(labels(g), vectors(g), losses.Cosine))
		}
	}
	for name, c := range map[string]struct {
		build func(g *graph.Graph) *graph.Node
		want  string
	}{
		"zero Circle":     {mean(losses.Circle{}), "Circle: Gamma must be a number > 0, got 0"},
		"one value":       {mean(oddShape{graph.ReduceAllSum, nil}), "oddShape.PerAnchor must return float [4], a value per anchor, got (Float32)"},
		"a matrix":        {mean(oddShape{nil, nil}), "oddShape.PerAnchor must return float [4], a value per anchor, got (Float32)[4, 4]"},
		"booleans":        {mean(oddShape{func(x *graph.Node) *graph.Node { return graph.LessThan(graph.ReduceSum(x, 1), graph.ReduceSum(x, 0)) }, nil}), "got (Bool)[4]"},
		"anchors as 1":    {mean(oddShape{func(x *graph.Node) *graph.Node { return graph.ReduceSum(x, 1) }, func(x *graph.Node) *graph.Node { return graph.ReduceSum(x, 1) }}), "oddShape.Anchors must return bool [4], one per anchor, got (Float32)[4]"},
		"zero Unified":    {mean(losses.Unified{}), "Unified: Gamma"},
		"zero NormFace":   {mean(losses.NormFace{}), "NormFace: Gamma"},
		"zero AMSoftmax":  {mean(losses.AMSoftmax{}), "AMSoftmax: Gamma"},
		"zero Triplet":    {mean(losses.Triplet{}), `Triplet: Mining must be "all"`},
		"NaN margin":      {mean(losses.Circle{Margin: math.NaN(), Gamma: 1}), "Circle: Margin must be in [0, 1), got NaN"},
		"infinite gamma":  {mean(losses.Circle{Margin: 0.1, Gamma: math.Inf(1)}), "Circle: Gamma"},
		"negative margin": {mean(losses.Triplet{Margin: -1, Mining: losses.MineAll}), "Triplet: Margin must be a number ≥ 0, got -1"},
		"no anchors": {func(g *graph.Graph) *graph.Node {
			mask := zeros(g, dtypes.Bool, 0, 3)
			return losses.Mean.Of(circle, losses.Scores{Similarity: zeros(g, dtypes.Float32, 0, 3), Positive: mask, Negative: mask})
		}, "with at least one of each"},
		"no loss": {mean(nil), "a reduction is nil"},
		"no similarity": {func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(circle, losses.Pairs(labels(g), vectors(g), losses.Normalized(nil)))
		}, "a reduction is nil"},
		"no relation": {func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(circle, losses.PairsBy(nil, labels(g), vectors(g), losses.Cosine))
		}, "a reduction is nil"},
		"no reduction": {func(g *graph.Graph) *graph.Node {
			return losses.PairWise(circle, losses.Cosine, nil)([]*graph.Node{labels(g)}, []*graph.Node{vectors(g)})
		}, "a reduction is nil"},
		"float labels": {func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(circle, losses.Pairs(zeros(g, dtypes.Float32, 4), vectors(g), losses.Cosine))
		}, "losses.SameLabel: labels must be integer [rows], got (Float32)[4]"},
		"too few labels": {func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(circle, losses.Pairs(zeros(g, dtypes.Int32, 3), vectors(g), losses.Cosine))
		}, "labels must be integer [4]"},
		"rank 3": {func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(circle, losses.Pairs(labels(g), zeros(g, dtypes.Float32, 4, 2, 2), losses.Cosine))
		}, "embeddings must be float [rows, dim]"},
		"integer embeddings": {func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(circle, losses.Pairs(labels(g), zeros(g, dtypes.Int32, 4, 2), losses.Cosine))
		}, "embeddings must be float [rows, dim]"},
		"weights of another dimension": {func(g *graph.Graph) *graph.Node {
			return losses.Mean.Of(losses.Softmax{}, losses.Classes(labels(g), vectors(g), zeros(g, dtypes.Float32, 5, 3), losses.Dot))
		}, "embeddings and weights must have the same dimension"},
		"masks of another shape": {func(g *graph.Graph) *graph.Node {
			mask := zeros(g, dtypes.Bool, 4, 3)
			return losses.Mean.Of(circle, losses.Scores{Similarity: zeros(g, dtypes.Float32, 4, 4), Positive: mask, Negative: mask})
		}, "Positive and Negative must be bool of the dimensions of Similarity"},
		"extra labels": {func(g *graph.Graph) *graph.Node {
			return losses.PairWise(circle, losses.Cosine, losses.Mean)([]*graph.Node{labels(g), labels(g)}, []*graph.Node{vectors(g)})
		}, "losses.PairWise: want 1 label and 1 predictions (embeddings), got 2 and 1"},
		"no class weights": {func(g *graph.Graph) *graph.Node {
			return losses.ClassLevel(circle, losses.Cosine, losses.Mean)([]*graph.Node{labels(g)}, []*graph.Node{vectors(g)})
		}, "losses.ClassLevel: want 1 label and 2 predictions (embeddings, weights), got 1 and 1"},
		"unknown similarity": {func(g *graph.Graph) *graph.Node {
			return losses.NamedSimilarity("x").Of(vectors(g), vectors(g))
		}, `losses: unknown similarity "x": known: cosine, dot`},
		"unknown relation": {func(g *graph.Graph) *graph.Node {
			positive, _ := losses.NamedRelation("x").Of(labels(g), labels(g))
			return positive
		}, `losses: unknown relation "x": known: same-label`},
		"unknown reduction": {func(g *graph.Graph) *graph.Node {
			return losses.NamedReduction("x").Of(circle, losses.Pairs(labels(g), vectors(g), losses.Cosine))
		}, `losses: unknown reduction "x": known: mean`},
	} {
		t.Run(name, func(t *testing.T) {
			exec := graph.MustNewExec(backendtest.Go(t), c.build)
			defer exec.Finalize()
			if _, err := exec.Call(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got the error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestCheckEmbeddings(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		value any
		want  string // empty: accepted
	}{
		"finite":        {[][]float64{{1, 2}, {3, 4}}, ""},
		"finite f32":    {[][]float32{{1, 2}, {3, 4}}, ""},
		"NaN":           {[][]float64{{1, 2}, {3, nan}}, "got NaN in row 1, column 1"},
		"infinite f32":  {[][]float32{{float32(inf), 2}}, "got +Inf in row 0, column 0"},
		"rank 1":        {[]float64{1, 2}, "must be float [rows, dim]"},
		"whole numbers": {[][]int32{{1, 2}}, "must be float [rows, dim]"},
	} {
		wantError(t, name, losses.CheckEmbeddings(tensors.MustFromAnyValue(c.value)), c.want)
	}
}

func TestCheckLabels(t *testing.T) {
	for name, c := range map[string]struct {
		value         any
		rows, classes int
		want          string
	}{
		"fit":         {[]int32{0, 1, 2}, 3, 3, ""},
		"any class":   {[]int64{0, 1 << 40}, 2, 0, ""},
		"unsigned":    {[]uint8{0, 200}, 2, 201, ""},
		"too high":    {[]int32{0, 3}, 2, 3, "below the number of class weights, 3, got 3 in row 1"},
		"uint high":   {[]uint8{0, 200}, 2, 200, "got 200 in row 1"},
		"negative":    {[]int32{0, -1}, 2, 0, "≥ 0, got -1 in row 1"},
		"too few":     {[]int32{0}, 2, 0, "must be integer [2]"},
		"not integer": {[]float32{0, 1}, 2, 0, "must be integer [2]"},
	} {
		wantError(t, name, losses.CheckLabels(tensors.MustFromAnyValue(c.value), c.rows, c.classes), c.want)
	}
}

func TestCatalogueSettings(t *testing.T) {
	find := func(name string) losses.Entry {
		entry, err := losses.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		return entry
	}
	got, err := find("circle").With(map[string]string{"margin": "0.25", "gamma": "128"})
	if want := (losses.Circle{Margin: 0.25, Gamma: 128}); err != nil || got != want {
		t.Errorf("circle with margin 0.25 and gamma 128 = %+v, %v, want %+v", got, err, want)
	}
	if name := find("cosface").Name; name != "am-softmax" {
		t.Errorf("cosface is %s, want am-softmax", name)
	}
	got, err = find("triplet").With(map[string]string{"mining": "hard", "soft": "true"})
	if want := (losses.Triplet{Margin: 0.2, Soft: true, Mining: losses.MineHard}); err != nil || got != want {
		t.Errorf("triplet, hard and soft = %+v, %v, want %+v", got, err, want)
	}
	for _, c := range []struct{ loss, name, value, want string }{
		{"circle", "margn", "1", `unknown parameter "margn": did you mean margin?`},
		{"circle", "margin", "wide", `want a number, got "wide"`},
		{"circle", "margin", "2", "Circle: Margin must be in [0, 1), got 2"},
		{"circle", "margin", "NaN", "Circle: Margin must be in [0, 1), got NaN"},
		{"triplet", "soft", "maybe", "want true or false"},
		{"triplet", "mining", "medium", `Triplet: Mining must be "all"`},
		{"softmax", "gamma", "1", "softmax has no parameters"},
	} {
		_, err := find(c.loss).With(map[string]string{c.name: c.value})
		wantError(t, c.loss+" "+c.name+"="+c.value, err, c.want)
	}
	_, err = losses.Find("circel")
	wantError(t, "circel", err, `unknown loss "circel": did you mean circle?`)
	_, err = losses.FindSimilarity("cosin")
	wantError(t, "cosin", err, "did you mean cosine?")
	_, err = losses.FindReduction("average")
	wantError(t, "average", err, "known: mean, mean-all, mean-nonzero")
}

// Every entry of the catalogue is complete: a valid default, a formula, a similarity that exists, a name of its own.
func TestCatalogueIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, entry := range losses.Catalogue() {
		if err := entry.Default.Validate(); err != nil {
			t.Errorf("%s: its default is invalid: %v", entry.Name, err)
		}
		if sim, err := losses.FindSimilarity(fmt.Sprint(entry.Similarity)); err != nil || sim != entry.Similarity || entry.Formula == "" {
			t.Errorf("%s: formula %q, similarity %v (%v)", entry.Name, entry.Formula, entry.Similarity, err)
		}
		for _, name := range append(entry.Aliases, entry.Name) {
			if seen[name] {
				t.Errorf("%s is in the catalogue twice", name)
			}
			seen[name] = true
		}
	}
}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v, want no error", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: got the error %v, want one with %q", what, err, want)
	}
}
