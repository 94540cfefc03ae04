package viz_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/pkg/viz"
)

// What is saved keeps the user's umask, and what is no file is not written into.
func TestSaveIsWhole(t *testing.T) {
	figure, err := viz.LineCharts(1, viz.LineChart{Title: "a", Curves: []viz.Curve{{Name: "b", X: []float64{0, 1}, Mean: []float64{0, 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	animation := viz.Animation{Name: "n", Frames: []viz.Frame{{Label: "1", Figure: figure}, {Label: "2", Figure: figure}}}
	for name, save := range map[string]func(string) error{
		"figure.svg": figure.Save, "figure.png": figure.Save, "still.svg": animation.Save, "page.html": animation.Save,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		umask := syscall.Umask(0o077)
		err := save(path)
		syscall.Umask(umask)
		if info, there := os.Stat(path); err != nil || there != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: %v, %v: want a file for its owner alone", name, err, info)
		}
		if err := os.Mkdir(filepath.Join(dir, "folder"+name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := save(filepath.Join(dir, "folder"+name)); err == nil || !strings.Contains(err.Error(), "is a folder") {
			t.Errorf("%s: over a folder: %v", name, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
			t.Errorf("%s: the folder has %v, %v", name, entries, err)
		}
	}
}
