package pretrained

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backbone"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Network is a network from elsewhere, opened.
type Network struct {
	train.Network // with what the file says: how pictures are prepared, how many numbers it makes
	File          *onnxfile.File

	backend compute.Backend
	to      io.Writer
}

// Open opens the network that an architecture names. What a checkpoint or run.yaml has recorded of it must still be so: another file is
// refused. On w, which may be nil, it says what it does. No picture has been through the network then.
func Open(ctx context.Context, backend compute.Backend, n train.Network, w io.Writer) (*Network, error) {
	o := &Network{Network: n, backend: backend, to: w}
	if w == nil {
		o.to = io.Discard
	}
	at, err := find(ctx, n, o.tell)
	if err != nil {
		return nil, err
	}
	b := &o.Backbone
	choice := onnxfile.Choice{Output: b.Output, Pool: onnxfile.Pool(b.Pool), Size: b.Size}
	if at.prepared != nil {
		choice.OpenSize, choice.Preparation = at.prepared.Size, &at.prepared.Preparation
	}
	if b.Pixels != (train.Pixels{}) {
		choice.Preparation = new(onnxfile.Preparation(b.Pixels))
	}
	if o.File, err = onnxfile.Open(backend, at.path, choice); err != nil {
		return nil, inFlags(err, b.SHA256 != "")
	}
	f := o.File
	if b.SHA256 != "" && b.SHA256 != f.Sum {
		return nil, fmt.Errorf("%s is another file than it was before (its SHA-256 is %s, that one's %s): bring that file back there",
			at.path, short(f.Sum), short(b.SHA256))
	}
	o.Architecture = at.name
	b.SHA256, b.Output, b.Pool, b.Size, b.Dim = f.Sum, f.Output, string(f.Pool), f.Input.Size, f.Dim
	b.Licence = cmp.Or(at.licence, f.Metadata["licence"])
	b.Pixels = train.Pixels(f.Preparation)
	if err := o.likeItLearnt(); err != nil {
		return nil, usage.Error(err)
	}
	if c := f.Input.Channels; n.Channels != 0 && n.Channels != c {
		return nil, usage.Errorf("%s takes pictures of %d channels, not %d: leave the channels (--channels) out", at.path, c, n.Channels)
	}
	if b.Head == train.HeadNone {
		o.Dim = f.Dim
	}
	if b.Frozen() {
		o.Features, o.Size, o.Channels = f.Dim, 0, 0
		return o, nil
	}
	if _, err := b.Layers(f.Layers()); err != nil {
		return nil, usage.Error(err)
	}
	o.Features, o.Size, o.Channels = 0, f.Input.Size, f.Input.Channels
	return o, nil
}

// likeItLearnt does to pictures what the file says was done to them when it learnt, unless the words say otherwise. Most files do not say it,
// and their pictures are resized as networks from elsewhere learn.
func (o *Network) likeItLearnt() error {
	said, err := o.File.Before()
	if err != nil {
		return err
	}
	fit, ways := strings.TrimPrefix(said.Fit, "squeeze"), data.Resampling(strings.TrimPrefix(said.Resampling, "area"))
	if said == (onnxfile.Before{}) {
		ways = data.ResamplingBilinear
	} else if o.Invert == data.InvertAsSet {
		o.Invert = map[bool]data.Inversion{true: data.InvertOn, false: data.InvertOff}[said.Invert]
	}
	o.Fit, o.Resampling = cmp.Or(o.Fit, data.Fit(fit)), cmp.Or(o.Resampling, ways)
	if err := errors.Join(o.Fit.Validate(), o.Resampling.Validate()); err != nil {
		return fmt.Errorf("%s: %w", o.File.Path, err)
	}
	return nil
}

// inFlags adds to an error of a file which flags of `unipair train` say what it does not. One of a file that was opened before is of the
// checkpoint's.
func inFlags(err error, before bool) error {
	if before && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the network before the head is gone (%w): bring that file back there", err)
	}
	for words, flags := range map[string]string{
		"how pixels are prepared": "--input, or --input-scale, --input-mean, --input-std",
		"choose one of":           "--onnx-output",
		"rule of pooling":         "--pool",
		"give a size":             "--size",
		"leave the size out":      "--size",
	} {
		if strings.Contains(err.Error(), words) {
			return usage.Errorf("%w (%s)", err, flags)
		}
	}
	return usage.Error(err)
}

// short returns the beginning of a checksum.
func short(sum string) string { return sum[:min(12, len(sum))] + "…" }

// Describe says what the network is, and what is done to pictures before it.
func (o *Network) Describe() {
	f, p := o.File, o.File.Preparation
	colours := map[int]string{1: "gray", 3: "colour"}[f.Input.Channels]
	if f.Input.Channels == 3 && p.BGR {
		colours = "colour, blue first"
	}
	pool := ""
	if f.Pool != "" {
		pool = fmt.Sprintf(", pooled by %s", f.Pool)
	}
	o.tell("network: %s, %d × %d pixels in %s, output %s of %d numbers%s; pixels in [0, 1] times %g, less %g, by %g; resized %s",
		filepath.Base(f.Path), f.Input.Size, f.Input.Size, colours, f.Output, f.Dim, pool, p.Scale, p.Mean, p.Std,
		map[data.Resampling]string{data.ResamplingArea: "by area", data.ResamplingBilinear: "bilinearly"}[o.Resampling])
}

// Check compares what GoMLX makes of the file with what ONNX Runtime does, and says whether it could.
func (o *Network) Check() error {
	err := backbone.Check(o.backend, o.File)
	switch {
	case errors.Is(err, onnxruntime.ErrNone):
		if at := o.File.Cubic(); at != "" {
			return fmt.Errorf("%s resizes by cubic interpolation (%s), and only ONNX Runtime can tell whether that is read right: %w",
				o.File.Path, at, err)
		}
		o.tell("nothing was compared: %v", err)
		return nil
	case err != nil:
		return err
	}
	o.tell("two random pictures give the same in GoMLX and in ONNX Runtime")
	return nil
}

// Function returns the network as one that learns, before its head.
func (o *Network) Function() (*train.Function, error) {
	last, err := o.Backbone.Layers(o.File.Layers())
	return &train.Function{Name: string(o.Architecture), Build: o.File.Trainable(last)}, err
}

func (o *Network) tell(format string, args ...any) {
	fmt.Fprintln(o.to, escape.Line(fmt.Sprintf(format, args...)))
}
