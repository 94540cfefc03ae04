package compare

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/journal"
	"github.com/unipair/unipair/internal/onednn"
	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// The phases of a comparison.
const (
	phaseTrial = "trial" // settings, each tried once
	phaseSeed  = "seed"  // the chosen setting, of each seed
	phaseTest  = "test"  // the test, asked of networks and baselines
)

// Line is a line of the journal: a training, or what a network makes of the test.
type Line struct {
	Phase  string `json:"phase"`
	Loss   string `json:"loss"`   // or the baseline
	Number uint64 `json:"number"` // of the trial, or the seed, from 1; 0 of a baseline that no seed draws
	Setting
	Best             Point   `json:"best,omitzero"`     // the validation whose network was kept
	Curve            []Point `json:"curve,omitempty"`   // of the validations
	StepMilliseconds float64 `json:"step_ms,omitempty"` // the median
	StepSeconds      float64 `json:"steps_s,omitempty"` // of all steps
	WallSeconds      float64 `json:"wall_s,omitempty"`  // with compiling, validations and checkpoints
	Failure          string  `json:"failure,omitempty"` // the diagnosis of a training that diverged or collapsed: it counts as finding nothing
	Test             *Asked  `json:"test,omitempty"`    // of phase test
}

// Point is a validation: fractions of 1.
type Point struct {
	Step      int     `json:"step"`
	MAPAtR    float64 `json:"map_at_r"`
	RecallAt1 float64 `json:"recall_at_1"`
}

// Comparison is one that is open in its directory.
type Comparison struct {
	settings Settings
	pictures Parts // as they were given
	parts    Parts // as they are trained with: features, where a network from elsewhere makes them
	front    *pretrained.Front
	dir      string
	to       io.Writer
	journal  *journal.Journal[Line]
	compiled *train.Compiled

	left, done int           // trainings
	spent      time.Duration // in those that are done
}

// The files of a comparison's directory.
const (
	settingsName = "compare.json"
	journalName  = "journal.jsonl"
)

// asked holds what a directory is of: all that must be the same for a comparison to go on.
type asked struct {
	Format     int           `json:"format"`
	Settings   Settings      `json:"settings"`
	Steps      int           `json:"steps"` // of each training; those that Minutes were found to have room for
	Backend    string        `json:"backend"`
	Convolver  string        `json:"convolutions"` // by whom; in what earlier releases wrote, empty: by the backend
	Training   train.Content `json:"training"`
	Validation train.Content `json:"validation"`
	Test       train.Content `json:"test"`
	Gallery    train.Content `json:"gallery,omitzero"`
	Runs       int           `json:"runs,omitempty"`
}

// format is that of the files; another one is of another version of this program.
const format = 1

// Open begins a comparison in a directory, or opens the one that is there, which must be of the same settings, data and backend. It says on
// w what it does. Close lets go of the directory.
func Open(ctx context.Context, backend compute.Backend, dir string, s Settings, p Parts, w io.Writer) (c *Comparison, err error) {
	if err := usage.Join(s.Validate(), p.fits(s)); err != nil {
		return nil, err
	}
	c = &Comparison{settings: s, pictures: p, parts: p, dir: dir, to: w, compiled: &train.Compiled{}}
	there, err := c.there()
	if err != nil {
		return nil, err
	}
	if c.journal, err = journal.Open[Line](filepath.Join(dir, journalName)); err != nil {
		if errors.Is(err, journal.ErrHeld) {
			err = fmt.Errorf("compare: %w: another comparison goes on in %s; wait for it, or give another --out", err, dir)
		}
		return nil, err
	}
	held := c.journal
	defer func() {
		if err != nil {
			err = errors.Join(err, held.Close())
		}
	}()
	if err := c.throughBackbone(ctx, backend, there); err != nil {
		return nil, err
	}
	ask := c.asked(backend)
	if there != nil {
		ask.Steps = there.Steps
		if err := there.same(dir, ask); err != nil {
			return nil, err
		}
		fmt.Fprintf(w, "%s has %d lines of this comparison: going on\n", dir, len(c.journal.Entries))
	} else if ask.Steps, err = c.plan(ctx, backend); err != nil {
		return nil, err
	}
	c.settings.Config.Steps = ask.Steps
	if there != nil {
		return c, nil
	}
	text, err := json.MarshalIndent(ask, "", "  ")
	if err == nil {
		err = file.WriteBytes(filepath.Join(dir, settingsName), append(text, '\n'))
	}
	return c, err
}

