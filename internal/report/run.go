package report

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/internal/workspace"
)

// cellTime bounds how long a cell runs.
const cellTime = 15 * time.Minute

// Past its time the runner ends a cell. overrun later its kernel is killed, whatever keeps the runner busy. All else that the runner does
// it has stuckTime for.
const (
	overrun   = 5 * time.Second
	stuckTime = 5 * time.Minute
)

// patience is after how long a cell is told of while it runs, and again.
const patience = 30 * time.Second

//go:embed runner.py failures.py template katex explorer
var files embed.FS

// unpack writes the runner and the template of the pages into dir.
func unpack(dir string) error {
	for from, to := range map[string]string{
		"runner.py": "", "failures.py": "", "template/conf.json": "templates/unipair", "template/index.html.j2": "templates/unipair",
		"template/page.css": "templates/unipair/static", "katex/katex.inline.css": "templates/unipair/static",
		"katex/katex.min.js": "templates/unipair/static", "katex/auto-render.min.js": "templates/unipair/static",
	} {
		content, err := fs.ReadFile(files, from)
		if err != nil {
			return err
		}
		if err := file.WriteBytes(filepath.Join(dir, to, filepath.Base(from)), content); err != nil {
			return err
		}
	}
	return nil
}

// run is one notebook on its way to a page in temp.
type run struct {
	workspace workspace.Workspace
	notebook  Notebook
	temp      string
	footer    []string
	cellTime  time.Duration
	explorer  bool // there is one to link to
	progress  io.Writer

	before, after *Notebook // its neighbours among all; nil for none
}

// event is a line of runner.py.
type event struct {
	Event string `json:"event"`
	Cells int    `json:"cells"`
	Group int    `json:"group"`
	Cell  int    `json:"cell"`
	Error string `json:"error"`
}

func (r run) pagePath() string { return filepath.Join(r.temp, r.notebook.Name+".html") }

// page runs the notebook and makes its page. failure is the notebook's: the page is there and says so. err is ours.
func (r run) page(ctx context.Context) (failure, err error) {
	about, err := json.Marshal(map[string]any{"title": r.notebook.Title, "number": r.notebook.Number, "before": r.before, "after": r.after,
		"footer": r.footer, "explorer": r.explorer, "quick": quick.Asked()})
	if err != nil {
		return nil, err
	}
	aboutPath, cells := filepath.Join(r.temp, r.notebook.Name+".json"), filepath.Join(r.temp, "cells")
	log, err := r.workspace.Log(r.notebook.Name)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if err := errors.Join(file.WriteBytes(aboutPath, about), os.MkdirAll(cells, 0o755)); err != nil {
		return nil, err
	}
	runnerCtx, stop := context.WithCancel(ctx)
	defer stop()
	command := workspace.Command(runnerCtx, r.workspace.Program("python"), filepath.Join(r.temp, "runner.py"), r.notebook.Path, r.pagePath(),
		filepath.Join(r.temp, "templates"), strconv.Itoa(int(r.cellTime.Seconds())), aboutPath)
	command.Env = append(r.workspace.Env(), "TMPDIR="+cells, "JUPYTER_RUNTIME_DIR="+cells)
	events, writer := io.Pipe()
	var last event
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		last = r.follow(events, stop)
	}()
	err = workspace.Run(command, writer, log)
	writer.Close()
	<-finished
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("the runner failed: %w; the log is %s", err, log.Name())
	case last.Error != "":
		return fmt.Errorf("cell %d: %s", last.Cell, last.Error), nil
	}
	return nil, nil
}

// follow tells the progress of the runner's events and returns the last one. It ends the kernel of a cell that is past its time, and
// stops a runner that does not end then.
func (r run) follow(events io.Reader, stop func()) (last event) {
	said := make(chan event)
	go read(events, said)
	var cells, group int
	start := time.Now()
	late := time.NewTimer(stuckTime)
	tell := func(how string) {
		if last.Event == "cell" {
			fmt.Fprintf(r.progress, "notebook %s, cell %d of %d: %s\n", r.notebook.Number, last.Cell, cells, how)
		}
	}
	for {
		select {
		case e, more := <-said:
			if !more {
				tell("stopped")
				return last
			}
			tell(fmt.Sprintf("%.1f s", time.Since(start).Seconds()))
			switch e.Event {
			case "start":
				cells = e.Cells
			case "kernel":
				group = e.Group
			}
			start = time.Now()
			late.Reset(stuckTime)
			if e.Event == "cell" {
				late.Reset(r.cellTime + overrun)
			}
			last = e
		case <-late.C:
			if last.Event == "cell" && group > 1 {
				tell("ended: it is past its time")
				_ = syscall.Kill(-group, syscall.SIGKILL) // it may have ended just now
				group = 0
				late.Reset(stuckTime)
			} else {
				stop()
			}
		case <-time.After(patience):
			tell(fmt.Sprintf("running for %.0f s", time.Since(start).Seconds()))
		}
	}
}

// read sends the runner's events, one per line, to the channel, which it closes at their end.
func read(events io.Reader, said chan<- event) {
	defer close(said)
	scanner := bufio.NewScanner(events)
	for scanner.Scan() {
		var e event
		if json.Unmarshal(scanner.Bytes(), &e) == nil { // else it is not the runner's
			said <- e
		}
	}
	_, _ = io.Copy(io.Discard, events) // a line too long for the scanner must not block the runner
}
