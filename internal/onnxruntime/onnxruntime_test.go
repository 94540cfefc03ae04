package onnxruntime_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/onnxtest"
)

// load makes a session, or skips the test where the library is not there.
func load(t *testing.T, content []byte) *onnxruntime.Session {
	t.Helper()
	s, err := onnxruntime.Load(content)
	if errors.Is(err, onnxruntime.ErrNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// A network runs on batches of several sizes, in several goroutines, and leaves its input as it was.
func TestRun(t *testing.T) {
	n := onnxtest.New("n", 2)
	twice := n.Node("Add", nil, "image", "image")
	sum := n.Node("MatMul", nil, twice, n.Floats([]float32{1, 10}, 2, 1))
	s := load(t, n.Output(twice, "n", 2).Output(sum, "n", 1).Bytes(t))
	var all sync.WaitGroup
	for _, rows := range []int{1, 3, 2} {
		all.Go(func() {
			in := onnxruntime.Array{Values: []float32{1, 2, 3, 4, 5, 6}[:2*rows], Dims: []int{rows, 2}}
			out, err := s.Run(in)
			if err != nil {
				t.Error(err)
				return
			}
			if want := []float32{42, 86, 130}[:rows]; !slices.Equal(out[1].Values, want) || !slices.Equal(out[1].Dims, []int{rows, 1}) {
				t.Errorf("%d rows: %v, want %v", rows, out[1], want)
			}
			if out[0].Values[0] != 2 || in.Values[0] != 1 {
				t.Errorf("the input is %v, twice it %v", in, out[0])
			}
		})
	}
	all.Wait()
}

func TestRefuses(t *testing.T) {
	n := onnxtest.New("n", 2)
	unknown := n.Output(n.Node("Abracadabra", nil, "image"), "n", 2).Bytes(t)
	load(t, onnxtest.Convolutional().Bytes(t)) // or the test is skipped
	for name, content := range map[string][]byte{"nothing": nil, "text": []byte("no network at all"), "an unknown operation": unknown} {
		if s, err := onnxruntime.Load(content); err == nil {
			t.Errorf("%s is loaded: %v", name, s)
		} else if !strings.HasPrefix(err.Error(), "ONNX Runtime: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := load(t, onnxtest.Convolutional().Bytes(t))
	if out, err := s.Run(onnxruntime.Array{Values: make([]float32, 12), Dims: []int{1, 3, 2, 2}}); err == nil {
		t.Errorf("an image of another size gives %v", out)
	}
}

// What the user names wins, and what is not there is said.
func TestLibrary(t *testing.T) {
	t.Setenv(onnxruntime.Variable, filepath.Join(t.TempDir(), "none.so"))
	_, err := onnxruntime.Library()
	if err == nil || !strings.Contains(err.Error(), "$"+onnxruntime.Variable) || !strings.Contains(err.Error(), "none.so") {
		t.Errorf("a library that is not there: %v", err)
	}
	t.Setenv(onnxruntime.Variable, "")
	t.Chdir(t.TempDir())
	if path, err := onnxruntime.Library(); !errors.Is(err, onnxruntime.ErrNone) {
		t.Errorf("outside a clone: %q, %v", path, err)
	}
}

// The library tells nobody that it runs: it keeps no identifier and no events. It decides that when it is loaded, hence a process of its own.
func TestNoTelemetry(t *testing.T) {
	load(t, onnxtest.Convolutional().Bytes(t)) // or the test is skipped
	path, err := onnxruntime.Library()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	run := exec.Command(os.Args[0], "-test.run=^TestRun$", "-test.v")
	run.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "ORT_DISABLE_TELEMETRY=") }),
		"HOME="+home, "XDG_CACHE_HOME="+home, onnxruntime.Variable+"="+path)
	if out, err := run.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS: TestRun") {
		t.Fatalf("%v: %s", err, out)
	}
	if found, err := filepath.Glob(filepath.Join(home, "*")); err != nil || len(found) > 0 {
		t.Errorf("ONNX Runtime leaves %q (%v)", found, err)
	}
}
