package losses_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// Functions of one's own that compute what a value of the package computes.
var (
	ownCosine  = losses.SimilarityFunc(func(x, y *graph.Node) *graph.Node { return losses.Cosine.Of(x, y) })
	ownMean    = losses.ReductionFunc(func(loss losses.Loss, s losses.Scores) *graph.Node { return losses.Mean.Of(loss, s) })
	ownClasses = losses.RelationFunc(func(labels, others *graph.Node) (positive, negative *graph.Node) {
		return losses.SameLabel.Of(labels, others)
	})
)

func TestValuesPrintAsTheirNames(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{losses.Cosine, "cosine"},
		{losses.NegativeLp(1), "l1"},
		{losses.NegativeLp(2.5), "l2.5"},
		{losses.Normalized(losses.Dot), "cosine"},
		{losses.Normalized(losses.NegativeL2), "normalized-l2"},
		{losses.Normalized(ownCosine), "normalized-function"},
		{losses.DefaultSubCenterArcFace().Pooled(losses.Cosine), "cosine of the nearest of 3 centers"},
		{losses.DefaultSoftTriple().Pooled(losses.Cosine), "cosine of 10 centers by softmax at 0.1"},
		{ownCosine, "function"},
		{losses.SameLabel, "same-label"},
		{losses.SameBranch(1), "same-branch(1)"},
		{ownClasses, "function"},
		{losses.MeanNonZero, "mean-nonzero"},
		{losses.MeanBetween(0, 0.5), "mean-between(0, 0.5)"},
		{losses.MeanWeighted(nil), "mean-weighted"},
		{ownMean, "function"},
	} {
		if got := fmt.Sprint(c.value); got != c.want {
			t.Errorf("%#v prints as %q, want %q", c.value, got, c.want)
		}
	}
	for _, c := range []struct{ got, want []string }{
		{slices.Sorted(maps.Keys(losses.Similarities())), []string{"cosine", "dot", "l1", "l2", "l2-squared",
			"normalized-l2", "normalized-l2-squared", "normalized-snr", "snr", "unit-dot"}},
		{slices.Sorted(maps.Keys(losses.Reductions())), []string{"mean", "mean-all", "mean-nonzero", "mean-terms", "sum"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("the names are %q, want %q", c.got, c.want)
		}
	}
}

// A value equals what is made in the same way, and a function inside one makes it differ from those of the package without a panic.
func TestValuesAreComparable(t *testing.T) {
	found, err := losses.FindSimilarity("normalized-l2")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		x, y any
		want bool
	}{
		{"a similarity found by its name", found, losses.Normalized(losses.NegativeL2), true},
		{"a normalised dot product", losses.Normalized(losses.Dot), losses.Cosine, true},
		{"distances of one power", losses.NegativeLp(3), losses.NegativeLp(3), true},
		{"distances of two powers", losses.NegativeLp(3), losses.NegativeLp(4), false},
		{"pooled alike", losses.DefaultSoftTriple().Pooled(losses.Dot), losses.DefaultSoftTriple().Pooled(losses.Dot), true},
		{"branches of two levels", losses.SameBranch(0), losses.SameBranch(1), false},
		{"means between the same bounds", losses.MeanBetween(0, 1), losses.MeanBetween(0, 1), true},
		{"a function and what it computes", ownCosine, losses.Cosine, false},
		{"a normalised function", losses.Normalized(ownCosine), losses.Normalized(losses.NegativeL2), false},
	} {
		if got := c.x == c.y; got != c.want {
			t.Errorf("%s: equal is %v, want %v", c.name, got, c.want)
		}
	}
}

// A function of one's own has the value and the gradient of what it computes, by autodiff over the whole matrix.
func TestOwnFunctionsAreAdapted(t *testing.T) {
	b, in := backendtest.Go(t), unevenBatch(3, 24, 4)
	want := evaluate(t, b, dtypes.Float64, in, mined(pairs(losses.Cosine), losses.ByAutodiff), reduced(circle, losses.Mean))
	learns(t, "whole", want)
	for _, c := range []struct {
		name    string
		related losses.Relation
		sim     losses.Similarity
		reduce  losses.Reduction
	}{
		{"similarity", losses.SameLabel, ownCosine, losses.Mean},
		{"normalised similarity", losses.SameLabel, losses.Normalized(losses.SimilarityFunc(losses.Dot.Of)), losses.Mean},
		{"relation", ownClasses, losses.Cosine, losses.Mean},
		{"all", ownClasses, ownCosine, ownMean},
	} {
		got := evaluate(t, b, dtypes.Float64, in, func(labels, embeddings, _, _ *graph.Node) losses.Scores {
			return losses.PairsBy(c.related, labels, embeddings, c.sim)
		}, reduced(circle, c.reduce))
		same(t, c.name, got, want, 0, 0)
	}
}

