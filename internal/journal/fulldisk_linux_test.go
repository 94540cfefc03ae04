package journal_test

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/disktest"
	"github.com/unipair/unipair/internal/journal"
)

// A line for which there is no room is no line: what is before it stays, and it can be written once there is.
func TestNoSpaceLeft(t *testing.T) {
	disktest.Small(t, func(dir string) {
		name := filepath.Join(dir, "log.jsonl")
		j, err := journal.Open[string](name)
		if err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("a", 1<<16)
		if err := j.Append("first"); err != nil {
			t.Fatal(err)
		}
		makeRoom := disktest.Fill(t, dir, 0)
		err = j.Append(long)
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "cannot write "+name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want no space left", err)
		}
		if read, err := journal.Read[string](name); err != nil || len(read.Entries) != 1 || len(j.Entries) != 1 {
			t.Errorf("then there are %d lines, %d in the file, %v", len(j.Entries), len(read.Entries), err)
		}
		makeRoom()
		if err := errors.Join(j.Append(long), j.Append("last"), j.Close()); err != nil {
			t.Fatal(err)
		}
		if read, err := journal.Read[string](name); err != nil || len(read.Entries) != 3 || read.Entries[1] != long || read.Entries[2] != "last" {
			t.Errorf("at the end there are %d lines, %v", len(read.Entries), err)
		}
	})
}
