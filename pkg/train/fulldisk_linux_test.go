package train_test

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/disktest"
	"github.com/unipair/unipair/pkg/train"
)

// TestNoSpaceLeft fills a disk so that half a checkpoint still fits: the checkpoint before must stay, the error say where to make room, and
// the run go on when there is.
func TestNoSpaceLeft(t *testing.T) {
	disktest.Small(t, func(dir string) {
		b, c := backendtest.Go(t), tiny()
		c.Steps, c.Warmup, c.Width = 4, 0, 8
		var makeRoom func()
		_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir, SaveEvery: 1, Progress: func(r train.Record) {
			if r.Step == 3 {
				makeRoom = disktest.Fill(t, dir, disktest.SizeOf(t, filepath.Join(dir, "step-00000002"))/2)
			}
		}})
		if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n") ||
			!strings.Contains(err.Error(), "cannot write the checkpoint of step 3 into "+dir) || !strings.Contains(err.Error(), "make room there") {
			t.Fatalf("error %q", err)
		}
		hasStep2(t, dir)
		makeRoom()
		goesOnFromStep2(t, b, c, dir)
	})
}
