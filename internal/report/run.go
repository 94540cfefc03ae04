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
	"time"

	"github.com/unipair/unipair/internal/workspace"
)

// cellTime is how long a cell may run.
const cellTime = 15 * time.Minute

// patience is after how long a cell is told of while it runs, and again.
const patience = 30 * time.Second

//go:embed runner.py template katex explorer
var files embed.FS

// unpack writes the runner and the template of the pages into dir.
func unpack(dir string) error {
	for from, to := range map[string]string{
		"runner.py": "", "template/conf.json": "templates/unipair", "template/index.html.j2": "templates/unipair",
		"template/page.css": "templates/unipair/static", "katex/katex.inline.css": "templates/unipair/static",
		"katex/katex.min.js": "templates/unipair/static", "katex/auto-render.min.js": "templates/unipair/static",
	} {
		content, err := fs.ReadFile(files, from)
		if err != nil {
			return err
		}
		to = filepath.Join(dir, to)
		if err := errors.Join(os.MkdirAll(to, 0o755), os.WriteFile(filepath.Join(to, filepath.Base(from)), content, 0o644)); err != nil {
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
	explorer  bool // there is one to link to
	progress  io.Writer
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
	about, err := json.Marshal(map[string]any{"title": r.notebook.Title, "footer": r.footer, "explorer": r.explorer, "quick": Quick()})
	if err != nil {
		return nil, err
	}
	aboutPath, cells := filepath.Join(r.temp, r.notebook.Name+".json"), filepath.Join(r.temp, "cells")
	log, err := r.workspace.Log(r.notebook.Name)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if err := errors.Join(os.WriteFile(aboutPath, about, 0o644), os.MkdirAll(cells, 0o755)); err != nil {
		return nil, err
	}
	command := workspace.Command(ctx, r.workspace.Program("python"), filepath.Join(r.temp, "runner.py"), r.notebook.Path, r.pagePath(),
		filepath.Join(r.temp, "templates"), strconv.Itoa(int(cellTime.Seconds())), aboutPath)
	command.Env = append(r.workspace.Env(), "TMPDIR="+cells, "JUPYTER_RUNTIME_DIR="+cells)
	events, writer := io.Pipe()
	var last event
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		last = r.follow(events)
	}()
	err = workspace.Run(command, writer, log)
	writer.Close()
	<-finished
	workspace.KillGroup(last.Group) // whatever became of the runner, the kernel ends
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

// follow tells the progress of the runner's events; the last one comes back, with the kernel's process group.
func (r run) follow(events io.Reader) (last event) {
	said := make(chan event)
	go func() {
		defer close(said)
		scanner := bufio.NewScanner(events)
		for scanner.Scan() {
			var e event
			if json.Unmarshal(scanner.Bytes(), &e) == nil { // else it is not the runner's
				said <- e
			}
		}
		_, _ = io.Copy(io.Discard, events) // a line too long for the scanner must not block the runner
	}()
	var cells, group int
	var start time.Time
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
				last.Group = group
				return last
			}
			tell(fmt.Sprintf("%.1f s", time.Since(start).Seconds()))
			switch e.Event {
			case "start":
				cells = e.Cells
			case "kernel":
				group = e.Group
			case "cell":
				start = time.Now()
			}
			last = e
		case <-time.After(patience):
			tell(fmt.Sprintf("running for %.0f s", time.Since(start).Seconds()))
		}
	}
}
