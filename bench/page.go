package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/results"
)

// The pages that are made of a run, from the root of the repository.
const (
	resultsPage = "bench/RESULTS.md"
	summaryPage = "docs/performance.md"
)

// Text returns bench/RESULTS.md: when and on what, and a section for each subject.
func (w *Whole) Text() string {
	var text strings.Builder
	head := "# Measured\n\n`unipair bench all --write` wrote this page, whole: %s. Each section has the command that measures it alone, " +
		"and the versions of those beside.\n"
	if w.Small {
		head = "# A trial of the smallest sizes\n\n`unipair bench all --smallest`, for whether every subject runs: %s.\n"
	}
	fmt.Fprintf(&text, head, w.state())
	for _, m := range w.Done {
		fmt.Fprintf(&text, "\n## %s\n\n", m.Heading)
		if m.Figure != nil {
			fmt.Fprintf(&text, "![%s](%s.png)\n\n", m.Heading, m.Subject)
		}
		fmt.Fprintf(&text, "`%s`: %s; %.1f min.\n\n%s\n", m.Command, results.Joined(m.Versions), m.Seconds/60, strings.TrimSpace(m.Table))
	}
	text.WriteString(onGPU(w.root))
	return text.String()
}

// onGPU returns the section about GPUs: that nothing was run on one, unless the table of a run lies in the repository.
func onGPU(root string) string {
	const heading = "\n## On a GPU\n\n"
	if _, err := os.Stat(filepath.Join(root, "bench", "gpu", "table.md")); err != nil {
		return heading + "*Not run.* `bench/gpu` is prepared for a machine that has one: golden values, pairs, a training and a network " +
			"from an ONNX file, beside JAX and PyTorch on the same GPU.\n"
	}
	return heading + "By `bench/gpu`: [its table](gpu/table.md), with the date and the machine.\n"
}

// state says when and on what the run was, and how busy that machine was before.
func (w *Whole) state() string {
	var loads []string
	for _, load := range w.Sittings {
		if load == unknownLoad {
			loads = append(loads, "unknown")
			continue
		}
		loads = append(loads, fmt.Sprintf("%.2f", load))
	}
	sittings := "in one sitting"
	if len(loads) > 1 {
		sittings = fmt.Sprintf("in %d sittings", len(loads))
	}
	var took time.Duration
	for _, m := range w.Done {
		took += time.Duration(m.Seconds * float64(time.Second))
	}
	return fmt.Sprintf("begun at %s, commit %s, %s, load average before it %s, %.0f minutes %s",
		w.when(), w.Commit, w.Machine, strings.Join(loads, " and "), took.Minutes(), sittings)
}

// Write replaces bench/RESULTS.md and its figures, and the table of docs/performance.md, which it makes of the same text. Then the
// run is at an end.
func (w *Whole) Write() error {
	page := w.Text()
	path := filepath.Join(w.root, summaryPage)
	old, err := file.Read(path, 1<<24)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	summary, err := replaceSummary(string(old), page)
	if err != nil {
		return fmt.Errorf("bench: %s: %w", summaryPage, err)
	}
	for _, m := range w.Done {
		if m.Figure == nil {
			continue
		}
		if err := file.WriteBytes(filepath.Join(w.root, "bench", m.Subject+".png"), m.Figure); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	if err := file.WriteBytes(filepath.Join(w.root, resultsPage), []byte(page)); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if err := file.WriteBytes(path, []byte(summary)); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return w.forget()
}
