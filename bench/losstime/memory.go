package losstime

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// taken returns how much memory this process has (VmRSS) or at most had (VmHWM), in bytes.
func taken(what string) (int64, error) { return fromProc("/proc/self/status", what) }

// available returns how much memory programs can still have, in bytes; where the system does not say so, 8 GB are taken for granted.
func available() int64 {
	bytes, err := fromProc("/proc/meminfo", "MemAvailable")
	if err != nil {
		return 8e9
	}
	return bytes
}

// fromProc reads a line "what: n kB".
func fromProc(path, what string) (int64, error) {
	text, err := file.Read(path, 1<<20)
	if err != nil {
		return 0, fmt.Errorf("memory is measured on Linux only: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == what+":" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no %s", path, what)
}

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
