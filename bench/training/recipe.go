package training

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// recipe says what all contenders train.
type recipe struct {
	name   string // for readers
	word   string // for peer.py
	config train.Config
	peers  [][2]string // names for readers, and what peer.py calls them
}

// recipes lists them, in the order of the section.
func recipes() []recipe {
	jax, torch := [2]string{"JAX, jitted", "jax"}, [2]string{"PyTorch, eager", "torch"}
	small := train.DefaultConfig()
	small.Classes = 24
	residual := train.DefaultConfig()
	residual.Network = train.Network{Architecture: train.ArchitectureResNet18, Size: 64, Dim: small.Dim}
	residual.Classes = 8
	return []recipe{
		{"recipe R28", "small", small, [][2]string{jax, {"JAX, jitted, reduce_window pooling", "jax-maxpool"}, torch}},
		{"ResNet-18", "resnet18", residual, [][2]string{jax, torch}},
	}
}

func (r recipe) batch() int { return r.config.Classes * r.config.PerClass }

// about says in a sentence what is trained.
func (r recipe) about() string {
	return fmt.Sprintf("Batches of %d × %d images of %d × %d pixels", r.config.Classes, r.config.PerClass, r.config.Size, r.config.Size)
}

// images returns what our training draws its batches from: glyphs, which are everywhere.
func (r recipe) images() (data.Dataset, error) {
	config := data.DefaultGlyphs()
	config.Size = r.config.Size
	return data.Glyphs(config)
}

// shapes returns those of the variables of our network, running moments included, sorted.
func (r recipe) shapes(backend compute.Backend) ([]string, error) {
	e, err := train.NewEmbedder(backend, r.config.Network, r.config.Seed)
	if err != nil {
		return nil, err
	}
	var all []string
	store, _ := e.Graph()
	for v := range store.IterVariables() {
		all = append(all, fmt.Sprint(v.Shape().Dimensions))
	}
	slices.Sort(all)
	return all, nil
}

// check returns an error unless a peer's network has variables of our shapes.
func (r recipe) check(peer string, ours []string, its [][]int) error {
	var all []string
	for _, dims := range its {
		all = append(all, fmt.Sprint(dims))
	}
	slices.Sort(all)
	if !slices.Equal(all, ours) {
		return fmt.Errorf("bench: %s: the network of %s has variables of shapes %v, and ours %v", r.name, peer, all, ours)
	}
	return nil
}
