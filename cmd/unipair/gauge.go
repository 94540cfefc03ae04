package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// gauge shows how far something is that takes long and cannot say how long: a line that is written over on a terminal, and a few lines
// elsewhere. What is done within a second is not shown.
type gauge struct {
	w        io.Writer
	unit     string
	of       float64 // what is counted in one unit
	terminal bool

	mu    sync.Mutex
	name  string // what is shown now
	begun time.Time
	next  time.Time // when there is something to say again
	open  bool      // the terminal's line is begun and not ended
}

func newGauge(w io.Writer, unit string, of float64) *gauge {
	g := &gauge{w: w, unit: unit, of: of}
	if screen := screenOf(w); screen != nil {
		g.w, g.terminal = screen, true
	}
	return g
}

// show says that so much of a whole is done; a whole of 0 is not known. It may be called from several goroutines.
func (g *gauge) show(name string, done, whole int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if name != g.name {
		g.name, g.begun, g.next = name, now, now.Add(time.Second)
	}
	name = inLine(name)
	last := done == whole && now.Sub(g.begun) > time.Second
	if now.Before(g.next) && !last {
		return
	}
	text := fmt.Sprintf("%s: %.1f of %.1f %s", name, float64(done)/g.of, float64(whole)/g.of, g.unit)
	switch {
	case whole <= 0:
		text = fmt.Sprintf("%s: %.1f %s", name, float64(done)/g.of, g.unit)
	case g.of == 1:
		text = fmt.Sprintf("%s: %d of %d %s", name, done, whole, g.unit)
	}
	switch {
	case !g.terminal:
		fmt.Fprintln(g.w, text)
		g.next = now.Add(10 * time.Second)
	case last:
		fmt.Fprintf(g.w, "\r%s\x1b[K\n", text)
		g.open = false
	default:
		fmt.Fprintf(g.w, "\r%s\x1b[K", text)
		g.open = true
		g.next = now.Add(100 * time.Millisecond)
	}
}

// end ends the terminal's line, so that something else can be said.
func (g *gauge) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open {
		fmt.Fprintln(g.w)
		g.open = false
	}
}