// The half of the matrix is enough for the similarities and relations of which the package says so, and for no others.
func TestHalfIsTakenAsDocumented(t *testing.T) {
	const rows = 1024 // too many for distances made of differences
	class, several, square := []int{rows}, []int{rows, 2}, []int{rows, rows}
	cases := []struct {
		related losses.Relation
		labels  []int
		sim     losses.Similarity
		want    bool
	}{
		{losses.OtherImages, several, losses.Cosine, true},
		{losses.SharedLabels, several, losses.Cosine, true},
		{losses.GivenPairs, square, losses.Cosine, false},
		{losses.SameBranch(0), several, losses.Cosine, false},
		{ownClasses, class, losses.Cosine, false},
		{losses.SameLabel, class, ownCosine, false},
		{losses.SameLabel, class, losses.Normalized(ownCosine), false},
		{losses.SameLabel, class, losses.NegativeLp(2), false},
	}
	documented := []losses.Similarity{losses.Cosine, losses.Dot, losses.NegativeL2, losses.Normalized(losses.NegativeL2)}
	for _, sim := range losses.Similarities() {
		cases = append(cases, cases[0])
		c := &cases[len(cases)-1]
		c.related, c.labels, c.sim, c.want = losses.SameLabel, class, sim, slices.Contains(documented, sim)
	}
	for _, c := range cases {
		g := graph.NewGraph(backendtest.Go(t), "half")
		labels := graph.Parameter(g, "labels", shapes.Make(dtypes.Int32, c.labels...))
		embeddings := graph.Parameter(g, "embeddings", shapes.Make(dtypes.Float32, rows, 8))
		s := losses.PairsBy(c.related, labels, embeddings, c.sim)
		if got := !needs(losses.Mean.Of(circle, s), s.Similarity, map[*graph.Node]bool{}); got != c.want {
			t.Errorf("%v under %v: from the half is %v, want %v", c.sim, c.related, got, c.want)
		}
		g.Finalize()
	}
}

// needs tells whether a node is computed from another; seen are those that are not.
func needs(node, from *graph.Node, seen map[*graph.Node]bool) bool {
	if node == from {
		return true
	}
	if seen[node] {
		return false
	}
	seen[node] = true
	return slices.ContainsFunc(node.Inputs(), func(input *graph.Node) bool { return needs(input, from, seen) })
}

// A name that stands for nothing is refused with those that stand for something, at once where an error can be returned.
func TestUnknownNamesAreRefused(t *testing.T) {
	b := backendtest.Go(t)
	stream := func(related losses.Relation, sim losses.Similarity, reduce losses.Reduction) error {
		_, err := losses.NewStream(b, related, circle, sim, reduce)
		return err
	}
	blocks := func(sim losses.Similarity, reduce losses.Reduction) error {
		_, err := losses.NewClassBlocks(b, circle, sim, reduce, 10)
		return err
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"a stream's relation", stream(losses.NamedRelation("x"), losses.Cosine, losses.Mean),
			`losses: unknown relation "x": known: same-label, other-images, shared-labels, given-pairs`},
		{"a stream's similarity", stream(losses.SameLabel, losses.NamedSimilarity("x"), losses.Mean),
			`losses: unknown similarity "x": known: cosine, dot, unit-dot, l2, l2-squared, snr`},
		{"a normalised similarity", stream(losses.SameLabel, losses.Normalized(losses.NamedSimilarity("cosin")), losses.Mean),
			`losses: unknown similarity "cosin": did you mean cosine?`},
		{"a stream's reduction", stream(losses.SameLabel, losses.Cosine, losses.NamedReduction("x")),
			`losses: unknown reduction "x": known: mean, mean-all, sum, mean-terms, mean-nonzero`},
		{"blocks' similarity", blocks(losses.NamedSimilarity("x"), losses.Mean), `unknown similarity "x"`},
		{"blocks' distance", blocks(losses.NegativeLp(0.5), losses.Mean), "losses.NegativeLp: p must be a number ≥ 1, got 0.5"},
		{"blocks' reduction", blocks(losses.Cosine, losses.MeanBetween(1, 0)), "losses.MeanBetween: the bounds must be in order, got 1 and 0"},
	} {
		wantError(t, c.name, c.err, c.want)
	}
}
