//go:build linux

package backend_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
)

// A call of XLA whose temporaries are larger than what the C library keeps by itself finds their pages where the call before left them,
// unless the user chose otherwise.
func TestPagesAreKept(t *testing.T) {
	const asProgram, temporaries = "UNIPAIR_TEST_PAGES", 64 << 20 >> 12
	if os.Getenv(asProgram) != "" {
		fmt.Println("pages", pages(t))
		return
	}
	backendtest.XLA(t)
	for _, c := range []struct {
		name, variable string
		kept           bool
	}{
		{"by itself", "", true},
		{"other tunables", "GLIBC_TUNABLES=glibc.rtld.nns=4", true},
		{"malloc is set", "MALLOC_TOP_PAD_=131072", false},
		{"malloc is set by a tunable", "GLIBC_TUNABLES=glibc.rtld.nns=4:glibc.malloc.top_pad=131072", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			command := exec.Command(os.Args[0], "-test.run=^TestPagesAreKept$")
			command.Env = append(os.Environ(), asProgram+"=1", c.variable)
			said, err := command.CombinedOutput()
			_, count, ok := strings.Cut(string(said), "pages ")
			count, _, _ = strings.Cut(count, "\n")
			got, wrong := strconv.Atoi(count)
			if err != nil || wrong != nil || !ok {
				t.Fatalf("%v, %v: %s", err, wrong, said)
			}
			if kept := got < temporaries/4; kept != c.kept {
				t.Errorf("a call touches %d pages for the first time, its temporaries have %d: kept %v, want %v", got, temporaries, kept, c.kept)
			}
		})
	}
}

// pages returns how many pages at least a call touches for the first time.
func pages(t *testing.T) (least int64) {
	exec, err := graph.NewExec(backendtest.XLA(t), func(x *graph.Node) *graph.Node {
		for range 2 { // of 64 MiB each
			x = graph.MulScalar(graph.MatMul(x, graph.Transpose(x, 0, 1)), 1e-3)
			x = graph.SliceAxis(x, 1, graph.AxisRange(0, 8))
		}
		return graph.ReduceAllSum(x)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	x := tensors.FromFlatDataAndDimensions(make([]float32, 4096*8), 4096, 8)
	for i := range 30 {
		var before, after syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
			t.Fatal(err)
		}
		if _, err := exec.Call(x); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
			t.Fatal(err)
		}
		if touched := after.Minflt - before.Minflt; i == 1 || i > 1 && touched < least { // the first compiles, and the heap grows for some
			least = touched
		}
	}
	return least
}
