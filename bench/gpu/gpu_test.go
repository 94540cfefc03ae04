package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/turns"
)

// What is not there is refused by name before anything is measured.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	plugin := filepath.Join(dir, "xla_cuda_plugin.so")
	if err := os.WriteFile(plugin, []byte("no library"), 0o666); err != nil {
		t.Fatal(err)
	}
	whole := t.TempDir()
	for _, name := range []string{goldenTest, networkFile, describeFile, weightsFile, "bench/losstime/jax_peer.py", "bench/gpu/backbone_peer.py"} {
		path := filepath.Join(whole, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ words, want string }{
		{"", "there is no plugin: give the path of a CUDA plugin"},
		{"-plugin " + plugin + "x", "there is no plugin: "},
		{"-plugin plugin.so", "want an absolute path"},
		{"-plugin " + plugin + " -platform tpu", "want cuda, or cpu for a rehearsal"},
		{"-plugin " + plugin + " -minutes 0", "want more than 0"},
		{"-plugin " + plugin + " -data " + dir, "has no losses.test: bench/gpu/prepare.sh makes it whole"},
		{"-plugin " + plugin + " -data " + whole, "does not start: "},
		{"-plugin " + plugin + " more", `"more" is not understood`},
	} {
		err := run(t.Context(), strings.Fields(c.words))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.words, err, c.want)
		}
	}
}

// device says what it is told to.
type device struct {
	compute.Backend
	said string
}

func (d device) DeviceDescription(compute.DeviceNum) string { return d.said }

// A plugin for another platform is refused.
func TestPlatform(t *testing.T) {
	for _, c := range []struct{ said, want, wrong string }{
		{"gpu:0 [processId=0]", "cuda", ""}, {"CUDA_0 [processId=0]", "cuda", ""}, {"TFRT_CPU_0", "cpu", ""},
		{"TFRT_CPU_0", "cuda", "is for cpu, and -platform is cuda"}, {"cuda:0", "cpu", "is for cuda, and -platform is cpu"},
		{"TPU_0", "cuda", "is for another platform"},
	} {
		_, err := platformOf(device{backendtest.Go(t), c.said}, c.want)
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if said, err := platformOf(backendtest.XLA(t), "cpu"); err != nil {
		t.Errorf("the workspace's plugin: %q, %v", said, err)
	}
}

// A peer that is not there is said, and so is a Python that is not.
func TestHere(t *testing.T) {
	dir := t.TempDir()
	python := filepath.Join(dir, "python")
	script := "#!/bin/sh\necho '{\"jax\": [\"\", \"ModuleNotFoundError: No module named jax\"], \"torch\": [\"torch 9\", \"\"]}'\n"
	if err := os.WriteFile(python, []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	missing, said := words{python: python, platform: "cuda"}.here(t.Context())
	if want := "No JAX: ModuleNotFoundError: No module named jax. torch 9."; said != want || !missing["jax"] || missing["torch"] {
		t.Errorf("missing %v, said %q, want %q", missing, said, want)
	}
	missing, said = words{python: python + "3", platform: "cuda"}.here(t.Context())
	if !strings.HasPrefix(said, "No JAX and no PyTorch: ") || !missing["jax"] || !missing["torch"] {
		t.Errorf("missing %v, said %q", missing, said)
	}
}

// ofTests returns the network that tests have, or skips one.
func ofTests(t *testing.T) string {
	t.Helper()
	network := "../../../shared/data/models/efficientnet-lite0.onnx"
	if data := os.Getenv("UNIPAIR_DATA"); data != "" {
		network = filepath.Join(data, "models/efficientnet-lite0.onnx")
	}
	if _, err := os.Stat(network); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no network: ", err)
		}
		t.Skip("no network: ", err)
	}
	return network
}

// The peers' networks, of what is described to them, have our embeddings; where a peer is missing, its line is.
func TestBackbone(t *testing.T) {
	network, device := ofTests(t), backendtest.XLA(t)
	python, err := filepath.Abs("../.venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Skip("the peers are not installed: ", err)
	}
	dir := t.TempDir()
	if err := describe(network, dir); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("backbone_peer.py")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "bench/gpu"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bench/gpu/backbone_peer.py"), program, 0o666); err != nil {
		t.Fatal(err)
	}
	w, once := words{data: dir}, turns.Length{Rounds: 1, Turn: time.Millisecond, Slow: time.Minute}
	for _, missing := range []map[string]bool{{}, {"jax": true, "torch": true}} {
		text, err := w.backbone(t.Context(), device, peers.Environment{Root: dir, Python: python}, missing, once, 2)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(text, "\n| "); lines != 4-len(missing) {
			t.Errorf("without %v:\n%s", missing, text)
		}
	}
}

// A network in words has the operations and the numbers of its file.
func TestDescribe(t *testing.T) {
	network, dir := ofTests(t), t.TempDir()
	if err := describe(network, dir); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, describeFile))
	if err != nil {
		t.Fatal(err)
	}
	var d description
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	weights, err := os.Stat(filepath.Join(dir, weightsFile))
	if err != nil {
		t.Fatal(err)
	}
	numbers := int64(0)
	for name, a := range d.Floats {
		size := int64(1)
		for _, n := range a.Dims {
			size *= n
		}
		numbers += size
		if 4*(int64(a.Begin)+size) > weights.Size() {
			t.Errorf("%s ends behind the weights", name)
		}
	}
	if 4*numbers != weights.Size() || d.Size != 224 || d.Dim != 1280 || len(d.Nodes) < 90 {
		t.Errorf("%d numbers in %d bytes, %d nodes, size %d, dim %d", numbers, weights.Size(), len(d.Nodes), d.Size, d.Dim)
	}
}

func TestApart(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		a, b []float32
		near bool
	}{
		{[]float32{1, 2}, []float32{1, 2.001}, true}, {[]float32{1, 2}, []float32{1, 2.01}, false},
		{[]float32{1}, []float32{1, 2}, false}, {[]float32{nan, 2}, []float32{1, 2}, false},
	} {
		if got := apart(c.a, c.b); (got <= 1e-3) != c.near {
			t.Errorf("%v, %v: %g", c.a, c.b, got)
		}
	}
}
