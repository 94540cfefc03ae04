package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// heldOut returns the images to train on and those to validate with, which is nil where the run does not validate.
func heldOut(v Validation, set, own data.Dataset) (training, held data.Dataset, err error) {
	switch {
	case v.Fraction > 0 && own != nil:
		return nil, nil, errors.New("train: validation is by a fraction of the classes or by Options.Validation: leave one of them out")
	case v.Fraction > 0:
		if training, held, err = data.HoldOut(set, v.Fraction, v.Seed); err != nil {
			return nil, nil, fmt.Errorf("train: validation: %w", err)
		}
		return training, held, nil
	case own == nil && v.Every > 0:
		return nil, nil, errors.New("train: there is nothing to validate with: give a fraction of the classes or Options.Validation")
	case own == nil:
		return set, nil, nil
	}
	if a, b := set.Format().Features, own.Format().Features; a != b {
		return nil, nil, fmt.Errorf("train: validation: %s has %d features, and %s to train on has %d (0 for pictures): both must be made alike",
			own.Name(), b, set.Name(), a)
	}
	if _, _, several := data.Labels(own); several {
		return set, own, nil // what is to be found is what shares a label
	}
	images := make([]int, len(own.Classes()))
	for i := range own.Len() {
		images[own.Label(i)]++
	}
	if !slices.ContainsFunc(images, func(n int) bool { return n > 1 }) {
		return nil, nil, fmt.Errorf("train: validation: %s has no class of more than one image, so that nothing can be found: add images to it, "+
			"or take it away and hold out classes (--validate 0.2)", own.Name())
	}
	return set, own, nil
}

// validator asks the held-out classes and remembers the best network.
type validator struct {
	backend  compute.Backend
	held     data.Dataset
	ranks    ranks.Group
	embedder *Embedder
	values   network.Values // of the best network
}

func newValidator(backend compute.Backend, config Config, options Options, held data.Dataset) (*validator, error) {
	embedder, err := freshEmbedder(backend, config.Network, config.Seed, options.Network)
	return &validator{backend: backend, held: held, ranks: options.Ranks, embedder: embedder}, err
}

// measure measures a network by the values of its variables.
func (v *validator) measure(values network.Values) (Metrics, error) {
	if err := values.Give(network.All(v.embedder.layers)); err != nil {
		return Metrics{}, err
	}
	set, err := EmbedTogether(v.ranks, v.embedder, v.held)
	if err != nil {
		return Metrics{}, fmt.Errorf("%w (while validating)", err)
	}
	options := eval.Options{RecallAt: []int{1}, Backend: v.backend, Part: PartOf(v.ranks, set.Len())}
	retrieve := func() (eval.Retrieval, error) { return eval.Retrieve(set, options) }
	if _, labels, several := data.Labels(v.held); several {
		retrieve = func() (eval.Retrieval, error) { return eval.RetrieveShared(set, labels, options) }
	}
	result, err := retrieve()
	if err != nil {
		return Metrics{}, fmt.Errorf("train: validation: %w", err)
	}
	metrics := Metrics{RecallAt1: result.PrecisionAt1, RPrecision: result.RPrecision, MAPAtR: result.MAPAtR}
	return metrics, ranks.Tell(v.ranks, &metrics) // what is decided by them is decided alike, whatever rounds otherwise
}
