package data

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/unipair/unipair/internal/parallel"
)

// side returns the width and height, in pixels, that images are kept at.
func (p *PairBatches) side() int { return p.Augment.Side(p.Size) }

// example reads an image as it is kept, before anything random: of the first way come those that are numbered first.
func (p *PairBatches) example(number int) (Image, error) {
	way, i := number/p.Dataset.Len(), number%p.Dataset.Len()
	m, err := p.ways[way].Image(i)
	if err == nil {
		err = m.validate()
	}
	if shape := p.shape(); err == nil && len(shape) == 1 {
		if len(m.Pixels) != shape[0] {
			err = fmt.Errorf("%d features where the others have %d", len(m.Pixels), shape[0])
		}
	} else if err == nil {
		m = Preparation{Invert: p.Invert.For(p.Dataset.Format()) == InvertOn, Fit: p.Fit, Resampling: p.Resampling, Size: p.side(), Channels: shape[2]}.Of(m)
	}
	if err != nil {
		return m, fmt.Errorf("data: %s, image %d of class %s: %w", p.Dataset.Name(), i, p.Dataset.Classes()[p.Dataset.Label(i)], err)
	}
	return m, nil
}

// Prepare reads all images, if they fit into Memory. The first iteration does so in any case, but here it can be cancelled. A told that
// is not nil is called, from several goroutines, with how many images are read. Prepare returns the error of the first image that
// cannot be read.
func (p *PairBatches) Prepare(ctx context.Context, told func(done, of int)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.images == nil {
		p.ways = append([]Dataset{p.Dataset}, Ways(p.Dataset)...)
	}
	n := len(p.ways) * p.Dataset.Len()
	if p.images == nil {
		room := max(cmp.Or(p.Memory, 2<<30)/int64(4*p.keptNumbers()), 1)
		p.images = newImageCache(n, room, p.example)
	}
	if p.prepared || p.images.room.Load() < int64(n) {
		return nil
	}
	errs := make([]error, n)
	var done atomic.Int64
	parallel.For(n, func(i int) {
		if errs[i] = ctx.Err(); errs[i] != nil {
			return
		}
		if _, errs[i] = p.images.get(i); errs[i] == nil && told != nil {
			told(int(done.Add(1)), n)
		}
	})
	err := firstOf(errs...)
	p.prepared = err == nil
	return err
}

// keptNumbers counts the numbers of a kept image.
func (p *PairBatches) keptNumbers() int {
	shape := p.shape()
	if len(shape) == 1 {
		return shape[0]
	}
	return p.side() * p.side() * shape[2]
}

// ShareImages lets p keep what other has read, where both read the same: the pictures of one set, prepared alike. Of several trainings on a
// set only the first then reads it. It is for before the first iteration.
func (p *PairBatches) ShareImages(other *PairBatches) {
	if other == nil || !reflect.ValueOf(p.Dataset).Comparable() || p.keptAs() != other.keptAs() {
		return
	}
	other.mu.Lock()
	defer other.mu.Unlock()
	p.images, p.ways, p.prepared = other.images, other.ways, other.prepared
}

// keptAs holds all that kept images hang on.
type keptAs struct {
	dataset    Dataset
	side       int
	invert     Inversion
	fit        Fit
	resampling Resampling
	channels   int
	memory     int64
}

func (p *PairBatches) keptAs() keptAs {
	return keptAs{p.Dataset, p.side(), p.Invert, p.Fit, p.Resampling, p.Channels, p.Memory}
}
