package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/parquet-go/parquet-go"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// exportFormats are the forms in which embeddings can be had beside NumPy's.
var exportFormats = []string{"npy", "csv", "parquet"}

// runExport writes embeddings and the networks that made them: `unipair export --checkpoint DIR --data D --out DIR`.
func runExport(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	var dirs places
	flags.Var(&dirs, "checkpoint", aboutCheckpoint)
	name := flags.String("data", "", "data set to embed: "+datasets.Help())
	part := flags.String("part", "", "part of the data set: test, validation, training, all (default: as unipair eval)")
	out := flags.String("out", "", "directory to write, which must not exist: embeddings.npy, images.csv, and the networks, for unipair search")
	format := flags.String("format", "npy", "also write embeddings.csv or embeddings.parquet, with class and path: csv, parquet")
	tta := flags.Bool("tta", false, "see each image in 8 further, slightly changed ways, and take the mean")
	skip := flags.Bool("skip-bad", false, "leave out images that cannot be read, naming each, in place of stopping")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	set, wrongData := datasets.Find(*name)
	manifests, wrongCheckpoint := readManifests(dirs)
	wrongFormat := unless(slices.Contains(exportFormats, *format),
		usage.Errorf("export: unknown format %q: %s", *format, suggest.For(*format, exportFormats)))
	if err := usage.Join(wrongCheckpoint, wrongData, wrongExportOut(*out), wrongFormat, wrongPart("export", *part)); err != nil {
		return err
	}
	if err := file.CanWrite(*out); err != nil {
		return fmt.Errorf("export: --out: %w", err)
	}
	options, skipped := progress.OfData(std.err, *skip)
	chosen, err := set.Part(ctx, *part, learntFrom(manifests), options)
	if err != nil {
		return err
	}
	images := chosen.Queries
	if chosen.Gallery != nil {
		images = chosen.Gallery // what is searched
	}
	if images == nil {
		return fmt.Errorf("export: %s has no images to embed but one-shot runs: give --part training", set.Name)
	}
	ix := index{Format: indexFormat, Data: images.Name(), Checkpoints: dirs, Views: *tta, Images: images.Len()}
	err = file.WriteDir(*out, func(dir string) error {
		members, err := ix.takeNetworks(std, dir)
		if err != nil {
			return err
		}
		embedded, err := members.EmbedSet(datasets.Until(ctx, images))
		if err != nil {
			return err
		}
		ix.Dim = embedded.Dim
		return ix.write(dir, members, embedded, rowsOf(images), *format)
	})
	if err != nil {
		return err
	}
	text := ""
	if n := skipped(); n > 0 {
		text = fmt.Sprintf(", %d left out that cannot be read", n)
	}
	_, err = fmt.Fprintf(std.out, "%d images of %s embedded in %d numbers each%s; find neighbours with: unipair search --index %s --query IMAGE\n",
		ix.Images, ix.Data, ix.Dim, text, escape.Shell(*out))
	return err
}

func wrongExportOut(dir string) error {
	if dir == "" {
		return usage.Errorf("where to? --out takes a directory that does not exist yet")
	}
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("export: %s is there already: give another --out, or remove it", dir)
	}
	return nil
}

// takeNetworks copies the checkpoints into an index and loads them from there: a training that goes on may replace them meanwhile, and an
// index has the networks that made it.
func (ix index) takeNetworks(std stdio, dir string) (train.Ensemble, error) {
	for i, model := range ix.modelDirs(dir) {
		if err := train.Copy(model, ix.Checkpoints[i]); err != nil {
			return nil, err
		}
	}
	return openEmbedder(std, ix.modelDirs(dir), ix.Views)
}

// write writes an index beside its networks.
func (ix index) write(dir string, members train.Ensemble, set eval.Set, rows []imageRow, format string) error {
	vectors := tensors.FromFlatDataAndDimensions(set.Embeddings, set.Len(), set.Dim)
	files := map[string]func(io.Writer) error{
		vectorsName: func(w io.Writer) error { return numpy.ToNpyWriter(vectors, w) },
		imagesName:  func(w io.Writer) error { return writeCSV(w, rows, eval.Set{}) },
	}
	switch format {
	case "csv":
		files["embeddings.csv"] = func(w io.Writer) error { return writeCSV(w, rows, set) }
	case "parquet":
		files["embeddings.parquet"] = func(w io.Writer) error { return writeParquet(w, rows, set) }
	}
	for i, model := range ix.modelDirs("") {
		files[filepath.Join(model, "weights.safetensors")] = members[i].WriteWeights
	}
	for name, write := range files {
		if err := file.Write(filepath.Join(dir, name), write); err != nil {
			return fmt.Errorf("export: cannot write %s: %w", name, err)
		}
	}
	text, err := ix.text(dir)
	if err == nil {
		err = file.WriteBytes(filepath.Join(dir, indexName), text)
	}
	if err != nil {
		return fmt.Errorf("export: cannot write %s: %w", indexName, err)
	}
	return nil
}

// text is index.json, sealed, with the sums of what a search reads.
func (ix index) text(dir string) ([]byte, error) {
	names, err := fs.Glob(file.Dir(dir), modelsName+"/*/*/manifest.json")
	if err != nil {
		return nil, err
	}
	ix.Sums = file.Sums{indexName: file.NoSum}
	if err := ix.Sums.Add(dir, append(names, vectorsName, imagesName)...); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(ix, "", "  ")
	return file.Seal(append(text, '\n')), err
}

// writeCSV writes index, class and path of each image, and its numbers as columns e0, e1 and so on where the set has any.
func writeCSV(w io.Writer, rows []imageRow, set eval.Set) error {
	table := csv.NewWriter(w)
	head := []string{"index", "class", "path"}
	for i := range set.Dim {
		head = append(head, "e"+strconv.Itoa(i))
	}
	err := table.Write(head)
	for i, row := range rows {
		line := []string{strconv.Itoa(row.Index), row.Class, row.Path}
		for j := range set.Dim {
			line = append(line, strconv.FormatFloat(float64(set.Embeddings[i*set.Dim+j]), 'g', -1, 32))
		}
		err = errors.Join(err, table.Write(line))
	}
	table.Flush()
	return errors.Join(err, table.Error())
}

// writeParquet writes the same as a table with a list column "embedding".
func writeParquet(w io.Writer, rows []imageRow, set eval.Set) error {
	type line struct {
		Index     int       `parquet:"index"`
		Class     string    `parquet:"class"`
		Path      string    `parquet:"path"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	table := parquet.NewGenericWriter[line](w, parquet.Compression(&parquet.Snappy))
	for i, row := range rows {
		if _, err := table.Write([]line{{row.Index, row.Class, row.Path, set.Embeddings[i*set.Dim : (i+1)*set.Dim]}}); err != nil {
			return err
		}
	}
	return table.Close()
}
