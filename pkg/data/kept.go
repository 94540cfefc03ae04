package data

import "sync/atomic"

// Kept returns a set of the same images that decodes each once: it keeps those that are asked for first, until they take so many bytes.
// It is for sets that several trainings go over. An image of it must not be changed.
func Kept(ds Dataset, bytes int64) Dataset {
	all := Subset(ds, ds.Name(), func(string) bool { return true })
	k := &kept{subset: all.(*subset), images: make([]atomic.Pointer[Image], all.Len())}
	k.room.Store(bytes)
	return k
}

// kept is all of a set, whatever else that knows of its images, with those that were decoded.
type kept struct {
	*subset
	images []atomic.Pointer[Image]
	room   atomic.Int64 // bytes that are left
}

// Image implements [Dataset].
func (k *kept) Image(i int) (Image, error) {
	if err := within(k, i); err != nil {
		return Image{}, err
	}
	if m := k.images[i].Load(); m != nil {
		return *m, nil
	}
	m, err := k.subset.Image(i)
	if err != nil {
		return m, err
	}
	size := 4 * int64(len(m.Pixels))
	if k.room.Add(-size) < 0 || !k.images[i].CompareAndSwap(nil, &m) {
		k.room.Add(size) // it is too large, or another goroutine was quicker
	}
	return m, nil
}
