package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/sync/errgroup"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/workspace"
)

// A Job tells what is to be written.
type Job struct {
	All, Chosen []Notebook // those of the repository, and those that are run
	Out         string     // folder of the pages
	PDF         string     // program of the browser that prints each page too; empty for none

	CellTime time.Duration // how long a cell may run; 0: a quarter of an hour
}

// Write runs the chosen notebooks and writes their pages, the explorer, and the index over all. What fails, fails for itself: a
// notebook leaves a partial page marked so, and the others still run; the error names every failed cell.
func Write(ctx context.Context, w workspace.Workspace, job Job, progress io.Writer) error {
	if err := job.canWrite(); err != nil {
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
	fmt.Fprintln(progress, readTimes(w).foretell(job.Chosen, atOnce()))
	start := time.Now()
	explorerErr := makeExplorer(ctx, w, temp, progress)
	failures, took, err := runAll(ctx, w, job, temp, explorerErr == nil, progress)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	if explorerErr == nil {
		if err := publish(filepath.Join(temp, explorerPage), filepath.Join(job.Out, explorerPage)); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	} else {
		failures = append(failures, explorerErr)
	}
	if err := writeIndex(job.All, explorerErr, job.Out, temp); err != nil {
		return fmt.Errorf("report: index: %w", err)
	}
	if job.PDF != "" {
		if err := printPages(ctx, job, temp, progress); err != nil {
			return err
		}
	}
	fmt.Fprintf(progress, "seconds: %sall %.0f\n", took, time.Since(start).Seconds())
	if len(failures) > 0 {
		return joined(failures)
	}
	return nil
}

// canWrite returns an error unless each page can be written, before there is any, and what is there by its name is one of ours.
func (job Job) canWrite() error {
	names := []string{"index.html", explorerPage, koreanPage}
	for _, n := range job.All { // of those that are not chosen too: links lead there
		names = append(names, n.Name+".html")
	}
	for _, name := range names {
		path := filepath.Join(job.Out, name)
		if err := file.CanWrite(path); err != nil {
			return err
		}
		page, err := file.Read(path, mostPage)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !ourPage.Match(page) {
			return fmt.Errorf("%s is there and no report wrote it: move it away, or give another --out", path)
		}
	}
	return nil
}

// ourPage matches what is in each page that a report writes, the index's, the explorer's and the notebooks' own.
var ourPage = regexp.MustCompile(`<title>Unipair: (report|explorer|질문과 대답)</title>|<nav><a href="index\.html">All notebooks</a>`)

// runAll runs the chosen notebooks, some at once. failures are theirs, err is ours; took says how many seconds each took.
func runAll(ctx context.Context, w workspace.Workspace, job Job, temp string, explorer bool, progress io.Writer) (failures []error, took string, err error) {
	said := &wholeWrites{to: progress}
	failed, seconds := make([]error, len(job.Chosen)), make([]float64, len(job.Chosen))
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(atOnce())
	for i, n := range job.Chosen {
		running.Go(func() error {
			start := time.Now()
			r := run{w, n, temp, footer(w, start), cmp.Or(job.CellTime, cellTime), explorer, said, nil, nil}
			r.before, r.after = job.neighbours(n)
			failure, err := r.page(ctx)
			if err == nil {
				err = publish(r.pagePath(), filepath.Join(job.Out, n.Name+".html"))
			}
			if err != nil {
				return fmt.Errorf("notebook %s: %w", n.Number, err)
			}
			if failure != nil {
				failed[i] = fmt.Errorf("notebook %s, %w", n.Number, failure)
				fmt.Fprintln(said, failed[i])
			}
			seconds[i] = time.Since(start).Seconds()
			return nil
		})
	}
	if err := running.Wait(); err != nil {
		return nil, "", err
	}
	for i, n := range job.Chosen {
		took += fmt.Sprintf("%s %.0f, ", n.Number, seconds[i])
	}
	failures = slices.DeleteFunc(failed, func(failure error) bool { return failure == nil })
	if len(failures) == 0 { // what failed was cut short
		_ = readTimes(w).keep(w, job.Chosen, seconds) // an image's workspace is read-only, and an estimate is no reason to fail
	}
	return failures, took, nil
}

// neighbours returns the notebooks before and after one, nil at an end.
func (job Job) neighbours(n Notebook) (before, after *Notebook) {
	at := slices.IndexFunc(job.All, func(other Notebook) bool { return other.Name == n.Name })
	if at > 0 {
		before = &job.All[at-1]
	}
	if at >= 0 && at+1 < len(job.All) {
		after = &job.All[at+1]
	}
	return before, after
}

// atOnce returns how many notebooks run at a time: most of a short one is compilation, which takes one core. A backend of the user's
// own choice may be a device that two programs cannot share.
func atOnce() int {
	if os.Getenv(backend.Variable) != "" {
		return 1
	}
	return 2
}

// wholeWrites keeps what is written at once together.
type wholeWrites struct {
	to    io.Writer
	mutex sync.Mutex
}

func (w *wholeWrites) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.to.Write(p)
}

// joined makes one line of several errors.
func joined(failures []error) error {
	texts := make([]string, len(failures))
	for i, failure := range failures {
		texts[i] = failure.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}

// mostPage is the size of a page, or of what it is made from, that is read.
const mostPage = 1 << 30

// publish moves a finished file to where it is read, in one step: nobody sees half of it.
func publish(from, to string) error {
	content, err := file.Read(from, mostPage)
	if err != nil {
		return err
	}
	if err := file.WriteBytes(to, content); err != nil {
		return fmt.Errorf("%s is not written: %w", to, err) // a good page that is there stays
	}
	return nil
}

// shownVersions are the modules whose versions a page names.
var shownVersions = map[string]string{
	"github.com/gomlx/gomlx": "GoMLX", "github.com/gomlx/go-xla": "go-xla", "github.com/janpfeifer/gonb": "GoNB",
}

// dateForm is the form in which the pages write when they were made.
const dateForm = "2 January 2006, 15:04 MST"

// versions names what a page was made with.
func versions(w workspace.Workspace) string {
	versions := []string{"Unipair", runtime.Version()}
	if content, err := file.Read(filepath.Join(w.Root, "go.mod"), mostSource); err == nil {
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
	return []string{
		versions(w),
		fmt.Sprintf("%s; %s/%s, %d processors", computes, runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		"Every random choice has a fixed seed, that of its cell or its package's default: another run on this backend gives the same numbers.",
		now.Format(dateForm),
	}
}
