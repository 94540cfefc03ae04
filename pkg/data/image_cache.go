package data

import "sync/atomic"

// imageCache reads the examples of a set when they are first asked for, and keeps some in memory: the first ones, until the room for them
// is full. Where examples come in shuffled passes, all are asked for equally often, and none is better to keep.
type imageCache struct {
	read func(i int) (Image, error)
	room atomic.Int64 // examples that may yet be kept
	kept []atomic.Pointer[Image]
}

func newImageCache(n int, room int64, read func(i int) (Image, error)) *imageCache {
	c := &imageCache{read: read, kept: make([]atomic.Pointer[Image], n)}
	c.room.Store(room)
	return c
}

// get returns example i, which must not be changed.
func (c *imageCache) get(i int) (Image, error) {
	if m := c.kept[i].Load(); m != nil {
		return *m, nil
	}
	m, err := c.read(i)
	if err == nil && c.room.Add(-1) >= 0 && !c.kept[i].CompareAndSwap(nil, &m) {
		c.room.Add(1) // another goroutine was quicker
	}
	return m, err
}
