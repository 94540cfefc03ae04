package losses

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Loss makes one value per anchor of the scores. It sees only the anchor's own row, so that a batch can be taken in blocks of rows; see
// [LooksBeyondRow] for the exceptions. A loss is a plain value: comparable, printable, without state.
type Loss interface {
	// PerAnchor returns the loss of each anchor, float [anchors], 0 with gradient 0 for one that lacks what the loss needs.
	PerAnchor(s Scores) *graph.Node
	// Anchors tells which anchors have what the loss needs, bool [anchors].
	Anchors(s Scores) *graph.Node
	// Validate returns an error that names the first field out of its range.
	Validate() error
}

// A Termwise loss is, for each anchor, the mean of one term per pair or per triplet. Reductions that count terms rather than anchors, as
// [MeanNonZero], need it.
type Termwise interface {
	Loss
	// Terms returns the terms of each anchor, one element per kind of term; the kinds' means are added up.
	Terms(s Scores) []Terms
}

// A Joint loss looks, for the value of an anchor, at more than the anchor's row, at least under some setting: see [LooksBeyondRow].
type Joint interface {
	Loss
	// Joint says which other entries the value looks at, for messages and docs; empty if, as it is set, at none.
	Joint() string
}

// LooksBeyondRow tells whether the value of an anchor looks at more than the anchor's row, and at what. Such a loss needs the scores of a
// whole batch, from [Pairs]: it cannot be taken in blocks of rows.
func LooksBeyondRow(loss Loss) (at string, beyond bool) {
	if joint, ok := loss.(Joint); ok {
		at = joint.Joint()
	}
	return at, at != ""
}

// OddsSum is a loss whose odds are a sum over the negatives: for an anchor with one positive,
//
//	exp(L) − 1 = Σ_j [exp(L_j) − 1],  L_j the loss against negative j alone
//
// It is the form log[1 + Σ_j exp(…)] of [Unified] and of all that come from it. With exp(−L) the chance of the own class, exp(L) − 1
// are the odds against it. So the loss against all classes comes from the losses against parts of them, whatever the exponent
// is: [ClassBlocks] takes the classes in blocks, [ClassSampling] stands for all by some. With several positives nothing is said.
//
// A loss of yours that has the form joins by the method. The rest of the class-level losses do not have it: [P2SGrad] is a mean over
// classes, [ProxyAnchor] looks at whole columns. A type that embeds one has the method too. If it changes the value, by a factor or a term
// or to fewer pairs, it is no OddsSum any more. It must hide the method by one of another kind, as func (T) OddsSum(never struct{}).
type OddsSum interface {
	Loss
	OddsSum()
}

// A Centred loss compares with several learnt vectors per class, its centers. The class weights are float [classes ·
// centers, dim], those of a class next to each other.
type Centred interface {
	Loss
	// Pooled makes one similarity per class of those with its centers.
	Pooled(sim Similarity) Similarity
	// CentersPerClass returns how many rows of the class weights belong to a class.
	CentersPerClass() int
}

// Measure returns the similarity by which a loss compares vectors with class weights: sim itself, or [Centred.Pooled] of it.
func Measure(loss Loss, sim Similarity) Similarity {
	if centred, ok := loss.(Centred); ok {
		return centred.Pooled(sim)
	}
	return sim
}

// CentersOf returns how many rows of the class weights a loss has per class: 1, or as many as a [Centred] one says.
func CentersOf(loss Loss) int {
	if centred, ok := loss.(Centred); ok {
		return centred.CentersPerClass()
	}
	return 1
}

// Terms are the terms of one kind of each anchor. It returns the sum and the count of those strictly between two bounds, float
// [anchors] each; infinite bounds take all.
type Terms func(above, below float64) (sum, count *graph.Node)

// termsOfPairs returns the terms [anchors, terms] that chosen takes.
func termsOfPairs(terms, chosen *graph.Node) Terms {
	return func(above, below float64) (sum, count *graph.Node) {
		chosen := within(chosen, terms, above, below)
		return stable.MaskedSum(terms, chosen), stable.CountTrue(chosen, terms.DType())
	}
}

// within narrows chosen to the values strictly between two bounds. NaN is between any: it must show.
func within(chosen, values *graph.Node, above, below float64) *graph.Node {
	if !math.IsInf(above, -1) {
		chosen = graph.LogicalAnd(chosen, graph.LogicalNot(graph.LessOrEqual(values, stable.Fill(values, above))))
	}
	if !math.IsInf(below, 1) {
		chosen = graph.LogicalAnd(chosen, graph.LogicalNot(graph.GreaterOrEqual(values, stable.Fill(values, below))))
	}
	return chosen
}

// termsOf returns the terms of any loss: its own, or else one per anchor.
func termsOf(loss Loss, s Scores) []Terms {
	if termwise, ok := loss.(Termwise); ok {
		return termwise.Terms(s)
	}
	return []Terms{termsOfPairs(stable.Column(perAnchor(loss, s)), stable.Column(anchorsOf(loss, s)))}
}

// perAnchor returns what a loss gives for each anchor. It panics on another shape, whose sum would be a number like any other.
func perAnchor(loss Loss, s Scores) *graph.Node {
	value, anchors := loss.PerAnchor(s), s.Similarity.Shape().Dim(0)
	if shape := value.Shape(); !shape.DType.IsFloat() || shape.Rank() != 1 || shape.Dim(0) != anchors {
		exceptions.Panicf("%T.PerAnchor must return float [%d], a value per anchor, got %s", loss, anchors, shape)
	}
	return value
}

// anchorsOf returns which anchors have what a loss needs, as [perAnchor] does.
func anchorsOf(loss Loss, s Scores) *graph.Node {
	which, anchors := loss.Anchors(s), s.Similarity.Shape().Dim(0)
	if shape := which.Shape(); shape.DType != dtypes.Bool || shape.Rank() != 1 || shape.Dim(0) != anchors {
		exceptions.Panicf("%T.Anchors must return bool [%d], one per anchor, got %s", loss, anchors, shape)
	}
	return which
}

// meanOfTerms adds up the means of each kind of term in each anchor.
func meanOfTerms(kinds []Terms) *graph.Node {
	return sumOver(kinds, func(kind Terms) *graph.Node { return stable.Ratio(kind(math.Inf(-1), math.Inf(1))) })
}

// sumOver adds up what value gives for each kind of term.
func sumOver(kinds []Terms, value func(Terms) *graph.Node) *graph.Node {
	total := value(kinds[0])
	for _, kind := range kinds[1:] {
		total = graph.Add(total, value(kind))
	}
	return total
}

// begin, the first line of every PerAnchor, panics on an invalid loss or on scores that do not fit together.
func begin(loss Loss, s Scores) {
	if err := validate(loss); err != nil {
		exceptions.Panicf("%v", err)
	}
	s.check()
}

// beginJoint panics unless the scores are of a batch against itself.
func beginJoint(loss Joint, s Scores) {
	if shape := s.Similarity.Shape(); shape.Dim(0) != shape.Dim(1) {
		exceptions.Panicf("%T looks at %s: it needs the scores of a batch against itself, from losses.Pairs, got %s",
			loss, loss.Joint(), shape)
	}
}

// termsPerPositive returns the terms of a formula that is the mean of one per positive pair, of the anchors with a negative.
func (s Scores) termsPerPositive(f fold.Formula) []Terms {
	return []Terms{termsOfPairs(fold.PerPositive(f, s.Similarity, s.Positive, s.Negative), s.positiveOfBoth())}
}
