package rundir

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/unipair/unipair/pkg/train"
)

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
