package losses

import (
	"fmt"
	"maps"
	"slices"

	"github.com/unipair/unipair/internal/suggest"
)

// Catalogue lists every loss by name: the one table that programs, reports and tests share.
func Catalogue() []Entry { return slices.Concat(classCatalogue(), pairCatalogue()) }

// Find returns the loss of a name or an alias; for an unknown name, an error with the nearest known one.
func Find(name string) (Entry, error) {
	var known []string
	for _, entry := range Catalogue() {
		if entry.Name == name || slices.Contains(entry.Aliases, name) {
			return entry, nil
		}
		known = append(append(known, entry.Name), entry.Aliases...)
	}
	return Entry{}, fmt.Errorf("unknown loss %q: %s", name, suggest.For(name, known))
}

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

func lookUp[V any](kind, name string, known map[string]V) (V, error) {
	value, ok := known[name]
	if !ok {
		return value, fmt.Errorf("unknown %s %q: %s", kind, name, suggest.For(name, slices.Sorted(maps.Keys(known))))
	}
	return value, nil
}
