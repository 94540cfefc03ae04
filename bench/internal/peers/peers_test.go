package peers_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/bench/internal/peers"
)

func start(t *testing.T, ctx context.Context, script string) *peers.Peer {
	t.Helper()
	p, err := peers.Start(ctx, "fake", "sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A peer answers line by line, says what it cannot do and goes on, and ends when its input does.
func TestAsk(t *testing.T) {
	p := start(t, context.Background(), `read a; echo '{"x": 1}'; read b; echo '{"error": "too much"}'; read c; echo "{\"x\": $c}"; cat`)
	var answer struct{ X int }
	if err := p.Ask("first", &answer); err != nil || answer.X != 1 {
		t.Errorf("got %v, %v", answer, err)
	}
	var failure peers.Failure
	if err := p.Ask("second", &answer); !errors.As(err, &failure) || failure.Reason != "too much" {
		t.Errorf("got %v", err)
	}
	if err := p.Ask(7, &answer); err != nil || answer.X != 7 {
		t.Errorf("got %v, %v", answer, err)
	}
	if err := errors.Join(p.Stop(), p.Stop()); err != nil {
		t.Error(err)
	}
}

// One that dies is reported with the last line of what it said.
func TestEndsEarly(t *testing.T) {
	p := start(t, context.Background(), `read a; echo Traceback >&2; echo 'ImportError: no jax' >&2; exit 1`)
	err := p.Ask("x", new(int))
	if want := "bench: fake ended early: ImportError: no jax"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The end of the context ends a peer that computes, with the processes that it started, and Ask says so.
func TestInterrupt(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(context.Background())
	p := start(t, ctx, `sleep 100 & echo $! > '`+pid+`'; read a; wait`)
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := p.Ask("x", new(int)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := p.Stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop: %v", err)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Skip("interrupted before the child was there")
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 { // a killed process is there until its parent has noticed
		if syscall.Kill(child, 0) != nil || zombie(child) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d runs on", child)
}

func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

// Without Python, one line says what is needed; nothing is made.
func TestSetupWithoutPython(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bench"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "bench", "requirements.txt"), []byte("jax==1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", root)
	err := peers.Environment{Root: root}.Setup(context.Background(), os.Stderr)
	if err == nil || !strings.Contains(err.Error(), "install python3") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "bench", ".venv")); err == nil {
		t.Error("an environment was made")
	}
}
