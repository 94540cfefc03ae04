package lossbatch

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

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
	return usage.Errorf("batch: it has more than %d rows, and time grows by their square: give it in parts, or --rows with how many there are", l.Rows)
}

// refuseMemory returns an error for a computation of more bytes than may be, which says how they would be taken.
func (l Limits) refuseMemory(b Batch, bytes int64, how string) error {
	if bytes <= l.Bytes() {
		return nil
	}
	what := fmt.Sprintf("%d embeddings", b.embeddings.rows)
	if b.weights.rows > 0 {
		what += fmt.Sprintf(" and %d rows of weights", b.weights.rows)
	}
	return usage.Errorf("batch: %s need about %s of memory%s, and %s may be taken: give the batch in parts, or --memory %.0f",
		what, file.Size(bytes), how, file.Size(l.Bytes()), math.Ceil(float64(bytes)/(1<<30)))
}

// peak returns how many bytes of results a graph holds at once, at most, in the order in which it was built. Each is held from where it is
// computed to where it is last looked at. A backend that fuses operations holds less.
func peak(outputs ...*graph.Node) int64 {
	nodes := outputs[0].Graph().Nodes()
	last := make(map[*graph.Node]int) // where a node that is needed is last looked at
	for _, out := range outputs {
		last[out] = len(nodes)
	}
	freed := make([]int64, len(nodes)+1)
	for i := len(nodes) - 1; i >= 0; i-- {
		if _, needed := last[nodes[i]]; !needed {
			continue
		}
		for _, input := range nodes[i].Inputs() {
			if _, known := last[input]; !known {
				last[input] = i
			}
		}
		freed[last[nodes[i]]] += bytesOf(nodes[i])
	}
	var held, most int64
	for i, node := range nodes {
		if _, needed := last[node]; needed {
			held += bytesOf(node)
			most = max(most, held)
			held -= freed[i]
		}
	}
	return most
}

// bytesOf returns the size of a node's result; one of several results has parts of its own, which are nodes.
func bytesOf(node *graph.Node) int64 {
	if node.NumOutputs() != 1 {
		return 0
	}
	return int64(node.Shape().ByteSize())
}
