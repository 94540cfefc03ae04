package omniglot

import (
	"cmp"
	"fmt"
	"sync"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Trained is a recipe with what came of it.
type Trained struct {
	Recipe
	Embedder *train.Embedder
	History  []train.Record
}

// atOnce bounds how many recipes are trained at a time: half of a short training is compilation, which takes one core.
const atOnce = 2

// Train trains recipes, or finds them trained, and returns them in their order. What is the same but for its name is trained once.
func Train(b compute.Backend, recipes ...Recipe) ([]Trained, error) {
	trained, errs := make([]Trained, len(recipes)), make([]error, len(recipes))
	free := make(chan struct{}, atOnce)
	first, same := make(map[string]int), make(map[int]int) // the recipe of each directory, and who else has its run
	var running sync.WaitGroup
	for i, r := range recipes {
		t, err := r.training()
		if err != nil {
			return nil, fmt.Errorf("omniglot: %s: %w", r.Name, err)
		}
		if earlier, again := first[t.dir]; again {
			same[i] = earlier
			continue
		}
		first[t.dir] = i
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			if trained[i], errs[i] = t.train(b); errs[i] != nil {
				errs[i] = fmt.Errorf("omniglot: %s: %w", r.Name, errs[i])
			}
		})
	}
	running.Wait()
	for i, earlier := range same {
		trained[i] = Trained{Recipe: recipes[i], Embedder: trained[earlier].Embedder, History: trained[earlier].History}
	}
	return trained, cmp.Or(errs...)
}

// training is a recipe with what it learns from and where its run is kept.
type training struct {
	Recipe
	learn data.Dataset
	dir   string
}

func (r Recipe) training() (training, error) {
	learn, err := r.learns()
	if err != nil {
		return training{}, err
	}
	dir, err := r.dir(learn.Name())
	return training{r, learn, dir}, err
}

func (t training) train(b compute.Backend) (Trained, error) {
	result, err := Run(b, t.Config(), t.learn, train.Options{Dir: t.dir, Loss: t.Loss})
	if err != nil {
		return Trained{}, err
	}
	return Trained{Recipe: t.Recipe, Embedder: result.Embedder, History: result.History}, nil
}

// Untrained returns the network that a recipe begins as.
func (r Recipe) Untrained(b compute.Backend) (Trained, error) {
	learn, err := r.learns()
	if err != nil {
		return Trained{}, err
	}
	c := r.Config()
	network, err := c.Network.For(learn.Format())
	if err != nil {
		return Trained{}, err
	}
	embedder, err := train.NewEmbedder(b, network, c.Seed)
	r.Name = "untrained"
	return Trained{Recipe: r, Embedder: embedder}, err
}
