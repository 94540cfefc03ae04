// Package portable writes a trained network as one ONNX file, from pixels to embeddings of length 1, and beside it as JSON what is done to
// a picture before it. What is written gave our own embeddings in ONNX Runtime first.
package portable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/onnxexport"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// extension ends the name of an ONNX file.
const extension = ".onnx"

// mostCompared bounds the images that a file is compared on.
const mostCompared = 32

// Beside returns the name of the JSON file beside an ONNX file.
func Beside(path string) string { return strings.TrimSuffix(path, extension) + ".json" }

// CanWrite returns an error where [Write] would not write a file: for use before long work. It wraps [onnxruntime.ErrNone] where ONNX
// Runtime is not there, and says which file is there already.
func CanWrite(path string) error {
	if !strings.HasSuffix(path, extension) || filepath.Base(path) == extension {
		return fmt.Errorf("the name must end in %s, got %s", extension, path)
	}
	for _, name := range []string{path, Beside(path)} {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s is there already: give another --out, or remove it", name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := onnxruntime.Library(); err != nil {
		return err
	}
	return file.CanWrite(path)
}

// Run is a network with what is known of it.
type Run struct {
	Dir      string
	Manifest train.Manifest
	Embedder *train.Embedder
}

// Write writes the network of a run, and what is to be known of it. It is compared on images of a set, which are spread over it; on random
// numbers where the set is nil. Both files are written, or none.
func Write(ctx context.Context, path string, run Run, set data.Dataset) (About, error) {
	var n onnxexport.Network
	var err error
	if n.Store, n.Build, n.Input, err = pretrained.Graph(run.Embedder); err != nil {
		return About{}, err
	}
	prepare, pictures := preparationOf(run.Embedder.Network, n.Input)
	images, of, err := some(ctx, n.Input, set)
	if err != nil {
		return About{}, err
	}
	want, err := run.Embedder.Embed(images...)
	if err != nil {
		return About{}, err
	}
	inputs := onnxruntime.Array{Dims: append([]int{len(images)}, n.Input...)}
	for _, image := range images {
		if pictures {
			image = prepare.Of(image)
		}
		inputs.Values = append(inputs.Values, image.Pixels...)
	}
	about := aboutOf(run, n.Input, Compared{"ONNX Runtime", len(images), of, onnxexport.Tolerance})
	var text []byte
	if n.Metadata, text, err = about.metadata(); err != nil {
		return About{}, err
	}
	if err := ctx.Err(); err != nil {
		return About{}, err
	}
	content, err := onnxexport.Content(n)
	if err == nil {
		err = onnxexport.Compare(content, inputs, want)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = CanWrite(path) // somebody else may have, meanwhile
	}
	if err != nil {
		return About{}, err
	}
	if err := file.WriteBytes(Beside(path), text); err != nil {
		return About{}, err
	}
	if err := file.WriteBytes(path, content); err != nil {
		return About{}, errors.Join(err, os.Remove(Beside(path)))
	}
	return about, nil
}

// preparationOf returns what is done to a picture before a network of an input; ok is false for features, to which nothing is.
func preparationOf(n train.Network, input []int) (p data.Preparation, ok bool) {
	if len(input) != 3 {
		return p, false
	}
	return data.Preparation{Invert: n.Invert == data.InvertOn, Fit: n.Fit, Resampling: n.Resampling, Size: input[0], Channels: input[2]}, true
}

// some returns images of a set, or of random numbers where it is nil, and what they are.
func some(ctx context.Context, input []int, set data.Dataset) (images []data.Image, of string, err error) {
	if set == nil {
		return random(input), "random numbers", nil
	}
	count := min(mostCompared, set.Len())
	for i := range count {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		image, err := set.Image(i * set.Len() / count)
		if err != nil {
			return nil, "", err
		}
		images = append(images, image)
	}
	return images, set.Name(), nil
}

// random returns inputs of random numbers in [0, 1]: pictures, or features.
func random(input []int) []data.Image {
	source := rand.New(rand.NewPCG(1, 2))
	images := make([]data.Image, mostCompared)
	for i := range images {
		m := data.Image{Width: input[0], Height: 1, Pixels: make([]float32, input[0])}
		if len(input) == 3 {
			m = data.Image{Width: input[0], Height: input[1], Pixels: make([]float32, input[0]*input[1]*input[2])}
		}
		for j := range m.Pixels {
			m.Pixels[j] = source.Float32()
		}
		images[i] = m
	}
	return images
}
