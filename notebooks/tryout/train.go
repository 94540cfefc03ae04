package tryout

import (
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
	learn, _, err := Sets()
	if err != nil {
		return nil, err
	}
	trained, errs := make([]Trained, len(recipes)), make([]error, len(recipes))
	free := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i, r := range recipes {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			dir, err := r.dir()
			if err != nil {
				errs[i] = err
				return
			}
			result, err := train.Run(context.Background(), b, r.Config(), learn, train.Options{Dir: dir, Loss: r.Loss})
			if err != nil {
				errs[i] = fmt.Errorf("tryout: %s: %w", r.Name, err)
				return
			}
			trained[i] = Trained{Recipe: r, Embedder: result.Embedder, History: result.History}
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return trained, nil
}

// Untrained is the network that recipes begin as.
func Untrained(b compute.Backend) (Trained, error) {
	c := Common()
	embedder, err := train.NewEmbedder(b, c.Network, c.Seed)
	return Trained{Recipe: Recipe{Name: "untrained"}, Embedder: embedder}, err
}
