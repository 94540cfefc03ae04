package pretrained

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/backbone"
	"github.com/unipair/unipair/internal/features"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// atOnce counts the pictures that [Front.Embed] gives the network at once.
const atOnce = 32

// Front makes features of pictures by a network that does not learn.
type Front struct {
	*Network
	Engine string // what it runs in

	maker features.Maker
}

var _ train.Front = (*Front)(nil)

// Front returns what makes features of pictures. Those of data sets are kept in the user's cache directory, for every later run.
func (o *Network) Front() (*Front, error) {
	runner, err := backbone.NewRunner(o.backend, o.File)
	if err != nil {
		return nil, err
	}
	key, err := o.File.Key()
	if err != nil {
		return nil, err
	}
	f := &Front{Network: o, Engine: runner.Engine}
	f.maker = features.Maker{
		Key: key, Dim: o.File.Dim, Embed: runner.Embed,
		Prepare: data.Preparation{
			Invert: o.Invert == data.InvertOn, Fit: o.Fit, Resampling: o.Resampling, Size: o.File.Input.Size, Channels: o.File.Input.Channels,
		},
	}
	if user, err := os.UserCacheDir(); err == nil { // else each is made anew
		f.maker.Cache = filepath.Join(user, "unipair")
	}
	return f, nil
}

// Of implements [train.Front]. It says how far it is.
func (f *Front) Of(ctx context.Context, set data.Dataset) (data.Dataset, error) {
	gauge := progress.NewGauge(f.to, "pictures", 1)
	defer gauge.End()
	m := f.maker
	m.Tell = func(done, all int) { gauge.Show("features of "+set.Name(), int64(done), int64(all)) }
	m.Unkept = func(err error) { f.tell("the features are not kept, so that a later run makes them anew: %v", err) }
	return m.Of(ctx, set)
}

// Embed implements [train.Front].
func (f *Front) Embed(pictures ...data.Image) ([]data.Image, error) {
	p, dim := f.maker.Prepare, f.maker.Dim
	each := p.Size * p.Size * p.Channels
	var all []data.Image
	for first := 0; first < len(pictures); first += atOnce {
		some := pictures[first:min(first+atOnce, len(pictures))]
		input := make([]float32, atOnce*each)
		for i, picture := range some {
			if err := whole(picture); err != nil {
				return nil, fmt.Errorf("image %d %w", first+i, err)
			}
			copy(input[i*each:], f.maker.Prepared(picture).Pixels)
		}
		rows, err := f.maker.Embed(input)
		if err != nil {
			return nil, err
		}
		for i := range some {
			all = append(all, data.Image{Width: dim, Height: 1, Pixels: rows[i*dim : (i+1)*dim]})
		}
	}
	return all, nil
}

// Seen implements [train.Front].
func (f *Front) Seen(view data.View) train.Front {
	return f.changed(fmt.Sprintf("seen by %+v", view), func(picture data.Image) data.Image {
		return view.Apply(f.maker.Prepare.Of(picture))
	})
}

// Varied returns the features of a set of pictures, and those of so many further ways to see each, changed at random. In which way goes by
// the seed and by the picture's pixels alone, wherever it lies. A crop is of a larger picture, as it is in training.
func (f *Front) Varied(ctx context.Context, set data.Dataset, a data.Augment, seed uint64, further int) (data.Dataset, error) {
	plain, err := f.Of(ctx, set)
	if err != nil {
		return nil, err
	}
	larger := f.maker.Prepare
	larger.Size = a.Side(larger.Size)
	ways := make([]data.Dataset, further)
	for way := range ways {
		how := fmt.Sprintf("changed by %+v, seed %d, way %d", a, seed, way+1)
		ways[way], err = f.changed(how, func(picture data.Image) data.Image {
			return a.ApplyTo(larger.Of(picture), f.maker.Prepare.Size, seed, number(picture)+uint64(way))
		}).Of(ctx, set)
		if err != nil {
			return nil, err
		}
	}
	return features.Seen(plain, ways), nil
}

// number returns a number that goes by a picture's pixels alone.
func number(picture data.Image) uint64 {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d %d ", picture.Width, picture.Height)
	_ = binary.Write(sum, binary.LittleEndian, picture.Pixels) // a hash takes all
	return binary.LittleEndian.Uint64(sum.Sum(nil))
}

// changed returns what makes features of pictures that are prepared in another way, by what that is.
func (f *Front) changed(how string, prepare func(data.Image) data.Image) *Front {
	other := *f
	other.maker.Key += " " + how
	other.maker.Change = prepare
	return &other
}

// whole returns an error for a picture that has not all its pixels, or one that is not finite.
func whole(m data.Image) error {
	n := m.Width * m.Height
	if m.Width < 1 || m.Height < 1 || len(m.Pixels) != n && len(m.Pixels) != 3*n {
		return fmt.Errorf("has %d pixels, want %d × %d, or three numbers for each", len(m.Pixels), m.Width, m.Height)
	}
	for i, x := range m.Pixels {
		if x-x != 0 {
			return fmt.Errorf("has the pixel %g, number %d: pixels must be finite", x, i)
		}
	}
	return nil
}
