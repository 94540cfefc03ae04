// Package features makes data sets of what a network that does not learn makes of pictures. Each picture goes through the network once:
// its row is kept in the cache directory, for every later run, whatever set or part it is in.
package features

import (
	"cmp"
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/unipair/unipair/pkg/data"
)

// batch counts the pictures that go through the network at once.
const batch = 32

// Maker makes rows of pictures.
type Maker struct {
	Key     string                                      // of the network, and of what is done to prepared pictures and to rows
	Dim     int                                         // numbers of a row
	Prepare data.Preparation                            // before the network
	Change  func(data.Image) data.Image                 // prepares pictures in place of Prepare, as the key says; nil: Prepare does
	Embed   func(pictures []float32) ([]float32, error) // makes the rows of a batch of prepared pictures, always of one size
	Cache   string                                      // folder that rows are kept in; empty keeps none
	Tell    func(done, all int)                         // how far it is, after each batch; may be nil
	Unkept  func(err error)                             // why rows are not kept, as on a full disk; nil: [Maker.Of] fails with that
}

// Of returns the set's features: the same classes, labels, sources, cameras and origins, and rows for pictures.
func (m Maker) Of(ctx context.Context, set data.Dataset) (data.Dataset, error) {
	if set.Format().Features > 0 {
		return nil, fmt.Errorf("features: %s has features already, not pictures", set.Name())
	}
	kept, err := m.read()
	if err != nil {
		if m.Unkept == nil {
			return nil, err
		}
		m.Unkept(err)
		m.Cache = "" // and nothing more of it
	}
	s := &rows{Dataset: set, dim: m.Dim, of: make([][]float32, set.Len())}
	origins, unknown := data.Origins(set)
	names := make([]name, set.Len())
	var missing []int
	wanted := make(map[name]bool)
	for i := range names {
		if names[i], err = nameOf(set, i, unknown != nil || origins[set.Label(i)].Changed); err != nil {
			return nil, err
		}
		if kept[names[i]] == nil && !wanted[names[i]] {
			wanted[names[i]] = true
			missing = append(missing, i)
		}
	}
	before := len(kept)
	err = m.make(ctx, set, missing, func(i int, row []float32) { kept[names[i]] = row })
	if len(kept) > before { // what was made before an error need not be made again
		unkept := m.write(kept)
		if unkept != nil && m.Unkept != nil {
			m.Unkept(unkept)
			unkept = nil
		}
		err = cmp.Or(err, unkept)
	}
	if err != nil {
		return nil, err
	}
	for i, n := range names {
		s.of[i] = kept[n]
	}
	return s, nil
}

// Prepared returns a picture as the network takes it.
func (m Maker) Prepared(picture data.Image) data.Image {
	if m.Change != nil {
		return m.Change(picture)
	}
	return m.Prepare.Of(picture)
}

// make makes the rows of some pictures. The next batch is read while the network has one.
func (m Maker) make(ctx context.Context, set data.Dataset, some []int, put func(i int, row []float32)) error {
	each := m.Prepare.Size * m.Prepare.Size * m.Prepare.Channels
	read := func(first int) ([]float32, error) {
		pictures := make([]float32, batch*each)
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.GOMAXPROCS(0))
		for k, i := range some[first:min(first+batch, len(some))] {
			g.Go(func() error {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				picture, err := set.Image(i)
				if err != nil {
					return err
				}
				copy(pictures[k*each:], m.Prepared(picture).Pixels)
				return nil
			})
		}
		return pictures, g.Wait()
	}
	type result struct {
		pictures []float32
		err      error
	}
	ahead := make(chan result, 1)
	next := func(first int) {
		go func() {
			pictures, err := read(first)
			ahead <- result{pictures, err}
		}()
	}
	if len(some) > 0 {
		next(0)
	}
	for first := 0; first < len(some); first += batch {
		r := <-ahead
		if ctx.Err() != nil { // in one line, whatever else went wrong
			return ctx.Err()
		}
		if r.err != nil {
			return r.err
		}
		if first+batch < len(some) {
			next(first + batch)
		}
		made, err := m.Embed(r.pictures)
		if err == nil && len(made) != batch*m.Dim {
			err = fmt.Errorf("features: the network gives %d numbers for %d pictures, want %d each", len(made), batch, m.Dim)
		}
		if err != nil {
			if first+batch < len(some) {
				<-ahead
			}
			return err
		}
		last := min(first+batch, len(some))
		for k, i := range some[first:last] {
			put(i, made[k*m.Dim:(k+1)*m.Dim:(k+1)*m.Dim])
		}
		if m.Tell != nil {
			m.Tell(last, len(some))
		}
	}
	return nil
}

// rows is a set of features.
type rows struct {
	data.Dataset
	dim  int
	of   [][]float32
	ways []data.Dataset
}

// Seen returns features of pictures that were seen in further ways, too: it and they are of [Maker.Of], from one set.
func Seen(features data.Dataset, ways []data.Dataset) data.Dataset {
	s := *features.(*rows)
	s.ways = ways
	return &s
}

// Format implements [data.Dataset].
func (s *rows) Format() data.Format { return data.Format{Channels: 1, Features: s.dim} }

// Image implements [data.Dataset].
func (s *rows) Image(i int) (data.Image, error) {
	if i < 0 || i >= len(s.of) {
		return data.Image{}, fmt.Errorf("features: there is no picture %d of %d", i, len(s.of))
	}
	return data.Image{Pixels: append([]float32(nil), s.of[i]...), Width: s.dim, Height: 1}, nil
}

// Source implements [data.SourceSet].
func (s *rows) Source(i int) string { return data.Source(s.Dataset, i) }

// Cameras implements [data.CameraSet].
func (s *rows) Cameras() ([]int, bool) { return data.Cameras(s.Dataset) }

// Labels implements [data.LabelSet].
func (s *rows) Labels() ([]string, [][]int, bool) { return data.Labels(s.Dataset) }

// Ways implements [data.WaySet].
func (s *rows) Ways() []data.Dataset { return s.ways }

// Origins implements [data.OriginSet].
func (s *rows) Origins() ([]data.Origin, error) { return data.Origins(s.Dataset) }
