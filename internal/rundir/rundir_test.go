package rundir

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// little is a training of two steps on rendered characters, with its set.
func little(t *testing.T) (recipe.Run, datasets.Set) {
	t.Helper()
	run := recipe.Default()
	run.Data, run.Steps, run.Size, run.Width, run.Dim, run.Classes, run.PerClass = "glyphs", 2, 16, 2, 8, 4, 2
	set, err := datasets.Find(run.Data)
	if err != nil {
		t.Fatal(err)
	}
	return run, set
}

// A training leaves what it was, how it went and a figure of that in its directory, and goes on there.
func TestTrain(t *testing.T) {
	device, dir := backendtest.Go(t), filepath.Join(t.TempDir(), "run")
	run, set := little(t)
	for _, c := range []struct {
		name  string
		steps int
		says  string
	}{
		{"begun", 2, "training circle on glyphs, training: 40 classes, 800 images\n"},
		{"again", 2, "has 2 steps of a run with circle: resuming\n"},
	} {
		var said bytes.Buffer
		job, err := Open(run, set, dir, train.Options{}, &said)
		if err != nil {
			t.Fatal(err)
		}
		result, err := job.Train(t.Context(), device)
		if err != nil || result.Step != c.steps || !result.Tested || !strings.Contains(said.String(), c.says) {
			t.Errorf("%s: %+v, %v; said %q, want %q", c.name, result, err, &said, c.says)
		}
	}
	for _, name := range []string{recipe.FileName, figureName, "history.jsonl"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	left, err := recipe.Read(filepath.Join(dir, recipe.FileName))
	run.Warmup, run.Invert = 1, data.InvertOff // all but the last of its steps, and as the set says
	if err != nil || !reflect.DeepEqual(left, run) {
		t.Errorf("%s says %+v, %v; want %+v", recipe.FileName, left, err, run)
	}
}

// A training that cannot be is refused before there is a directory, and one that is stopped says where.
func TestTrainRefuses(t *testing.T) {
	device := backendtest.Go(t)
	run, set := little(t)
	dir := filepath.Join(t.TempDir(), "run")
	run.Validation.Patience = 2
	var said bytes.Buffer
	job, err := Open(run, set, dir, train.Options{}, &said)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Train(t.Context(), device); !usage.Is(err) || !strings.Contains(err.Error(), "need --validate") {
		t.Errorf("patience without validation: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refused training made its directory")
	}

	run, _ = little(t)
	if job, err = Open(run, set, dir, train.Options{}, &said); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := job.Train(ctx, device); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// A history without any pair has no figure, and the training that made it is none the worse.
func TestNoFigureOfNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), figureName)
	if err := drawHistory(path, "circle", []train.Record{{Step: 1}}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a figure")
	}
}
