package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/parquet-go/parquet-go"

	"github.com/unipair/unipair/internal/nearest"
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
	name := flags.String("data", "", "data set to embed: "+aboutDatasets())
	part := flags.String("part", "", "part of the data set: test, validation, training, all (default: as `unipair eval`)")
	out := flags.String("out", "", "directory to write, which must not exist: embeddings.npy, images.csv, and the networks, for `unipair search`")
	format := flags.String("format", "npy", "also write embeddings.csv or embeddings.parquet, with class and path: csv, parquet")
	tta := flags.Bool("tta", false, "see each image in 8 further, slightly changed ways, and take the mean")
	skip := flags.Bool("skip-bad", false, "leave out images that cannot be read, naming each, in place of stopping")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	set, wrongData := findDataset(*name)
	manifests, wrongCheckpoint := readManifests(dirs)
	wrongFormat := unless(slices.Contains(exportFormats, *format),
		usagef("export: unknown format %q: %s", *format, nearest.Suggest(*format, exportFormats)))
	if err := together(wrongCheckpoint, wrongData, wrongExportOut(*out), wrongFormat, wrongPart("export", *part)); err != nil {
		return err
	}
	members, err := openEmbedder(std, dirs, *tta)
	if err != nil {
		return err
	}
	options, skipped := dataOptions(std, *skip)
	images, gallery, _, err := toMeasure(ctx, set, *part, learntFrom(manifests), options)
	if err != nil {
		return err
	}
	if gallery != nil {
		images = gallery // what is searched
	}
	if images == nil {
		return fmt.Errorf("export: %s has no images to embed but one-shot runs: give --part training", set.name)
	}
	embedded, err := members.EmbedSet(stoppable{images, ctx})
	if err != nil {
		return err
	}
	rows := rowsOf(images)
	ix := index{Format: indexFormat, Data: images.Name(), Checkpoints: dirs, Views: *tta, Images: len(rows), Dim: embedded.Dim}
	if err := writeIndex(*out, ix, members, embedded, rows, *format); err != nil {
		return err
	}
	text := ""
	if n := skipped(); n > 0 {
		text = fmt.Sprintf(", %d left out that cannot be read", n)
	}
	_, err = fmt.Fprintf(std.out, "%d images of %s embedded in %d numbers each%s; find neighbours with: unipair search --index %s --query IMAGE\n",
		len(rows), images.Name(), embedded.Dim, text, inShell(*out))
	return err
}

func wrongExportOut(dir string) error {
	if dir == "" {
		return usagef("where to? --out takes a directory that does not exist yet")
	}
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("export: %s is there already: give another --out, or remove it", dir)
	}
	return nil
}

// writeIndex writes an index under a temporary name beside it and renames it.
func writeIndex(out string, ix index, members train.Ensemble, set eval.Set, rows []imageRow, format string) (err error) {
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(out)), 0o777); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	partial, err := os.MkdirTemp(filepath.Dir(filepath.Clean(out)), ".export-")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("export: cannot write %s: %w", out, errors.Join(err, os.RemoveAll(partial)))
		}
	}()
	if err := os.Chmod(partial, 0o755); err != nil {
		return err
	}
	vectors := tensors.FromFlatDataAndDimensions(set.Embeddings, set.Len(), set.Dim)
	if err := numpy.ToNpyFile(vectors, filepath.Join(partial, vectorsName)); err != nil {
		return err
	}
	if err := create(filepath.Join(partial, imagesName), func(w io.Writer) error { return writeCSV(w, rows, eval.Set{}) }); err != nil {
		return err
	}
	switch format {
	case "csv":
		err = create(filepath.Join(partial, "embeddings.csv"), func(w io.Writer) error { return writeCSV(w, rows, set) })
	case "parquet":
		err = create(filepath.Join(partial, "embeddings.parquet"), func(w io.Writer) error { return writeParquet(w, rows, set) })
	}
	if err != nil {
		return err
	}
	for i, dir := range ix.modelDirs(partial) {
		if err := train.Copy(dir, ix.Checkpoints[i]); err != nil {
			return err
		}
		if err := create(filepath.Join(dir, "weights.safetensors"), members[i].WriteWeights); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(ix, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(partial, indexName), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(partial, out)
}

// create writes a file by a function.
func create(name string, write func(io.Writer) error) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
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
