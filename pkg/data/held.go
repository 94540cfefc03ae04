package data

import "sync/atomic"

// held is the examples of a set, read when they are first asked for, of which some stay in memory: the first ones, until the room for
// them is full. Where examples come in shuffled passes, all are asked for equally often, and none is better to keep.
type held struct {
	read func(i int) (Image, error)
	room atomic.Int64 // examples that may yet be kept
	kept []atomic.Pointer[Image]
}

func newHeld(n int, room int64, read func(i int) (Image, error)) *held {
	h := &held{read: read, kept: make([]atomic.Pointer[Image], n)}
	h.room.Store(room)
	return h
}

// get returns example i, which must not be changed.
func (h *held) get(i int) (Image, error) {
	if m := h.kept[i].Load(); m != nil {
		return *m, nil
	}
	m, err := h.read(i)
	if err == nil && h.room.Add(-1) >= 0 && !h.kept[i].CompareAndSwap(nil, &m) {
		h.room.Add(1) // another goroutine was quicker
	}
	return m, err
}
