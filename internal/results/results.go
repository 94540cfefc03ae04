// Package results writes what was measured into Markdown pages, a section for each subject.
package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/viz"
)

// Section holds what a subject found: a section of the page, and the same for machines.
type Section struct {
	Subject string `json:"subject"`
	Heading string `json:"heading"`
	Command string `json:"command"` // that makes it
	Machine string `json:"machine"` // of [Machine], with the versions of the peers
	Table   string `json:"-"`       // Markdown
	Rows    any    `json:"rows"`

	Versions []string    `json:"-"` // of the backend and the peers; some may be empty
	Figure   *viz.Figure `json:"-"` // nil: none
}

// Text returns the section without its heading.
func (s Section) Text() string {
	return fmt.Sprintf("`%s`: %s.\n\n%s", s.Command, s.Machine, strings.TrimSpace(s.Table))
}

const opening = "# Measured\n\nThe command that a section begins with wrote it, and replaces it when it runs again. " +
	"Numbers are of the machine, the day and the versions named.\n"

// Replace writes a section of a page: its heading and then text. A section of that heading is replaced, a new one comes last.
func Replace(page, heading, text string) error {
	old, err := file.Read(page, 1<<24)
	if errors.Is(err, fs.ErrNotExist) {
		old, err = []byte(opening), nil
	}
	if err != nil {
		return fmt.Errorf("results: %w", err)
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
	replaced := strings.TrimRight(before, "\n") + "\n" + mark + "\n" + strings.TrimSpace(text) + "\n" + after
	if err := file.WriteBytes(page, []byte(replaced)); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return nil
}

// Machine says when and on what something was measured, and with which versions.
func Machine(versions ...string) string {
	about := fmt.Sprintf("%s, %s, %d × %s, %s", time.Now().UTC().Format(time.DateOnly), runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(),
		processor("/proc/cpuinfo"), runtime.Version())
	return Joined(append([]string{about}, versions...))
}

// Joined puts semicolons between what is not empty: a peer that did nothing has no version.
func Joined(versions []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(versions), func(version string) bool { return version == "" }), "; ")
}

// Commit returns which commit is checked out round a folder, with a + where Go files differ from it, or Go's version where that
// cannot be had.
func Commit(dir string) string {
	head, err := exec.Command("git", "-C", dir, "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return runtime.Version()
	}
	name := strings.TrimSpace(string(head))
	if exec.Command("git", "-C", dir, "diff", "--quiet", "HEAD", "--", ".", ":!*.md", ":!*.png").Run() != nil {
		name += "+"
	}
	return name
}

// processor returns the name of the processors, where the system says it.
func processor(path string) string {
	text, err := file.Read(path, 1<<24)
	if err != nil {
		return "processor"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "processor"
}
