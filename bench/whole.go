package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/results"
)

// Whole holds all subjects as one run measured them, by one commit on one machine: what bench/RESULTS.md is made of. It is kept on the disk
// after each subject, so that a run that was interrupted goes on.
type Whole struct {
	Begun    time.Time  `json:"begun"`
	Machine  string     `json:"machine"`
	Commit   string     `json:"commit"`
	Small    bool       `json:"small"`
	Sittings []float64  `json:"sittings"` // the load average before each
	Done     []Measured `json:"done"`

	root string
}

// Measured is a subject that was measured.
type Measured struct {
	Subject  string          `json:"subject"`
	Heading  string          `json:"heading"`
	Command  string          `json:"command"`
	Versions []string        `json:"versions"`
	Table    string          `json:"table"`
	Rows     json.RawMessage `json:"rows"`
	Figure   []byte          `json:"figure,omitempty"` // PNG
	Seconds  float64         `json:"seconds"`
}

// WholeOptions say how [All] measures.
type WholeOptions struct {
	Small bool // the smallest sizes and one round: whether every subject runs
	Busy  bool // on a busy machine too
	Anew  bool // forget what an interrupted run has measured
}

// longest bounds how old an interrupted run may be to go on.
const longest = 24 * time.Hour

// All measures every subject, or those that an interrupted run of this commit on this machine has not.
func All(ctx context.Context, c Config, o WholeOptions) (*Whole, error) {
	return c.all(ctx, Subjects(), o, func() (float64, error) {
		if o.Busy {
			return readLoad()
		}
		return c.idle(ctx, readLoad, patience)
	})
}

// all measures subjects once quiet says how busy the machine is.
func (c Config) all(ctx context.Context, subjects []Subject, o WholeOptions, quiet func() (load float64, err error)) (*Whole, error) {
	w, err := c.begun(o)
	if err != nil {
		return nil, err
	}
	if len(w.Done) == len(subjects) {
		c.Progress(fmt.Sprintf("all %d subjects were measured in the run begun at %s: --anew measures again", len(subjects), w.when()))
		return w, nil
	}
	if len(w.Done) > 0 {
		c.Progress(fmt.Sprintf("goes on with the run begun at %s, of which %d of %d subjects are done", w.when(), len(w.Done), len(subjects)))
	}
	load, err := quiet()
	if err != nil {
		return nil, err
	}
	w.Sittings = append(w.Sittings, load)
	for i, s := range subjects {
		if slices.ContainsFunc(w.Done, func(m Measured) bool { return m.Subject == s.Name }) {
			continue
		}
		config, small, long := c, s.smallest, fmt.Sprintf(", about %d min", s.Minutes)
		if o.Small {
			long = ""
			small.Root, small.Self, small.Progress = c.Root, c.Self, c.Progress
			config = small
		}
		c.Progress(fmt.Sprintf("%s, %d of %d%s", s.Name, i+1, len(subjects), long))
		begin := time.Now()
		section, err := s.Run(ctx, config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		section.Command = "unipair bench " + s.Name
		if err := w.keep(section, time.Since(begin)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// begun returns the run that was interrupted, or a new one.
func (c Config) begun(o WholeOptions) (*Whole, error) {
	_, machine, _ := strings.Cut(results.Machine(), ", ") // without its date
	fresh := &Whole{Begun: time.Now().UTC(), Machine: machine, Commit: results.Commit(c.Root), Small: o.Small, root: c.Root}
	raw, err := file.Read(fresh.journal(), 1<<30)
	if errors.Is(err, fs.ErrNotExist) || o.Anew {
		return fresh, nil
	}
	var old Whole
	if err == nil {
		err = json.Unmarshal(raw, &old)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("bench: what an interrupted run has kept cannot be read: %w; --anew begins again", err)
	case strings.HasSuffix(fresh.Commit, "+"):
		c.Progress(fmt.Sprintf("files differ from commit %s: what was measured before may be of others, and the run begins anew", fresh.Commit))
		return fresh, nil
	case old.Commit != fresh.Commit || old.Machine != fresh.Machine:
		c.Progress(fmt.Sprintf("the run begun at %s was of commit %s on %s: begins again", old.when(), old.Commit, old.Machine))
		return fresh, nil
	case time.Since(old.Begun) > longest:
		c.Progress(fmt.Sprintf("the run begun at %s is too old: begins again", old.when()))
		return fresh, nil
	}
	old.root = c.Root
	return &old, nil
}

// keep adds a section and writes the run down.
func (w *Whole) keep(s results.Section, took time.Duration) error {
	m := Measured{Subject: s.Subject, Heading: s.Heading, Command: s.Command, Versions: s.Versions, Table: strings.TrimSpace(s.Table), Seconds: took.Seconds()}
	var err error
	if m.Rows, err = json.Marshal(s.Rows); err == nil && s.Figure != nil {
		m.Figure, err = s.Figure.PNG()
	}
	w.Done = append(w.Done, m)
	var raw []byte
	if err == nil {
		raw, err = json.Marshal(w)
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(w.journal()), 0o777)
	}
	if err == nil {
		err = file.WriteBytes(w.journal(), raw)
	}
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// journal returns the file of a run. One of the smallest sizes has another.
func (w *Whole) journal() string {
	name := "whole.json"
	if w.Small {
		name = "smallest.json"
	}
	return filepath.Join(w.root, ".workspace", "bench", name)
}

// forget removes what was kept of a run.
func (w *Whole) forget() error {
	if err := os.Remove(w.journal()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

func (w *Whole) when() string { return w.Begun.Format("2006-01-02 15:04 UTC") }
