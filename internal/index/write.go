package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// Formats are the forms in which [Write] writes embeddings: NumPy's alone, or a table beside it.
var Formats = []string{"npy", "csv", "parquet"}

// Write embeds images by networks and writes an index to a directory, which must not exist, whole or not at all. The networks are copied
// and loaded from there: a training that goes on may replace them meanwhile, and an index has the networks that made it. A table of a
// format other than npy stands beside it.
func Write(ctx context.Context, dir string, backend compute.Backend, networks ensemble.Checkpoints, images data.Dataset,
	format string) (*Index, error) {
	x := newIndex(dir, images)
	x.Checkpoints, x.Views = networks.Dirs, networks.Views
	err := file.WriteDir(dir, func(dir string) error {
		for i, model := range modelDirs(dir, len(x.Checkpoints)) {
			if err := train.Copy(model, x.Checkpoints[i]); err != nil {
				return err
			}
		}
		copies, err := ensemble.Read(modelDirs(dir, len(x.Checkpoints)), x.Views)
		if err != nil {
			return err
		}
		copies.To = networks.To
		members, err := copies.Load(backend)
		if err != nil {
			return err
		}
		if x.Set, err = train.EmbedTogether(networks.Ranks, members, datasets.Until(ctx, images)); err != nil {
			return err
		}
		x.Dim = x.Set.Dim
		return x.write(dir, members, format)
	})
	return x, err
}

// newIndex returns an index of images that are not embedded yet.
func newIndex(dir string, images data.Dataset) *Index {
	x := &Index{dir: dir, Images: imagesOf(images)}
	x.about = about{Format: version, Data: images.Name(), Count: images.Len()}
	_, _, x.Several = data.Labels(images)
	if here, err := os.Getwd(); err == nil {
		x.Folder = here
	}
	return x
}

// write writes an index beside its networks, and their weights for other programs.
func (x *Index) write(dir string, members train.Ensemble, format string) error {
	for i, model := range modelDirs("", len(members)) {
		name := filepath.Join(model, "weights.safetensors")
		if err := file.Write(filepath.Join(dir, name), members[i].WriteWeights); err != nil {
			return fmt.Errorf("export: cannot write %s: %w", name, err)
		}
	}
	return x.writeTables(dir, dir, []string{format})
}

// tableName names the table of a format.
func tableName(format string) string { return "embeddings." + format }

// writeTables writes what [Index.writeRows] does, and index.json, with the sums of what a search reads. The networks may lie in another
// folder.
func (x *Index) writeTables(dir, networks string, formats []string) error {
	if err := x.writeRows(dir, formats); err != nil {
		return err
	}
	text, err := x.text(dir, networks)
	if err == nil {
		err = file.WriteBytes(filepath.Join(dir, indexName), text)
	}
	if err != nil {
		return fmt.Errorf("index: cannot write %s: %w", indexName, err)
	}
	return nil
}

// writeRows writes what the images are and what their embeddings are, in some formats too.
func (x *Index) writeRows(dir string, formats []string) error {
	vectors := tensors.FromFlatDataAndDimensions(x.Set.Embeddings, x.Count, x.Dim)
	files := map[string]func(io.Writer) error{
		vectorsName: func(w io.Writer) error { return numpy.ToNpyWriter(vectors, w) },
		imagesName:  func(w io.Writer) error { return writeCSV(w, x.Images, eval.Set{}) },
	}
	for _, format := range formats {
		switch format {
		case "csv":
			files[tableName(format)] = func(w io.Writer) error { return writeCSV(w, x.Images, x.Set) }
		case "parquet":
			files[tableName(format)] = func(w io.Writer) error { return writeParquet(w, x.Images, x.Set) }
		}
	}
	for name, write := range files {
		if err := file.Write(filepath.Join(dir, name), write); err != nil {
			return fmt.Errorf("index: cannot write %s: %w", name, err)
		}
	}
	return nil
}

// text returns index.json, sealed, with the sums of the networks' manifests and of the tables in a folder.
func (x *Index) text(tables, networks string) ([]byte, error) {
	manifests, err := fs.Glob(file.Dir(networks), modelsName+"/*/*/manifest.json")
	if err != nil {
		return nil, err
	}
	if x.Untrained() {
		manifests = []string{networkName}
	}
	x.Sums = file.Sums{indexName: file.NoSum}
	if err := errors.Join(x.Sums.Add(networks, manifests...), x.Sums.Add(tables, vectorsName, imagesName)); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(x.about, "", "  ")
	return file.Seal(append(text, '\n')), err
}
