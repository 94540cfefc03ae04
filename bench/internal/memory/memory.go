// Package memory says what memory a process takes, and what the machine has left.
package memory

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// Taken returns how much memory this process has (VmRSS) or at most had (VmHWM), in bytes.
func Taken(what string) (int64, error) { return fromProc("/proc/self/status", what) }

// Available returns how much memory programs can still have, in bytes; where the system does not say so, 8 GB are taken for granted.
func Available() int64 {
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
