package annotate

import (
	"math"
	"math/rand/v2"

	"github.com/unipair/unipair/notebooks/probe"
	"github.com/unipair/unipair/pkg/eval"
)

// Pool is embedded images that can be labelled, and others to be judged on.
type Pool struct {
	Items   eval.Set // their labels are told one by one
	Test    eval.Set
	Classes int
}

// NewPool makes a pool of every second image of each class, to be judged on the rest. Labels are in [0, classes).
func NewPool(set eval.Set, classes int) Pool {
	items, test := probe.Halves(set)
	return Pool{items, test, classes}
}

// LongTailed keeps all items of one class and ever fewer of the others: of the class at rank r, drawn by the seed, a fraction
// keep^r, at least one. What the classifier is judged on stays as it is.
func (p Pool) LongTailed(keep float64, seed uint64) Pool {
	random := rand.New(rand.NewPCG(seed, 1))
	left, members := make([]int, p.Classes), make([]int, p.Classes)
	for _, label := range p.Items.Labels {
		members[label]++
	}
	for rank, class := range random.Perm(p.Classes) {
		left[class] = max(1, int(math.Round(float64(members[class])*math.Pow(keep, float64(rank)))))
	}
	var kept []int
	for _, i := range random.Perm(p.Items.Len()) {
		if class := p.Items.Labels[i]; left[class] > 0 {
			left[class]--
			kept = append(kept, i)
		}
	}
	p.Items = probe.Take(p.Items, kept)
	return p
}
