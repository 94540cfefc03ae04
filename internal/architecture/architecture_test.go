// Package architecture holds the tests of how the packages hang together: which may import which, and what an importer of
// the losses gets with them.
package architecture_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/unipair/unipair"

// No package under pkg/ but onnx brings a backend (backends/default needs cgo), a notebook or a program with it; only viz draws.
func TestNoPackageBringsABackend(t *testing.T) {
	for _, pkg := range []string{"losses", "data", "eval", "train", "viz"} {
		for _, dep := range deps(t, "../..", "./pkg/"+pkg) {
			switch {
			case strings.HasPrefix(dep, "github.com/gomlx/go-xla"), strings.HasPrefix(dep, "github.com/gomlx/gomlx/backends"),
				strings.HasPrefix(dep, "github.com/gomlx/compute/gobackend"):
				t.Errorf("pkg/%s imports the backend %s", pkg, dep)
			case strings.HasPrefix(dep, "github.com/janpfeifer/gonb"):
				t.Errorf("pkg/%s imports %s: notebooks show, packages compute", pkg, dep)
			case strings.HasPrefix(dep, "gonum.org/v1/plot") && pkg != "viz":
				t.Errorf("pkg/%s imports %s: only pkg/viz draws", pkg, dep)
			}
		}
	}
}

// importer is a program of somebody else that needs nothing but the losses: a training step of a linear map.
const importer = `package main

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

func main() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	step := graph.MustNewExec(backend, func(labels, inputs, weights *graph.Node) (*graph.Node, *graph.Node) {
		embeddings := graph.MatMul(inputs, weights)
		loss := losses.Mean.Of(losses.DefaultCircle(), losses.Pairs(labels, embeddings, losses.Cosine))
		return loss, graph.Sub(weights, graph.MulScalar(graph.Gradient(loss, weights)[0], 1e-3))
	})
	labels := []int32{0, 0, 1, 1}
	inputs := [][]float32{{1, 0.2}, {0.1, 1}, {-1, 0.3}, {0.4, 0.9}}
	weights := tensors.FromValue([][]float32{{1, 0}, {0, 1}})
	var losses []float32
	for range 2 {
		out, err := step.Call(labels, inputs, weights)
		if err != nil {
			log.Fatal(err)
		}
		losses, weights = append(losses, tensors.ToScalar[float32](out[0])), out[1]
	}
	fmt.Println(losses[1] < losses[0])
}
`

// A module that requires only pkg/losses builds, learns in one step, and gets no notebook or plotting package with it.
func TestImporterOfLosses(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), importer)
	write(t, filepath.Join(dir, "go.mod"), "module example.org/importer\n\ngo 1.26.5\n\nrequire "+module+
		" v0.0.0\n\nreplace "+module+" => "+root+"\n")
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.sum"), string(sums))

	if got := strings.TrimSpace(run(t, dir, "go", "run", "-mod=mod", ".")); got != "true" {
		t.Errorf("the loss fell in a step: %s, want true", got)
	}
	for _, dep := range deps(t, dir, ".") { // go run has completed its go.mod
		for _, foreign := range []string{"gonb", "gonum.org", "x/image", "chromedp"} {
			if strings.Contains(dep, foreign) {
				t.Errorf("an importer of pkg/losses gets %s", dep)
			}
		}
	}
}

// deps lists the packages that one depends on.
func deps(t *testing.T, dir, pkg string) []string {
	t.Helper()
	return strings.Fields(run(t, dir, "go", "list", "-deps", pkg))
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr(err))
	}
	return string(out)
}

func stderr(err error) []byte {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.Stderr
	}
	return nil
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
