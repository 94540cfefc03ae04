// Package onnx brings networks of pictures from ONNX files, and from the Hugging Face hub, into package train, and writes what was trained
// as ONNX files. A program that learns a linear head on a network of somebody else's, and writes both as one file:
//
//	config := train.DefaultConfig()
//	config.Network = train.Network{
//		Architecture: "onnx:efficientnet-lite0.onnx", // or hf:ORG/MODEL[@REVISION][:FILE], of the hub
//		Dim:          128,
//		Backbone:     train.Backbone{Pixels: onnx.Presets()["efficientnet-lite"]},
//	}
//	backend := compute.MustNew() // of GoMLX: XLA, or pure Go
//	result, err := onnx.Run(ctx, backend, config, pictures, train.Options{Dir: "run"}, os.Stderr)
//	if err != nil { … }
//	vectors, err := result.Embedder.Embed(one, other) // data.Image, vectors of length 1
//	if err != nil { … }
//	err = onnx.Write(ctx, backend, "pictures.onnx", "run", pictures)
//
// [train.Backbone] says what a file leaves open, what follows it, and what of it learns. A file is refused where it would not be read
// right; what is learnt from it has its licence.
//
// Unlike the other packages it brings a backend: ONNX Runtime, where its library is, as `unipair doctor --fix` in a clone of this module
// installs it and $ONNXRUNTIME_SHARED_LIBRARY_PATH names it. [Run], [Load] and [Features] do without, but nothing is compared with it then,
// which is said; [Write] needs it. The package needs cgo.
package onnx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/portable"
	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Presets returns the usual ways to bring pixels into a network's form, by their names: imagenet, clip, 0-1, -1-1, 0-255 and
// efficientnet-lite.
func Presets() map[string]train.Pixels {
	all := make(map[string]train.Pixels)
	for name, p := range onnxfile.Presets {
		all[name] = train.Pixels(p)
	}
	return all
}

// Run does what [train.Run] does. Before it, for a network from elsewhere, it opens the file and compares it with ONNX Runtime where that
// is. It says on w, which may be nil, what it finds and how far it is. Where the network does not learn, each picture goes through it
// once. Its features are kept in the user's cache directory for every later run, and the head learns from them. The result's embedder
// takes pictures.
func Run(
	ctx context.Context, backend compute.Backend, config train.Config, pictures data.Dataset, options train.Options, w io.Writer,
) (*train.Result, error) {
	if !config.IsBackbone() {
		return train.Run(ctx, backend, config, pictures, options)
	}
	var before train.Manifest
	if options.Dir != "" {
		var err error
		if before, err = train.ReadManifest(options.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	o, err := pretrained.Begin(ctx, backend, config.Network, before.Config.Network, w)
	if err != nil {
		return nil, err
	}
	learnt, err := o.Lay(ctx, pictures, &config, &options)
	if err != nil {
		return nil, err
	}
	result, err := train.Run(ctx, backend, config, learnt, options)
	if err == nil && config.Backbone.Frozen() {
		result.Embedder.Front, err = o.Front()
	}
	return result, err
}

// Load returns the embedder of a run's directory, as [train.Load] does, whatever its network is. A network from elsewhere is found where it
// was; another file in its place is refused. On w, which may be nil, it says what it does.
func Load(ctx context.Context, backend compute.Backend, dir string, w io.Writer) (*train.Embedder, error) {
	m, err := train.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	return pretrained.Load(ctx, backend, dir, m.Config.Network, w)
}

// Features returns what makes features of pictures by a network from elsewhere as it is, without a head and without any training, and how
// many numbers they have. Of n it takes the architecture, and what Backbone and the preparation of pictures say. These are turned over
// where Invert is on, or the file says it, whatever the set says of itself. The file is compared with ONNX Runtime first, where that is;
// on w, which may be nil, it says what it does.
func Features(ctx context.Context, backend compute.Backend, n train.Network, w io.Writer) (front train.Front, dim int, err error) {
	if !n.IsBackbone() {
		return nil, 0, fmt.Errorf("onnx: the architecture %q is not from elsewhere: write onnx:FILE or hf:ORG/MODEL", n.Architecture)
	}
	o, err := pretrained.Begin(ctx, backend, n, train.Network{}, w)
	if err != nil {
		return nil, 0, err
	}
	made, err := o.Front()
	if err != nil {
		return nil, 0, err
	}
	return made, o.File.Dim, nil
}

// Write writes the network of a run's directory, whatever it is, as one ONNX file, whose name ends in .onnx and is not taken. It takes
// pictures float32 [n, size, size, channels], of numbers in [0, 1], and gives embeddings [n, dim] of length 1, for any n. A head on
// features takes those. A JSON file beside it says what is done to a picture first. ONNX Runtime is needed. Before the files get their
// names, it makes what our own embedder does, to 1e-5. It does so of 32 pictures of a set, or of random numbers where that is nil.
func Write(ctx context.Context, backend compute.Backend, path, dir string, pictures data.Dataset) error {
	if err := portable.CanWrite(path); err != nil {
		return err
	}
	m, err := train.ReadManifest(dir)
	if err != nil {
		return err
	}
	embedder, err := pretrained.Load(ctx, backend, dir, m.Config.Network, nil)
	if err != nil {
		return err
	}
	_, err = portable.Write(ctx, path, portable.Run{Dir: dir, Manifest: m, Embedder: embedder}, pictures)
	return err
}
