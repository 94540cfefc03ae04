// Package results keeps what the programs under bench measure in one page, a section each.
package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/gomlx/compute"
)

const opening = "# Measured\n\nWritten by the programs under `bench`; each replaces its own section. Numbers are of the machine, the day and the versions named.\n"

// Replace writes a section of a page: its heading and then text. A section of that heading is replaced, a new one comes last.
func Replace(page, heading, text string) error {
	old, err := os.ReadFile(page)
	if errors.Is(err, fs.ErrNotExist) {
		old, err = []byte(opening), nil
	}
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	mark := "\n## " + heading + "\n"
	before, after, found := strings.Cut(string(old), mark)
	if found {
		if _, rest, more := strings.Cut(after, "\n## "); more {
			after = "\n## " + rest
		} else {
			after = ""
		}
	}
	whole := strings.TrimRight(before, "\n") + "\n" + mark + "\n" + strings.TrimSpace(text) + "\n" + after
	if err := os.WriteFile(page, []byte(whole), 0o666); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// Circumstances says when and on what something was measured.
func Circumstances(device compute.Backend) string {
	return fmt.Sprintf("%s, %s/%s, %d processors, %s, backend %s", time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), runtime.Version(), device.Name())
}
