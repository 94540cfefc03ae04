package peers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/workspace"
)

// Environment is the Python environment of the peers, bench/.venv in the repository.
type Environment struct {
	Root   string // of the repository, or a folder with its Python programs
	Python string // in place of the environment's: that of a machine which has peers of its own
}

// Command returns a program of the repository as a peer runs it: the environment's Python and its words.
func (e Environment) Command(program string, words ...string) (python string, all []string) {
	python = e.Python
	if python == "" {
		python = filepath.Join(e.folder(), "bin", "python")
	}
	return python, append([]string{filepath.Join(e.Root, program)}, words...)
}

func (e Environment) folder() string { return filepath.Join(e.Root, "bench", ".venv") }

// Setup installs the peers that bench/requirements.txt pins, each file checked by hash, unless they are there. It takes some
// gigabytes and minutes, once; what is interrupted is done again.
func (e Environment) Setup(ctx context.Context, progress io.Writer) error {
	requirements := filepath.Join(e.Root, "bench", "requirements.txt")
	pins, err := file.Read(requirements, 1<<20)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	sum := sha256.Sum256(pins)
	installed := filepath.Join(e.folder(), "installed") // has the hash of what was installed
	want := hex.EncodeToString(sum[:])
	if got, err := file.Read(installed, 1<<10); err == nil && string(got) == want {
		return nil
	}
	base, version, err := workspace.Python(ctx)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if strings.HasPrefix(version, "3.10.") {
		return fmt.Errorf("bench: the peers need Python 3.11 or newer and python3 is %s; put a newer one first in PATH", version)
	}
	if err := os.Remove(installed); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("bench: %w", err)
	}
	temp, remove, err := workspace.TempDir()
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer remove()
	fmt.Fprintf(progress, "installing the peers into %s: 6 GB, some minutes, once\n", e.folder())
	python, _ := e.Command("")
	for _, words := range [][]string{
		{base, "-I", "-m", "venv", e.folder()},
		{python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", requirements},
	} {
		command := workspace.Command(ctx, words[0], words[1:]...)
		command.Env = append(os.Environ(), "TMPDIR="+temp)
		if err := workspace.Run(command, progress, io.Discard); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if strings.Contains(err.Error(), "DO NOT MATCH THE HASHES") {
				return errors.New("bench: cannot install the peers: a file that was downloaded is not the one that bench/requirements.txt pins; " +
					"ask whom your pip downloads from")
			}
			return fmt.Errorf("bench: cannot install the peers: %w; it needs the network and 6 GB: run it again, and what is there stays", err)
		}
	}
	if err := file.WriteBytes(installed, []byte(want)); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// lastLine keeps the last line that a program says, of what may be very much.
type lastLine struct {
	mutex sync.Mutex
	line  []byte
}

// Write implements [io.Writer].
func (l *lastLine) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for line := range bytes.Lines(p) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			l.line = append(l.line[:0], line...)
		}
	}
	return len(p), nil
}

// String returns the line.
func (l *lastLine) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return string(l.line)
}
