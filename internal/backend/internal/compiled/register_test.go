//go:build linux && cgo

package compiled

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/go-xla/compute/xla" // the backend
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/repository"
)

const asProgram = "UNIPAIR_TEST_COMPILED" // names the folder in a process of the test's own

// plugins are where a workspace may have XLA's, on amd64 and on arm64.
var plugins = []string{"fastatomstruct_xla_cpu/libpjrt_cpu.so", "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"}

// The second process compiles nothing and has the same bits; a third whose file is spoilt compiles.
func TestSecondProcess(t *testing.T) {
	path, err := repository.Installed("the XLA plugin", plugins[0])
	if err != nil {
		path, err = repository.Installed("the XLA plugin", plugins[1])
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if dir := os.Getenv(asProgram); dir != "" {
		compute1(t, path, dir)
		return
	}
	dir := t.TempDir()
	run := func() (found, sum string) {
		command := exec.Command(os.Args[0], "-test.run=^TestSecondProcess$", "-test.v")
		command.Env = append(os.Environ(), asProgram+"="+dir)
		said, err := command.CombinedOutput()
		_, line, ok := strings.Cut(string(said), "result ")
		if err != nil || !ok {
			t.Fatalf("%v: %s", err, said)
		}
		words := strings.Fields(line)
		return words[0], words[1]
	}
	_, want := run()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files are kept, %v", len(files), err)
	}
	if found, got := run(); found == "0" || got != want {
		t.Errorf("the second process found %s and has %s, want %s", found, got, want)
	}
	for _, f := range files {
		if err := os.Truncate(dir+"/"+f.Name(), 1000); err != nil {
			t.Fatal(err)
		}
	}
	if found, got := run(); found != "0" || got != want {
		t.Errorf("with spoilt files a process found %s and has %s, want %s", found, got, want)
	}
}

// compute1 prints how many executables were found for a graph that takes long to compile, and the bits of its result.
func compute1(t *testing.T, path, dir string) {
	if err := Register(path, dir, libraryOf(path)); err != nil {
		t.Fatal(err)
	}
	b, err := compute.NewWithConfig("xla:" + path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := graph.NewExec(b, func(x *graph.Node) *graph.Node {
		x = graph.DivScalar(graph.ConvertDType(x, dtypes.Float32), 7)
		for i := range 60 {
			x = graph.Sin(graph.MatMul(x, graph.Exp(graph.Neg(graph.AddScalar(graph.Square(x), float64(i))))))
			x = graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, i%2))
		}
		images := graph.ConvertDType(graph.Reshape(x, 4, 10, 10, 4), dtypes.Float32) // the plugin's own type
		x = graph.Convolve(images, graph.Reshape(graph.Slice(x, graph.AxisRange(0, 9), graph.AxisRange(0, 16)), 3, 3, 4, 4)).PadSame().Done()
		return graph.ReduceAllSum(graph.Square(x))
	})
	if err != nil {
		t.Fatal(err)
	}
	x := make([][]float64, 40)
	for i := range x {
		for j := range 40 {
			x[i] = append(x[i], float64((i*7+j*3)%11))
		}
	}
	out, err := e.Call(x)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("result %d %x\n", opened.found.Load(), out[0].Value())
}