// Make reads and divides the data of settings, and makes the comparison in a directory, or goes on with it, as [Open] and [Comparison.Run] do.
func Make(
	ctx context.Context, backend compute.Backend, dir string, s Settings, o data.Options, w io.Writer,
) (result Result, err error) {
	set, err := datasets.Find(s.Data)
	if err != nil {
		return result, err
	}
	parts, err := Divide(ctx, set, o)
	if err != nil {
		return result, err
	}
	c, err := Open(ctx, backend, dir, s, parts, w)
	if err != nil {
		return result, err
	}
	result, err = c.Run(ctx, backend)
	return result, errors.Join(err, c.Close())
}

// Close lets go of the directory.
func (c *Comparison) Close() error { return c.journal.Close() }

var partial = regexp.MustCompile("^" + file.Partial + "$")

// there reads what a directory is of; nil where nothing is there. A directory with other things in it is refused.
func (c *Comparison) there() (*asked, error) {
	text, err := file.Read(filepath.Join(c.dir, settingsName), 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(c.dir)
		for _, entry := range entries {
			if name := entry.Name(); name != journalName && !partial.MatchString(name) { // which a plan that was stopped leaves
				return nil, usage.Errorf("compare: %s has files that are of no comparison, such as %s: give --out a new directory", c.dir, name)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	var found asked
	if err := strictjson.UnmarshalSome(text, &found); err != nil {
		return nil, fmt.Errorf("compare: %s is damaged: %w; give another --out", filepath.Join(c.dir, settingsName), err)
	}
	if found.Format != format {
		return nil, fmt.Errorf("compare: %s is of format %d, and this version has %d: give another --out", filepath.Join(c.dir, settingsName),
			found.Format, format)
	}
	found.Convolver = cmp.Or(found.Convolver, found.Backend)
	return &found, nil
}

// throughBackbone makes features of the parts, where a network from elsewhere stands before a head: each picture's once.
func (c *Comparison) throughBackbone(ctx context.Context, backend compute.Backend, there *asked) error {
	n := &c.settings.Config.Network
	if !n.IsBackbone() {
		return nil
	}
	if f := c.parts.Train.Format(); f.Features > 0 {
		return usage.Errorf("compare: %s has features, and %s takes pictures: give --architecture %s or %s", c.parts.Train.Name(), n.Architecture,
			train.ArchitectureLinear, train.ArchitectureMLP)
	}
	var before train.Network
	if there != nil {
		before = there.Settings.Config.Network
	}
	o, err := pretrained.Begin(ctx, backend, *n, before, c.to)
	if err != nil {
		return err
	}
	o.Prepare(c.parts.Train.Format())
	*n = o.Network
	if c.front, err = o.Front(); err != nil {
		return err
	}
	for _, part := range []*data.Dataset{&c.parts.Train, &c.parts.Validation, &c.parts.Test.Queries, &c.parts.Test.Gallery} {
		if *part == nil {
			continue
		}
		if *part, err = c.front.Of(ctx, *part); err != nil {
			return err
		}
	}
	return nil
}

// asked returns what the comparison is of.
func (c *Comparison) asked(backend compute.Backend) asked {
	p := c.pictures
	a := asked{
		Format: format, Settings: c.settings, Steps: c.settings.Config.Steps, Backend: backend.Name(), Convolver: convolver(backend),
		Training: train.ContentOf(p.Train), Validation: train.ContentOf(p.Validation), Runs: len(p.Runs),
	}
	if p.Test.Queries != nil {
		a.Test = train.ContentOf(p.Test.Queries)
	}
	if p.Test.Gallery != nil {
		a.Gallery = train.ContentOf(p.Test.Gallery)
	}
	return a
}

// same returns an error that names what is otherwise in a directory than asked for.
func (a asked) same(dir string, other asked) error {
	there, err := strictjson.Flatten(a)
	if err != nil {
		return err
	}
	now, err := strictjson.Flatten(other)
	if err != nil {
		return err
	}
	differences := strictjson.Differences(there, now)
	if len(differences) == 0 {
		return nil
	}
	for i := range differences {
		differences[i] = strings.TrimPrefix(differences[i], "settings.")
	}
	give := "the same settings and data"
	if a.Convolver != other.Convolver {
		give += fmt.Sprintf(", and $%s (xla, or unset),", onednn.Variable)
	}
	return usage.Errorf("compare: %s holds another comparison (%s): give %s to go on with it, or another --out", dir, strings.Join(differences, "; "), give)
}

// convolver returns who computes convolutions, for times and the last bits go by that.
func convolver(backend compute.Backend) string {
	by, _, _ := strings.Cut(onednn.Convolver(backend), " ")
	return cmp.Or(by, backend.Name())
}
