package main

import (
	"context"
	"fmt"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/portable"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// formatONNX is the format of `unipair export` that writes the network in place of embeddings.
const formatONNX = "onnx"

// onnxWords are the flags of `unipair export --format onnx`.
type onnxWords struct {
	dirs            places
	data, part, out string
	tta, skip       bool
}

// exportONNX writes a network as an ONNX file, and what is done to pictures before it:
// `unipair export --format onnx --checkpoint DIR --out FILE.onnx [--data D]`.
func exportONNX(ctx context.Context, words onnxWords, std stdio) error {
	networks, wrongCheckpoint := readCheckpoints(words.dirs, false)
	var set datasets.Set
	var wrongData error
	if words.data != "" {
		set, wrongData = datasets.Find(words.data)
	}
	if err := usage.Join(wrongCheckpoint, wrongData, wrongPart("export", words.part),
		unless(len(words.dirs) < 2, usage.Errorf("export: an ONNX file is of one network: give one --checkpoint")),
		unless(!words.tta, usage.Errorf("export: an ONNX file sees a picture in one way: leave --tta out")),
		unless(words.data != "" || words.part == "", usage.Errorf("export: --part is of --data, which is not given")),
		unless(words.out != "", usage.Errorf("where to? --out takes the name of a file that is not there yet, such as photos.onnx")),
	); err != nil {
		return err
	}
	if err := portable.CanWrite(words.out); err != nil {
		return fmt.Errorf("export: --format onnx: %w", err)
	}
	var images data.Dataset
	if words.data != "" {
		options, _ := progress.OfData(std.err, words.skip)
		part, err := set.Part(ctx, words.part, networks.Learnt(), options)
		if err != nil {
			return err
		}
		if images = part.Searched(); images == nil {
			return fmt.Errorf("export: %s has no images to compare on but one-shot runs: give --part training", set.Name)
		}
		images = datasets.Until(ctx, images)
	}
	device, err := openBackend(std)
	if err != nil {
		return err
	}
	networks.To = std.err
	members, err := networks.Load(device)
	if err != nil {
		return err
	}
	run := portable.Run{Dir: words.dirs[0], Manifest: networks.Manifests[0], Embedder: members[0]}
	about, err := portable.Write(ctx, words.out, run, images)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s and %s written: float32 %v in, %v out; in ONNX Runtime the same to %g on %d inputs (%s)\n",
		escape.Shell(words.out), escape.Shell(portable.Beside(words.out)), about.InputShape, about.OutputShape,
		about.Compared.Within, about.Compared.Inputs, escape.Line(about.Compared.Of))
	return err
}
