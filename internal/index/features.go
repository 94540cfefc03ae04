package index

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// networkName is the file beside features that says what made them.
const networkName = "network.json"

// Embedder embeds sets by what is in no checkpoint.
type Embedder interface {
	EmbedSet(set data.Dataset) (eval.Set, error)
	About() any // what it is, for JSON, once it has embedded
}

// WriteFeatures embeds images and writes the tables that [Write] does to a directory, which must not exist, whole or not at all. What made
// them is in network.json. It is no index: a search has networks of its own.
func WriteFeatures(ctx context.Context, dir string, by Embedder, images data.Dataset, format string) (*Index, error) {
	x := &Index{dir: dir, Images: imagesOf(images)}
	x.about = about{Data: images.Name(), Count: images.Len()}
	err := file.WriteDir(dir, func(dir string) (err error) {
		if x.Set, err = by.EmbedSet(datasets.Until(ctx, images)); err != nil {
			return err
		}
		x.Dim = x.Set.Dim
		text, err := json.MarshalIndent(by.About(), "", "  ")
		if err == nil {
			err = file.WriteBytes(filepath.Join(dir, networkName), append(text, '\n'))
		}
		if err != nil {
			return fmt.Errorf("export: cannot write %s: %w", networkName, err)
		}
		return x.writeRows(dir, []string{format})
	})
	return x, err
}
