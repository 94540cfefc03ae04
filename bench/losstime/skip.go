package losstime

import "fmt"

// bytesAPair holds the memory that a contender takes for each pair of a batch, measured at N = 8192. Those that are not named take
// no more for a larger batch than it has rows.
var bytesAPair = map[string]float64{"Unipair": 8, "JAX": 14, "JAX, our algorithm": 8, "PyTorch": 40, "PyTorch, compiled": 40, "PML": 76}

// leftOut is the reason of a contender that would take minutes to say of a loss what it says of another.
const leftOut = "left out, as it is measured for circle"

// skip says why a contender does not do a task with so many bytes of memory, or nothing.
func (c contender) skip(t task, bytes int64) string {
	if t.brief && t.rows > 2048 && t.loss != "circle" && c.process == "torch" {
		return leftOut
	}
	rows := float64(t.rows)
	need := bytesAPair[c.Name] * rows * rows
	switch {
	case t.classes > 0:
		need = 40 * rows * float64(t.classes)
	case len(subjects[t.loss].miners) > 0 && need > 0:
		need = max(need, 19*rows*rows) // rows are whole, the choice and autodiff beside them
	case c.word == "library" && t.loss == "nt-xent":
		need = 16 * rows * (perClass - 1) * rows * (rows - perClass) // every positive with every negative pair, four times
	}
	if need > 0.8*float64(bytes) {
		return fmt.Sprintf("needs %.0f GB", need/1e9)
	}
	return ""
}
