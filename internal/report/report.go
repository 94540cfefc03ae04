package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/workspace"
)

// Write runs the notebooks, one after the other, and writes their pages to the folder out, and its index over all. A notebook
// that fails leaves a partial page marked so, and the others still run; the error names every failed cell.
func Write(ctx context.Context, w workspace.Workspace, all, chosen []Notebook, out string, progress io.Writer) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	temp, remove, err := workspace.TempDir()
	if err != nil {
		return err
	}
	defer remove()
	if err := unpack(temp); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var failures []error
	explorerErr := writeExplorer(ctx, w, out, temp, progress)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if explorerErr != nil {
		explorerErr = fmt.Errorf("explorer: %w", explorerErr)
		fmt.Fprintln(progress, explorerErr)
		failures = append(failures, explorerErr)
	}
	for _, n := range chosen {
		start := time.Now()
		r := run{w, n, temp, footer(w, start), explorerErr == nil, progress}
		failure, err := r.page(ctx)
		if err == nil {
			err = publish(r.pagePath(), filepath.Join(out, n.Name+".html"))
		}
		if err != nil {
			return fmt.Errorf("notebook %s: %w", n.Number, err)
		}
		if failure != nil {
			fmt.Fprintf(progress, "notebook %s, %v\n", n.Number, failure)
			failures = append(failures, fmt.Errorf("notebook %s, %w", n.Number, failure))
			continue
		}
		fmt.Fprintf(progress, "notebook %s: done in %.0f s\n", n.Number, time.Since(start).Seconds())
	}
	if err := writeIndex(all, explorerErr, out, temp); err != nil {
		return fmt.Errorf("report: index: %w", err)
	}
	if len(failures) > 0 {
		return joined(failures)
	}
	return nil
}

// joined makes one line of several errors.
func joined(failures []error) error {
	texts := make([]string, len(failures))
	for i, failure := range failures {
		texts[i] = failure.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}

// publish moves a finished file to where it is read, in one step: nobody sees half of it.
func publish(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(to), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // after the rename there is none
	_, err = part.Write(content)
	if err := errors.Join(err, part.Chmod(0o644), part.Close()); err != nil {
		return fmt.Errorf("%s is not written: %w", to, err) // a good page that is there stays
	}
	return os.Rename(part.Name(), to)
}

// shownVersions are the modules whose versions a page names.
var shownVersions = map[string]string{
	"github.com/gomlx/gomlx": "GoMLX", "github.com/gomlx/go-xla": "go-xla", "github.com/janpfeifer/gonb": "GoNB",
}

// dateForm is how the pages write when they were made.
const dateForm = "2 January 2006, 15:04 MST"

// versions names what a page was made with.
func versions(w workspace.Workspace) string {
	versions := []string{"Unipair", runtime.Version()}
	if content, err := os.ReadFile(filepath.Join(w.Root, "go.mod")); err == nil {
		if mod, err := modfile.Parse("go.mod", content, nil); err == nil {
			for _, require := range mod.Require {
				if name, shown := shownVersions[require.Mod.Path]; shown {
					versions = append(versions, name+" "+require.Mod.Version)
				}
			}
		}
	}
	return strings.Join(versions, ", ")
}

// footer says with what a notebook's page was made.
func footer(w workspace.Workspace, now time.Time) []string {
	_, computes := backend.Choose()
	lines := []string{
		versions(w),
		fmt.Sprintf("%s; %s/%s, %d processors", computes, runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		"Every random choice has a fixed seed: times aside, another run on this backend gives the same numbers.",
		now.Format(dateForm),
	}
	if os.Getenv("UNIPAIR_QUICK") != "" {
		lines = append(lines, "UNIPAIR_QUICK was set: training was cut short, and the numbers are not the full run's.")
	}
	return lines
}
