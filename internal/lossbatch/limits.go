package lossbatch

import (
	"fmt"
	"math"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/usage"
)

// Limits bound what a computation may take, since a small batch of many rows is much work.
type Limits struct {
	Rows      int // of embeddings, or of weights
	Gigabytes float64
}

// DefaultLimits returns those of `unipair loss`.
func DefaultLimits() Limits { return Limits{Rows: 32768, Gigabytes: 1} }

// Validate returns an error, by the flags of `unipair loss`, unless the limits leave room for something.
func (l Limits) Validate() error {
	if l.Rows < 1 {
		return fmt.Errorf("loss: --rows must be at least 1, got %d", l.Rows)
	}
	if !(l.Gigabytes > 0 && l.Gigabytes <= 1<<20) {
		return fmt.Errorf("loss: --memory must be gigabytes above 0, got %g", l.Gigabytes)
	}
	return nil
}

// Bytes returns the limit of memory.
func (l Limits) Bytes() int64 { return int64(l.Gigabytes * (1 << 30)) }

// refuseRows returns an error for more rows than may be.
func (l Limits) refuseRows(rows int) error {
	if rows <= l.Rows {
		return nil
	}
	return usage.Errorf("batch: it has more than %d rows, and time grows by their square: give it in parts, or --rows with how many "+
		"there are", l.Rows)
}

// refuseMemory returns an error for a computation of more bytes than may be, which says how they would be taken.
func (l Limits) refuseMemory(what fmt.Stringer, bytes int64, how string) error {
	if bytes <= l.Bytes() {
		return nil
	}
	return usage.Errorf("batch: %s need about %s of memory%s, and %s may be taken: give the batch in parts, or --memory %.0f",
		what, file.Size(bytes), how, file.Size(l.Bytes()), math.Ceil(float64(bytes)/(1<<30)))
}
