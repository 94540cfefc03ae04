package losses

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// needVectors panics unless the scores carry the vectors behind them.
func needVectors(what string, s Scores) {
	if s.AnchorVectors == nil || s.CandidateVectors == nil {
		exceptions.Panicf("%s looks at the vectors behind the scores: make them by losses.Pairs or losses.Classes, or set "+
			"AnchorVectors and CandidateVectors", what)
	}
}

// assertGiven panics if a value is nil: a call of its method would tell less.
func assertGiven(values ...any) {
	if slices.Contains(values, nil) {
		panic(errNil)
	}
}

func assertVectors(where, name string, x *graph.Node) {
	if x.Rank() != 2 || !x.DType().IsFloat() || x.Shape().Size() == 0 {
		exceptions.Panicf("losses.%s: %s must be float [rows, dim] with at least one of each, got %s", where, name, x.Shape())
	}
}

func assertSameDim(where, name string, embeddings, others *graph.Node) {
	if embeddings.Shape().Dim(1) != others.Shape().Dim(1) {
		exceptions.Panicf("losses.%s: embeddings and %s must have the same dimension, got %s and %s",
			where, name, embeddings.Shape(), others.Shape())
	}
}

func assertLabels(where string, labels, vectors *graph.Node) {
	assertRows(where, "labels", labels, vectors)
	if labels.Rank() != 1 || !labels.DType().IsInt() {
		exceptions.Panicf("losses.%s: labels must be integer [%d], one per row of the vectors %s, got %s",
			where, vectors.Shape().Dim(0), vectors.Shape(), labels.Shape())
	}
}

func assertRows(where, name string, labels, vectors *graph.Node) {
	if labels.Rank() < 1 || labels.Shape().Dim(0) != vectors.Shape().Dim(0) {
		exceptions.Panicf("losses.%s: %s must be integer [%d], one per row of the vectors %s, got %s",
			where, name, vectors.Shape().Dim(0), vectors.Shape(), labels.Shape())
	}
}
