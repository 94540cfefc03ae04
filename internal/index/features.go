package index

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// networkName is the file beside features that says what made them.
const networkName = "network.json"

// Embedder embeds sets by what is in no checkpoint.
type Embedder interface {
	EmbedSet(set data.Dataset) (eval.Set, error)
	About() any // what it is, for JSON, once it has embedded
}

// WriteFeatures embeds images by what has not learnt, and writes an index as [Write] does. What made it is in network.json;
// views is whether that saw each picture in further ways.
func WriteFeatures(ctx context.Context, dir string, by Embedder, views bool, images data.Dataset, format string) (*Index, error) {
	x := newIndex(dir, images)
	x.Checkpoints, x.Views = []string{}, views
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
		return x.writeTables(dir, dir, []string{format})
	})
	return x, err
}

// Untrained tells whether an index is of what has not learnt.
func (x *Index) Untrained() bool { return len(x.Checkpoints) == 0 }

// AsItIs returns what has not learnt and made an index, or an error where it took no pictures.
func (x *Index) AsItIs() (n train.Network, err error) {
	text, err := file.Read(filepath.Join(x.dir, networkName), largestIndex)
	if err == nil {
		err = strictjson.UnmarshalSome(text, &n)
	}
	switch {
	case err != nil:
		return n, fmt.Errorf("index %s: %w: export it again", x.dir, file.Named(networkName, err))
	case !n.TakesPictures():
		return n, x.rowsOnly()
	}
	return n, nil
}
