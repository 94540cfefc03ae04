package tryout

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/train"
)

// Trained is a recipe with what came of it.
type Trained struct {
	Recipe
	Embedder *train.Embedder
	History  []train.Record
}

// atOnce is how many recipes are trained at a time: half of a small training is compilation, which takes one core.
const atOnce = 2

// Train trains recipes, or finds them trained, and returns them in their order.
func Train(b compute.Backend, recipes ...Recipe) ([]Trained, error) {
	trained, errs := make([]Trained, len(recipes)), make([]error, len(recipes))
	free := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i, r := range recipes {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			if trained[i], errs[i] = r.train(b); errs[i] != nil {
				errs[i] = fmt.Errorf("tryout: %s: %w", r.Name, errs[i])
			}
		})
	}
	running.Wait()
	return trained, cmp.Or(errs...)
}

func (r Recipe) train(b compute.Backend) (Trained, error) {
	learn, err := r.learns()
	if err != nil {
		return Trained{}, err
	}
	dir, err := r.dir(learn.Name())
	if err != nil {
		return Trained{}, err
	}
	result, err := train.Run(context.Background(), b, r.Config(), learn, train.Options{Dir: dir, Loss: r.Loss})
	if err != nil {
		return Trained{}, err
	}
	return Trained{Recipe: r, Embedder: result.Embedder, History: result.History}, nil
}

// Untrained is the network that recipes begin as.
func Untrained(b compute.Backend) (Trained, error) {
	c := Common()
	embedder, err := train.NewEmbedder(b, c.Network, c.Seed)
	return Trained{Recipe: Recipe{Name: "untrained"}, Embedder: embedder}, err
}
