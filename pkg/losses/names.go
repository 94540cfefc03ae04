package losses

import (
	"fmt"
	"maps"
	"slices"

	"github.com/unipair/unipair/internal/suggest"
)

// Similarities returns every similarity by its name in programs.
func Similarities() map[string]Similarity {
	return byName[Similarity](Cosine, Dot, UnitDot, NegativeLp(1), NegativeL2, NegativeSquaredL2, NegativeSNR,
		Normalized(NegativeSNR), Normalized(NegativeL2), Normalized(NegativeSquaredL2))
}

// FindSimilarity returns the similarity of a name; for an unknown name, an error with the nearest known one.
func FindSimilarity(name string) (Similarity, error) {
	return lookUp("similarity", name, Similarities())
}

// Reductions returns every reduction by its name in programs.
func Reductions() map[string]Reduction {
	return byName[Reduction](Mean, MeanAll, MeanNonZero, MeanTerms, Sum)
}

// FindReduction returns the reduction of a name; for an unknown name, an error with the nearest known one.
func FindReduction(name string) (Reduction, error) { return lookUp("reduction", name, Reductions()) }

// byName returns values by what they print as.
func byName[V any](values ...V) map[string]V {
	named := map[string]V{}
	for _, value := range values {
		named[fmt.Sprint(value)] = value
	}
	return named
}

// validateName returns an error unless name is one of the constants of its kind.
func validateName[N ~string](kind string, name N, constants ...N) error {
	if slices.Contains(constants, name) {
		return nil
	}
	var known []string
	for _, constant := range constants {
		known = append(known, string(constant))
	}
	return fmt.Errorf("losses: unknown %s %q: %s", kind, string(name), suggest.For(string(name), known))
}

// validate returns the first error of values that can be invalid.
func validate(values ...any) error {
	for _, value := range values {
		if v, ok := value.(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				return err
			}
		}
	}
	return nil
}

func lookUp[V any](kind, name string, known map[string]V) (V, error) {
	value, ok := known[name]
	if !ok {
		return value, fmt.Errorf("unknown %s %q: %s", kind, name, suggest.For(name, sortedKeys(known)))
	}
	return value, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
