package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
)

// runExport writes embeddings and the networks that made them: `unipair export --checkpoint DIR --data D --out DIR`. Or it writes a network
// for other programs, see [exportONNX].
func runExport(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	var dirs places
	flags.Var(&dirs, "checkpoint", aboutCheckpoint)
	name := flags.String("data", "", "data set to embed: "+datasets.Help())
	part := flags.String("part", "", "part of the data set: test, validation, training, all (default: as unipair eval)")
	out := flags.String("out", "",
		"directory to write, which must not exist: embeddings.npy, images.csv, and the networks, for unipair search; with --format onnx a file")
	format := flags.String("format", "npy", "also write embeddings.csv or embeddings.parquet, with class and path: csv, parquet; "+
		"or write the network alone, for other programs, compared on images of --data if that is given: onnx")
	tta := flags.Bool("tta", false, "see each image in 8 further, slightly changed ways, and take the mean")
	skip := flags.Bool("skip-bad", false, "leave out images that cannot be read, naming each, in place of stopping")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *format == formatONNX {
		return exportONNX(ctx, onnxWords{dirs, *name, *part, *out, *tta, *skip}, std)
	}
	set, wrongData := datasets.Find(*name)
	networks, wrongCheckpoint := readCheckpoints(dirs, *tta)
	formats := append(slices.Clone(index.Formats), formatONNX)
	wrongFormat := unless(slices.Contains(formats, *format),
		usage.Errorf("export: unknown format %q: %s", *format, suggest.For(*format, formats)))
	if err := usage.Join(wrongCheckpoint, wrongData, wrongExportOut(*out), wrongFormat, wrongPart("export", *part)); err != nil {
		return err
	}
	if err := file.CanWrite(*out); err != nil {
		return fmt.Errorf("export: --out: %w", err)
	}
	options, skipped := progress.OfData(std.err, *skip)
	chosen, err := set.Part(ctx, *part, networks.Learnt(), options)
	if err != nil {
		return err
	}
	images := chosen.Searched()
	if images == nil {
		return fmt.Errorf("export: %s has no images to embed but one-shot runs: give --part training", set.Name)
	}
	device, err := openBackend(std)
	if err != nil {
		return err
	}
	networks.To = std.err
	written, err := index.Write(ctx, *out, device, networks, images, *format)
	if err != nil {
		return err
	}
	text := ""
	if n := skipped(); n > 0 {
		text = fmt.Sprintf(", %d left out that cannot be read", n)
	}
	_, err = fmt.Fprintf(std.out,
		"%d images of %s embedded in %d numbers each%s; find neighbours with: unipair search --index %s --query IMAGE\n",
		written.Count, written.Data, written.Dim, text, escape.Shell(*out))
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
