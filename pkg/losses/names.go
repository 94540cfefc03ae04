package losses

import (
	"fmt"
	"maps"
	"slices"

	"github.com/unipair/unipair/internal/suggest"
)

// Similarities returns every similarity by its name in programs.
func Similarities() map[string]Similarity {
	return map[string]Similarity{
		"cosine":                Cosine,
		"dot":                   Dot,
		"unit-dot":              UnitDot,
		"l1":                    NegativeLp(1),
		"l2":                    NegativeL2,
		"l2-squared":            NegativeSquaredL2,
		"snr":                   NegativeSNR,
		"normalized-snr":        Normalized(NegativeSNR),
		"normalized-l2":         Normalized(NegativeL2),
		"normalized-l2-squared": Normalized(NegativeSquaredL2),
	}
}

// FindSimilarity returns the similarity of a name; for an unknown name, an error with the nearest known one.
func FindSimilarity(name string) (Similarity, error) {
	return lookUp("similarity", name, Similarities())
}

// Reductions returns every reduction by its name in programs.
func Reductions() map[string]Reduction {
	return map[string]Reduction{
		"mean":         Mean,
		"mean-all":     MeanAll,
		"mean-nonzero": MeanNonZero,
		"mean-terms":   MeanTerms,
		"sum":          Sum,
	}
}

// FindReduction returns the reduction of a name; for an unknown name, an error with the nearest known one.
func FindReduction(name string) (Reduction, error) { return lookUp("reduction", name, Reductions()) }

func lookUp[V any](kind, name string, known map[string]V) (V, error) {
	value, ok := known[name]
	if !ok {
		return value, fmt.Errorf("unknown %s %q: %s", kind, name, suggest.For(name, sortedKeys(known)))
	}
	return value, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
