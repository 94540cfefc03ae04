package eval

import (
	"fmt"
	"math"
)

// Set holds embeddings with their class labels.
type Set struct {
	Dim        int       // numbers per vector
	Embeddings []float32 // row-major, len(Labels)·Dim
	Labels     []int32   // the class of each vector; any numbers
}

// Len returns the number of vectors.
func (s Set) Len() int { return len(s.Labels) }

// Validate returns an error unless the lengths fit each other and every number is finite; it names the first row that is not.
func (s Set) Validate() error {
	if s.Dim < 1 {
		return fmt.Errorf("eval: Dim must be at least 1, got %d", s.Dim)
	}
	if s.Len() == 0 {
		return fmt.Errorf("eval: a set must have at least one vector, got none")
	}
	if len(s.Embeddings) != s.Len()*s.Dim {
		return fmt.Errorf("eval: want %d labels × %d dimensions = %d numbers, got %d", s.Len(), s.Dim, s.Len()*s.Dim, len(s.Embeddings))
	}
	for i, x := range s.Embeddings {
		if v := float64(x); math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("eval: embeddings must be finite numbers, got %g in row %d, column %d", v, i/s.Dim, i%s.Dim)
		}
	}
	return nil
}

// precise returns the vectors in float64. Differences of float32 numbers and their squares are then almost exact, and equal
// vectors are at exactly equal distances.
func (s Set) precise() []float64 {
	vectors := make([]float64, len(s.Embeddings))
	for i, x := range s.Embeddings {
		vectors[i] = float64(x)
	}
	return vectors
}

// stream returns the set as one that is read in blocks.
func (s Set) stream() Stream {
	return Stream{Dim: s.Dim, Labels: s.Labels, Read: func(first int, rows []float32) error {
		copy(rows, s.Embeddings[first*s.Dim:])
		return nil
	}}
}

// checkPair returns an error unless both sets are valid and of one dimension.
func checkPair(queries, references Set) error {
	if err := queries.Validate(); err != nil {
		return fmt.Errorf("queries: %w", err)
	}
	if err := references.Validate(); err != nil {
		return fmt.Errorf("references: %w", err)
	}
	if queries.Dim != references.Dim {
		return fmt.Errorf("eval: queries and references must have the same dimension, got %d and %d", queries.Dim, references.Dim)
	}
	return nil
}
