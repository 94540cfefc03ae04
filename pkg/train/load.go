package train

import (
	"errors"
	"io/fs"
	"os"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// Load returns the embedder of a run's directory: that of the step which validated best, or of the newest checkpoint where the
// run does not validate. The run may be going on.
func Load(backend compute.Backend, dir string) (*Embedder, error) { return load(backend, dir, nil) }

// LoadFunction does what [Load] does, for a run of a function.
func LoadFunction(backend compute.Backend, dir string, f Function) (*Embedder, error) {
	return load(backend, dir, &f)
}

func load(backend compute.Backend, dir string, f *Function) (*Embedder, error) {
	for tries := 1; ; tries++ {
		path, err := checkpoint.ToUse(dir)
		if err != nil {
			return nil, err
		}
		embedder, err := loadFrom(backend, path, f)
		if err == nil {
			return embedder, nil
		}
		// A training replaces its checkpoint now and then: what is gone is gone, and there is a newer one.
		if _, gone := os.Stat(path); !errors.Is(gone, fs.ErrNotExist) || tries == 3 {
			return nil, err
		}
	}
}

func loadFrom(backend compute.Backend, path string, f *Function) (*Embedder, error) {
	manifest, err := manifestOf(path)
	if err != nil {
		return nil, err
	}
	store, n := model.NewStore(), manifest.Config.Network
	layers, err := makeLayers(backend, store, n, "", network.Source{}, f)
	if err != nil {
		return nil, err
	}
	if err := checkpoint.Restore(path, store, averagePrefix); err != nil {
		return nil, err
	}
	return newEmbedder(backend, n, store, layers)
}
