package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/train"
)

// broken is an output whose every write fails.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: b.err}
}

// Results that cannot be written are an error of every command that has some; a reader that has had enough needs no words.
func TestResultsNotWritten(t *testing.T) {
	for _, words := range []string{"help", "version", "data", "data mnist", "loss --list", "loss --list --json", "loss --name circle", "bench --list", "train --help", "doctor --json"} {
		for err, want := range map[error]string{
			syscall.ENOSPC: "unipair: the results cannot be written to standard output: no space left on device\n", syscall.EPIPE: "",
		} {
			t.Setenv(backend.Variable, "go")
			var said bytes.Buffer
			in := strings.NewReader(`{"embeddings": [[1, 0], [0.6, 0.8], [0, 1]], "labels": [0, 0, 1]}`)
			if code := run(t.Context(), strings.Fields(words), stdio{in, broken{err}, &said}); code != 1 || said.String() != want {
				t.Errorf("%s: exit code %d, said %q, want 1 and %q", words, code, &said, want)
			}
		}
	}
}

// A training whose progress nobody reads any more goes on to its end.
func TestProgressUnread(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	words := "train --data glyphs --width 4 --dim 16 --size 16 --classes 8 --per-class 2 --warmup 1 --steps 3 --out " + dir
	command := exec.Command(buildProgram(t), strings.Fields(words)...)
	command.Env = append(os.Environ(), backend.Variable+"=go")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = write, write
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	err = command.Run()
	if m, wrong := train.ReadManifest(dir); wrong != nil || m.Step != 3 {
		t.Errorf("step %d, %v; the program: %v", m.Step, wrong, err)
	}
	if code := fmt.Sprint(err); code != "exit status 1" { // its result is not written
		t.Errorf("%v, want exit status 1", err)
	}
	write.Close()
}
