package losses

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Relation tells from the labels of both sides which pairs belong together and which do not. Those of this package are comparable
// values that print as their names; [RelationFunc] makes one of a function.
type Relation interface {
	// Of returns which pairs are positive and which negative, bool [anchors, candidates] each. A pair that is neither takes no part. What
	// a label is, is the relation's own: its rows are the anchors or the candidates.
	Of(labels, others *graph.Node) (positive, negative *graph.Node)
}

// RelationFunc makes a [Relation] of a function of one's own. Whether it is symmetric is not known: a loss of it is computed by autodiff
// over the whole matrix.
type RelationFunc func(labels, others *graph.Node) (positive, negative *graph.Node)

// Of calls f.
func (f RelationFunc) Of(labels, others *graph.Node) (positive, negative *graph.Node) {
	return f(labels, others)
}

// String returns "function": a function has no name of its own.
func (RelationFunc) String() string { return "function" }

// NamedRelation is a [Relation] without settings. Its value is its name.
type NamedRelation string

const (
	// SameLabel is the usual relation: one class per row, labels integer [rows]; a pair of one class is positive, any other negative.
	SameLabel NamedRelation = "same-label"

	// OtherImages is [SameLabel] where a batch may have an image twice: labels are integer [rows, 2], the class of a row and the number
	// of its image. Two rows of one image are neither positive nor negative, since no picture is its own positive, even if each is
	// changed at random in its own way.
	OtherImages NamedRelation = "other-images"

	// SharedLabels is the relation of rows with several labels each, integer [rows, labels], 1 where a row has the label and 0 where
	// not. Rows that share a label are positive, rows that share none negative.
	SharedLabels NamedRelation = "shared-labels"

	// GivenPairs is the relation that is told pair by pair: labels is integer [anchors, candidates], above 0 for a positive pair, below
	// 0 for a negative one, 0 for neither. The labels of the candidates are not looked at.
	GivenPairs NamedRelation = "given-pairs"
)

// Of implements [Relation]. It panics with a name that is none of the constants.
func (n NamedRelation) Of(labels, others *graph.Node) (positive, negative *graph.Node) {
	switch n {
	case SameLabel:
		return sameLabel(labels, others)
	case OtherImages:
		return otherImages(labels, others)
	case SharedLabels:
		return sharedLabels(labels, others)
	case GivenPairs:
		return givenPairs(labels)
	}
	panic(n.Validate())
}

// Validate returns an error unless n is one of the constants.
func (n NamedRelation) Validate() error {
	return validateName("relation", n, SameLabel, OtherImages, SharedLabels, GivenPairs)
}

// isSymmetric tells whether a relation is known to be one of two anchors either way round.
func isSymmetric(related Relation) bool {
	return related == SameLabel || related == OtherImages || related == SharedLabels
}

// sameLabel computes [SameLabel].
func sameLabel(labels, others *graph.Node) (positive, negative *graph.Node) {
	assertRelation("SameLabel", "[rows]", 1, labels, others)
	positive = graph.Equal(graph.InsertAxes(labels, 1), graph.InsertAxes(others, 0))
	return positive, graph.LogicalNot(positive)
}

// otherImages computes [OtherImages].
func otherImages(labels, others *graph.Node) (positive, negative *graph.Node) {
	assertRelation("OtherImages", "[rows, 2]", 2, labels, others)
	if labels.Shape().Dim(1) != 2 {
		exceptions.Panicf("losses.OtherImages: labels must be integer [rows, 2], got %s", labels.Shape())
	}
	same := func(column graph.SliceAxisSpec) *graph.Node {
		x, y := graph.SliceAxis(labels, 1, column), graph.SliceAxis(others, 1, column)
		return graph.Equal(x, graph.Transpose(y, 0, 1))
	}
	class, image := same(graph.AxisRange(0, 1)), same(graph.AxisRange(1, 2))
	return graph.LogicalAnd(class, graph.LogicalNot(image)), graph.LogicalNot(class)
}

// sharedLabels computes [SharedLabels].
func sharedLabels(labels, others *graph.Node) (positive, negative *graph.Node) {
	assertRelation("SharedLabels", "[rows, labels]", 2, labels, others)
	has := func(x *graph.Node) *graph.Node {
		return graph.ConvertDType(graph.NotEqual(x, graph.ZerosLike(x)), dtypes.Float32)
	}
	shared := graph.MatMul(has(labels), graph.Transpose(has(others), 0, 1)) // counts: exact to 2^24
	positive = graph.GreaterThan(shared, graph.ZerosLike(shared))
	return positive, graph.LogicalNot(positive)
}

// givenPairs computes [GivenPairs].
func givenPairs(labels *graph.Node) (positive, negative *graph.Node) {
	assertRelation("GivenPairs", "[anchors, candidates]", 2, labels, labels)
	zero := graph.ZerosLike(labels)
	return graph.GreaterThan(labels, zero), graph.LessThan(labels, zero)
}

// SameBranch returns the relation of rows in a hierarchy, integer [rows, levels], from the coarsest class to the finest. Rows of one
// class on the given level, and on all above it, are positive; rows that part on the level right above are negative. Those in
// between, siblings, take no part; on level 0 there are none and any other row is negative.
func SameBranch(level int) Relation { return sameBranch{level} }

// sameBranch holds the setting of [SameBranch].
type sameBranch struct{ level int }

// Of implements [Relation].
func (b sameBranch) Of(labels, others *graph.Node) (positive, negative *graph.Node) {
	assertRelation("SameBranch", "[rows, levels]", 2, labels, others)
	if levels := labels.Shape().Dim(1); b.level < 0 || b.level >= levels {
		exceptions.Panicf("losses.SameBranch: the level must be from 0 to %d, got %d", levels-1, b.level)
	}
	same := func(level int) *graph.Node {
		upTo := graph.AxisRange(0, level+1)
		x, y := graph.SliceAxis(labels, 1, upTo), graph.SliceAxis(others, 1, upTo)
		return graph.ReduceLogicalAnd(graph.Equal(graph.InsertAxes(x, 1), graph.InsertAxes(y, 0)), -1)
	}
	return same(b.level), graph.LogicalNot(same(max(b.level-1, 0)))
}

func (b sameBranch) String() string { return fmt.Sprintf("same-branch(%d)", b.level) }

func assertRelation(where, want string, rank int, labels, others *graph.Node) {
	for _, x := range []*graph.Node{labels, others} {
		if x.Rank() != rank || !x.DType().IsInt() || x.Shape().Dim(rank-1) != labels.Shape().Dim(rank-1) && rank > 1 {
			exceptions.Panicf("losses.%s: labels must be integer %s, got %s and %s", where, want, labels.Shape(), others.Shape())
		}
	}
}
