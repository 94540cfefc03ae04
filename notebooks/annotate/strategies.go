package annotate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/unipair/unipair/notebooks/probe"
	"github.com/unipair/unipair/pkg/eval"
)

// State holds what a strategy may look at. The labels of Rest are not told.
type State struct {
	Items    eval.Set // embeddings of all, labels of none
	Labelled []int    // indices
	Rest     []int
	Model    *probe.Classifier // fitted to what is labelled
	Random   *rand.Rand
}

// Strategy chooses n of the rest to be labelled next.
type Strategy struct {
	Name   string
	Choose func(s State, n int) []int
}

// Random chooses blindly.
func Random() Strategy {
	return Strategy{"random", func(s State, n int) []int {
		s.Random.Shuffle(len(s.Rest), func(i, j int) { s.Rest[i], s.Rest[j] = s.Rest[j], s.Rest[i] })
		return s.Rest[:n]
	}}
}

// Uncertainty chooses the images between whose two most probable classes the classifier wavers most.
//
// T. Scheffer et al., "Active Hidden Markov Models for Information Extraction", IDA 2001 (margin sampling).
func Uncertainty() Strategy {
	return Strategy{"uncertainty", func(s State, n int) []int {
		lead := make(map[int]float64, len(s.Rest))
		for k, p := range s.Model.Probabilities(probe.Take(s.Items, s.Rest)) {
			slices.Sort(p)
			lead[s.Rest[k]] = p[len(p)-1] - p[len(p)-2]
		}
		slices.SortStableFunc(s.Rest, func(a, b int) int { return cmp.Compare(lead[a], lead[b]) })
		return s.Rest[:n]
	}}
}

// KCentre chooses, one after the other, the image that is farthest from all that is labelled or chosen. It looks at the embeddings
// alone.
//
// O. Sener, S. Savarese, "Active Learning for Convolutional Neural Networks: A Core-Set Approach", ICLR 2018 (greedy k-centre).
func KCentre() Strategy {
	return Strategy{"k-centre", func(s State, n int) (chosen []int) {
		nearest := make([]float64, len(s.Rest))
		for k := range nearest {
			nearest[k] = math.Inf(1)
		}
		cover := func(centre int) {
			for k, i := range s.Rest {
				nearest[k] = min(nearest[k], squared(s.Items, i, centre))
			}
		}
		for _, i := range s.Labelled {
			cover(i)
		}
		for range n {
			farthest := 0
			for k := range nearest {
				if nearest[k] > nearest[farthest] {
					farthest = k
				}
			}
			chosen = append(chosen, s.Rest[farthest])
			cover(s.Rest[farthest])
			nearest[farthest] = math.Inf(-1)
		}
		return chosen
	}}
}

// squared returns the squared distance of two items.
func squared(set eval.Set, i, j int) (sum float64) {
	x, y := set.Embeddings[i*set.Dim:(i+1)*set.Dim], set.Embeddings[j*set.Dim:(j+1)*set.Dim]
	for k := range x {
		d := float64(x[k]) - float64(y[k])
		sum += d * d
	}
	return sum
}

// Ask lets a strategy choose n of a set that has no labels yet, blindly at first: one by seed, and then the rest at once. There is no
// classifier to look at.
func Ask(s Strategy, items eval.Set, n int, seed uint64) []int {
	random := rand.New(rand.NewPCG(seed, 5))
	order := random.Perm(items.Len())
	return append(order[:1:1], s.Choose(State{Items: items, Labelled: order[:1:1], Rest: order[1:], Random: random}, n-1)...)
}
