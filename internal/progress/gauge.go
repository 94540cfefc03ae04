package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/unipair/unipair/internal/escape"
)

// Gauge shows how much is done of something, and how long the rest will take: every tenth of a second on a terminal, every ten seconds
// elsewhere. What is done within a second is not shown.
type Gauge struct {
	unit string
	of   float64 // what is counted in one unit

	mu    sync.Mutex
	line  line
	name  string // what is shown now
	begun time.Time
	from  int64     // what was done then
	next  time.Time // when there is something to say again
}

// NewGauge returns a gauge that writes to w, and counts in a unit of so many.
func NewGauge(w io.Writer, unit string, of float64) *Gauge {
	return &Gauge{unit: unit, of: of, line: newLine(w)}
}

// Show says that so much of a whole is done; a whole of 0 is not known. It may be called from several goroutines.
func (g *Gauge) Show(name string, done, whole int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if name != g.name {
		g.name, g.begun, g.from, g.next = name, now, done, now.Add(time.Second)
	}
	last := done == whole && now.Sub(g.begun) > time.Second
	if now.Before(g.next) && !last {
		return
	}
	g.next = now.Add(10 * time.Second)
	if g.line.width != nil {
		g.next = now.Add(100 * time.Millisecond)
	}
	g.line.say(escape.Line(name) + ": " + g.amount(done, whole) + g.left(now, done, whole))
	if last {
		g.line.end()
	}
}

func (g *Gauge) amount(done, whole int64) string {
	switch {
	case whole <= 0:
		return fmt.Sprintf("%.1f %s", float64(done)/g.of, g.unit)
	case g.of == 1:
		return fmt.Sprintf("%d of %d %s", done, whole, g.unit)
	}
	return fmt.Sprintf("%.1f of %.1f %s", float64(done)/g.of, float64(whole)/g.of, g.unit)
}

// left says how long the rest will take, going by what was done since the gauge first showed it; empty where that is not known.
func (g *Gauge) left(now time.Time, done, whole int64) string {
	if done <= g.from || done >= whole {
		return ""
	}
	return fmt.Sprintf(", about %s left", Words(rest(now.Sub(g.begun), done-g.from, whole-done)))
}

// End ends the terminal's line, so that something else can be said.
func (g *Gauge) End() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.line.end()
}
