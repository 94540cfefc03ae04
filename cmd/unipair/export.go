package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// runExport writes embeddings and the networks that made them: `unipair export --checkpoint DIR --data D --out DIR`. Or it writes a network
// for other programs, see [exportONNX]. What has not learnt makes an index too: `unipair export --architecture A --data D --out DIR`.
func runExport(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	var dirs places
	flags.Var(&dirs, "checkpoint", aboutCheckpoint)
	asItIs := addBaseline(flags)
	name := flags.String("data", "", "data set to embed: "+datasets.Help())
	part := flags.String("part", "", "part of the data set: test, validation, training, all (default: as unipair eval)")
	out := flags.String("out", "",
		"directory to write, which must not exist: embeddings.npy, images.csv, and the networks, or with --architecture what it is, for "+
			"unipair search; with --format onnx a file")
	format := flags.String("format", "npy", "also write embeddings.csv or embeddings.parquet, with class and path: csv, parquet; "+
		"or write the network alone, for other programs, compared on images of --data if that is given: onnx")
	tta := flags.Bool("tta", false, "see each image in 8 further, slightly changed ways, and take the mean")
	skip := flags.Bool("skip-bad", false, "leave out images that cannot be read, naming each, in place of stopping")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *format == formatONNX && together.Size() > 1 {
		return usage.Errorf("export: --format %s is for one process: start it without mpirun", formatONNX)
	}
	if *format == formatONNX {
		if there := asItIs.given(flags); len(there) > 0 {
			return usage.Errorf("export: --format onnx writes the network of a checkpoint: leave --%s out", strings.Join(there, ", --"))
		}
		return exportONNX(ctx, onnxWords{dirs, *name, *part, *out, *tta, *skip}, std)
	}
	s := subject{views: *tta}
	wrongSubject := s.read(flags, dirs, asItIs)
	set, wrongData := datasets.Find(*name)
	formats := append(slices.Clone(index.Formats), formatONNX)
	wrongFormat := unless(slices.Contains(formats, *format),
		usage.Errorf("export: unknown format %q: %s", *format, suggest.For(*format, formats)))
	var wrongOut, closed error
	if together.Rank() == 0 { // which alone writes
		wrongOut, closed = wrongExportOut(*out), file.CanWrite(*out)
	}
	wrong := usage.Join(wrongSubject, wrongData, wrongOut, wrongFormat, wrongPart("export", *part))
	if wrong == nil && closed != nil {
		wrong = fmt.Errorf("export: --out: %w", closed)
	}
	if err := ranks.Agree(together, wrong); err != nil {
		return err
	}
	options, skipped := progress.OfData(std.err, *skip)
	options.Unsorted = true // a search needs no classes
	chosen, err := set.Part(ctx, *part, s.networks.Learnt(), options)
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
	if err := s.sameNetworks(); err != nil {
		return err
	}
	if together.Rank() > 0 {
		network, err := s.open(ctx, device, std)
		if err == nil {
			_, err = sharedNetwork{network}.EmbedSet(datasets.Until(ctx, images))
		}
		return err
	}
	written, err := s.export(ctx, device, *out, images, *format, std)
	if err != nil {
		return err
	}
	text := ""
	if *part == "" && chosen.Name != "all" && set.HasWhole() {
		part := chosen.Name + " part"
		if chosen.Gallery != nil {
			part = "gallery"
		}
		text = fmt.Sprintf(", its %s alone (--part all takes all)", part)
	}
	if n := skipped(); n > 0 {
		text += fmt.Sprintf(", %d left out that cannot be read", n)
	}
	next := "find neighbours with: unipair search --index " + escape.Shell(*out) + " --query IMAGE"
	if images.Format().Features > 0 {
		next = "they are in " + escape.Shell(*out)
	}
	_, err = fmt.Fprintf(std.out, "%d images of %s embedded in %d numbers each%s; %s\n", written.Count, written.Data, written.Dim, text, next)
	return err
}

// export writes what it makes of images.
func (s *subject) export(ctx context.Context, device compute.Backend, out string, images data.Dataset, format string, std stdio) (*index.Index, error) {
	if s.words.Architecture == "" {
		s.networks.To, s.networks.Ranks = std.err, together
		return index.Write(ctx, out, device, s.networks, images, format)
	}
	if _, err := s.open(ctx, device, std); err != nil {
		return nil, err
	}
	return index.WriteFeatures(ctx, out, sharedBaseline{s.baseline}, s.views, images, format)
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
