package annotate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/probe"
)

// Plan says how a pool is labelled: Start images drawn at random, the same for all strategies, then Step more in each of Rounds rounds. It
// is played with each of Seeds seeds.
type Plan struct{ Start, Step, Rounds, Seeds int }

// Outcome says how a strategy fared.
type Outcome struct {
	Name     string
	Labels   []int       // labels told, after each round
	Accuracy [][]float64 // of each seed, after each round, a fraction
	Found    [][]int     // classes that have a label, of each seed, after each round
	Asked    [][]int     // items in the order in which their labels were told, of each seed
}

// Play lets each strategy label the pools, one per seed. A quick run has 2 seeds and 3 rounds.
func (p Plan) Play(pool func(seed uint64) Pool, strategies ...Strategy) ([]Outcome, error) {
	if quick.Asked() {
		p.Rounds, p.Seeds = min(p.Rounds, 3), min(p.Seeds, 2)
	}
	if size := pool(0).Items.Len(); p.Start < 1 || p.Step < 1 || p.Rounds < 1 || p.Seeds < 1 || p.Start+p.Step*p.Rounds > size {
		return nil, fmt.Errorf("annotate: want at least one label to start with, a step, a round and a seed, and no more labels than the "+
			"pool's %d items, got %+v", size, p)
	}
	outcomes, errs := make([]Outcome, len(strategies)), make([]error, len(strategies)*p.Seeds)
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for k, s := range strategies {
		o := Outcome{Name: s.Name, Accuracy: make([][]float64, p.Seeds), Found: make([][]int, p.Seeds), Asked: make([][]int, p.Seeds)}
		for round := range p.Rounds + 1 {
			o.Labels = append(o.Labels, p.Start+round*p.Step)
		}
		outcomes[k] = o
		for seed := range p.Seeds {
			free <- struct{}{}
			running.Go(func() {
				defer func() { <-free }()
				errs[k*p.Seeds+seed] = p.play(pool(uint64(seed)), s, seed, o)
			})
		}
	}
	running.Wait()
	return outcomes, cmp.Or(errs...)
}

// play labels one pool by one strategy and writes down how a seed fared.
func (p Plan) play(pool Pool, s Strategy, seed int, o Outcome) error {
	random := rand.New(rand.NewPCG(uint64(seed), 2))
	rest := random.Perm(pool.Items.Len())
	labelled, rest := slices.Clone(rest[:p.Start]), rest[p.Start:]
	hidden := pool.Items
	hidden.Labels = make([]int32, pool.Items.Len())
	for round := 0; ; round++ {
		model, err := probe.Fit(probe.Take(pool.Items, labelled), pool.Classes)
		if err != nil {
			return fmt.Errorf("annotate: %s, seed %d, round %d: %w", s.Name, seed, round, err)
		}
		classes := map[int32]bool{}
		for _, i := range labelled {
			classes[pool.Items.Labels[i]] = true
		}
		o.Accuracy[seed], o.Found[seed] = append(o.Accuracy[seed], model.Accuracy(pool.Test)), append(o.Found[seed], len(classes))
		if round == p.Rounds {
			o.Asked[seed] = labelled
			return nil
		}
		chosen := s.Choose(State{Items: hidden, Labelled: labelled, Rest: slices.Clone(rest), Model: model, Random: random}, p.Step)
		labelled = append(labelled, chosen...)
		rest = slices.DeleteFunc(rest, func(i int) bool { return slices.Contains(chosen, i) })
	}
}
