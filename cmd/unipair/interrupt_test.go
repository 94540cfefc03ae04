package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backend"
)

// soon is how long after the first signal the program may live: two seconds, and one more where the machine is busy.
const soon = 3 * time.Second

// phase is a command in something that takes long.
type phase struct {
	words string
	stdin func(to io.WriteCloser) // nil: there is nothing to be read; else it has been when this returns
	begun string                  // what it says on stderr when the phase has begun; empty: the phase has begun a second after it has read
	full  bool                    // nobody reads its results; the phase has begun when there are some
}

// Whatever a command does, the first signal ends it within two seconds, with one line, not with exit code 0, and nothing half-written.
func TestSignals(t *testing.T) {
	program, dir := buildProgram(t), t.TempDir()
	small := "--data glyphs --width 4 --dim 16 --size 16 --classes 8 --per-class 2 --warmup 1"
	prepared := exec.Command("sh", "-c", fmt.Sprintf(`"$0" train %s --steps 2 --out run && "$0" export --checkpoint run --data glyphs --out index`, small), program)
	prepared.Dir, prepared.Env = dir, append(os.Environ(), backend.Variable+"=go")
	if said, err := prepared.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	waits := func(io.WriteCloser) {}
	some := func(to io.WriteCloser) { _, _ = to.Write(bytes.Repeat([]byte(" "), 1<<18)) } // more than a pipe holds
	phases := map[string]phase{
		"loss waits":     {words: "loss --name circle", stdin: some},
		"loss reads":     {words: "loss --name circle", stdin: func(to io.WriteCloser) { some(to); go spaces(to) }},
		"loss computes":  {words: "loss --name triplet", stdin: func(to io.WriteCloser) { batch(to, 1000) }},
		"loss writes":    {words: "loss --name circle", stdin: func(to io.WriteCloser) { batch(to, 400) }, full: true},
		"train compiles": {words: "train " + small + " --steps 1000000 --out new-NUMBER", begun: "backend: "},
		"train computes": {words: "train " + small + " --steps 1000000 --out new-NUMBER", begun: "training "},
		"eval measures":  {words: "eval --checkpoint run --data glyphs --tta --report new-NUMBER.html", begun: "backend: "},
		"export embeds":  {words: "export --checkpoint run --data glyphs --tta --out new-NUMBER", begun: "backend: "},
		"bench serves":   {words: "bench serve", stdin: waits},
	}
	config, _ := backend.Choose()
	backends := map[string]string{"go": "go"}
	if strings.HasPrefix(config, "xla:") {
		backends["xla"] = config
	}
	var all sync.WaitGroup
	places, number := make(chan struct{}, 4), 0
	for name, p := range phases {
		for on, config := range backends {
			for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
				number++
				p := p
				p.words = strings.ReplaceAll(p.words, "NUMBER", fmt.Sprint(number))
				all.Go(func() {
					places <- struct{}{}
					defer func() { <-places }()
					if err := p.interrupt(program, dir, config, signal); err != nil {
						t.Errorf("%s, %s, %v: %v", name, on, signal, err)
					}
				})
			}
		}
	}
	all.Wait()
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || strings.HasSuffix(path, ".partial") || strings.HasPrefix(filepath.Base(path), ".export-") || strings.HasSuffix(path, ".html") {
			t.Errorf("left: %s, %v", path, err)
		}
		return nil
	})
}

// interrupt runs the command to its phase, sends the signal, and returns what is wrong with how it ends.
func (p phase) interrupt(program, dir, config string, signal syscall.Signal) error {
	command := exec.Command(program, strings.Fields(p.words)...)
	command.Dir, command.Env = dir, append(os.Environ(), backend.Variable+"="+config)
	stderr := &spoken{want: p.begun, said: make(chan struct{})}
	command.Stderr = stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	ended, read := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(read)
		if p.stdin != nil {
			p.stdin(stdin)
		}
	}()
	go func() { ended <- command.Wait() }()
	defer command.Process.Kill() // if it has ended, nothing
	switch {
	case p.full:
		if _, err := stdout.Read(make([]byte, 1)); err != nil {
			return fmt.Errorf("no results: %w; it said %q", err, stderr)
		}
	case p.begun != "":
		select {
		case <-stderr.said:
		case <-time.After(time.Minute):
			return fmt.Errorf("it does not begin; it said %q", stderr)
		}
	default:
		select {
		case <-read:
			time.Sleep(time.Second)
		case <-time.After(time.Minute):
			return fmt.Errorf("it does not read; it said %q", stderr)
		}
	}
	if err := command.Process.Signal(signal); err != nil {
		return fmt.Errorf("it was too quick to be interrupted: %w; it said %q", err, stderr)
	}
	start := time.Now()
	select {
	case <-ended:
	case <-time.After(10 * soon):
		return fmt.Errorf("it goes on; it said %q", stderr)
	}
	if took := time.Since(start); took > soon {
		return fmt.Errorf("it ends after %v, want at most %v", took, soon)
	}
	if strings.Contains(stderr.String(), context.Canceled.Error()) {
		return fmt.Errorf("it said %q, which are a library's words", stderr)
	}
	if code := command.ProcessState.ExitCode(); code != 1 || strings.Count(stderr.String(), "unipair: ") != 1 || !interruptedLast(stderr.String()) {
		return fmt.Errorf("exit code %d, want 1; it said %q, want one last line that it was interrupted", code, stderr)
	}
	return nil
}

// The first signal cancels and a second one ends the program at once, or time does.
func TestSecondSignal(t *testing.T) {
	for name, c := range map[string]struct {
		signals int
		mercy   time.Duration
	}{"two signals": {2, time.Hour}, "one, and time": {1, time.Millisecond}} {
		signals := make(chan os.Signal, 2)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			untilEnd(signals, cancel, c.mercy)
		}()
		for range c.signals {
			if signals <- os.Interrupt; ctx.Err() == nil {
				<-ctx.Done()
			}
		}
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Errorf("%s: it goes on", name)
		}
	}
}

// spaces writes what never becomes a batch.
func spaces(to io.Writer) {
	for {
		if _, err := to.Write([]byte(" ")); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// batch writes a batch of so many rows, and the end.
func batch(to io.WriteCloser, rows int) {
	var b bytes.Buffer
	b.WriteString(`{"embeddings": [[0`)
	for i := range rows {
		if i > 0 {
			b.WriteString("], [0")
		}
		for j := range 64 {
			fmt.Fprintf(&b, ",%d", (i*j*j)%97+1)
		}
	}
	b.WriteString(`]], "labels": [0`)
	for i := range rows - 1 {
		fmt.Fprintf(&b, ",%d", i%20)
	}
	b.WriteString("]}")
	_, _ = to.Write(b.Bytes()) // the program may have ended
	_ = to.Close()
}

// spoken keeps what a program says, and closes said once it has said what is wanted.
type spoken struct {
	want  string
	said  chan struct{}
	mutex sync.Mutex
	text  bytes.Buffer
	heard bool
}

// Write implements [io.Writer].
func (s *spoken) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.text.Write(p)
	if !s.heard && strings.Contains(s.text.String(), s.want) {
		s.heard = true
		close(s.said)
	}
	return len(p), nil
}

// String returns all of it.
func (s *spoken) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// interruptedLast tells whether the last line says that the program was interrupted, in good order or not.
func interruptedLast(said string) bool {
	return strings.HasSuffix(said, "unipair: interrupted\n") || strings.HasSuffix(said, "unipair: interrupted before it could end in good order\n")
}
