package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute-onnx/support/protos"

	"github.com/unipair/unipair/internal/hubtest"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/internal/portable"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/pkg/train"
)

// onto returns the words of a short training on a network from elsewhere.
func onto(architecture, out string, more ...string) []string {
	return append([]string{"train", "--data", "glyphs", "--architecture", architecture, "--out", out, "--steps", "2", "--dim", "8",
		"--classes", "4", "--per-class", "2"}, more...)
}

// TestElsewhereRefuses: whatever is wrong with a network's file, train and eval say it in a line that names the file and what to do, and
// leave nothing.
func TestElsewhereRefuses(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	change := func(f func(*protos.GraphProto)) []byte {
		n := onnxtest.Convolutional()
		f(n.Proto.Graph)
		return n.Bytes(t)
	}
	node := func(op string, attributes onnxtest.Attributes) []byte {
		n := onnxtest.New("n", 3, 8, 8)
		x := n.Node(op, attributes, "image", n.Weight(3), n.Weight(3), n.Weight(3), n.Floats([]float32{1, 1, 1}, 3))
		return n.Output(n.Node("Flatten", nil, x), "n", 192).Bytes(t)
	}
	input := func(dims ...any) []byte {
		n := onnxtest.New(dims...)
		return n.Output(n.Node("Flatten", nil, "image"), "n", 3).Bytes(t)
	}
	batch := onnxtest.New("n", 3, 8, 8)
	mean := batch.Node("ReduceMean", onnxtest.Attributes{"axes": []int64{0}, "keepdims": 1}, "image")
	batch.Output(batch.Node("Flatten", nil, batch.Node("Sub", nil, "image", mean)), "n", 192)
	two := onnxtest.New("n", 3, 8, 8)
	two.Output(two.Node("Flatten", nil, "image"), "n", 192).Output(two.Node("Relu", nil, "image"), "n", 3, 8, 8)
	whole := onnxtest.Convolutional().Bytes(t)
	_, none := onnxruntime.Library()
	for _, c := range []struct {
		name    string
		content []byte
		words   []string // in place of --input 0-1
		want    string
	}{
		{"nothing", nil, nil, "is no ONNX file: give one"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n and so on"), nil, "is no ONNX file: give one"},
		{"half a file", whole[:len(whole)/2], nil, "is no ONNX file: give one"},
		{"an unknown operation", node("Abracadabra", nil), nil, "does not know (operation Abracadabra, node \"Abracadabra0\"): export it without"},
		{"a vendor's operation", change(func(g *protos.GraphProto) { g.Node[1].Domain = "com.example" }), nil, "of the vendor com.example"},
		{"any size", input("n", 3, "height", "width"), nil, "give a size (--size)"},
		{"any channels", input("n", "c", "h", "w"), nil, "export it with 1 or 3 fixed"},
		{"four channels", input("n", 4, 8, 8), nil, "images have 1 channel or 3"},
		{"weights elsewhere", change(func(g *protos.GraphProto) {
			g.Initializer[0].DataLocation = protos.TensorProto_EXTERNAL
			g.Initializer[0].ExternalData = []*protos.StringStringEntryProto{{Key: "location", Value: "big.data"}}
		}), nil, "(big.data): make it one"},
		{"weights of half precision", change(func(g *protos.GraphProto) {
			g.Initializer[1].DataType = int32(protos.TensorProto_FLOAT16)
		}), nil, "take the network in float32"},
		{"pixels of half precision", change(func(g *protos.GraphProto) {
			g.Input[0].Type.GetTensorType().ElemType = int32(protos.TensorProto_FLOAT16)
		}), nil, "take the network in float32"},
		{"quantised", node("DequantizeLinear", nil), nil, "is quantised (operation DequantizeLinear, node \"DequantizeLinear0\"): take"},
		{"quantised pixels", change(func(g *protos.GraphProto) {
			g.Input[0].Type.GetTensorType().ElemType = int32(protos.TensorProto_UINT8)
		}), nil, "take the network in float32"},
		{"in training", node("BatchNormalization", onnxtest.Attributes{"training_mode": 1}), nil, "as after model.eval()"},
		{"the batch's mean", batch.Bytes(t), nil, "as after model.eval()"},
		{"a NaN", change(func(g *protos.GraphProto) { copy(g.Initializer[0].RawData, []byte{0, 0, 0xc0, 0x7f}) }), nil,
			"not finite (weight0: NaN): its training diverged, take another"},
		{"an infinite weight", change(func(g *protos.GraphProto) { copy(g.Initializer[0].RawData, []byte{0, 0, 0x80, 0x7f}) }), nil,
			"not finite (weight0: +Inf): its training diverged, take another"},
		{"two outputs", two.Bytes(t), nil, "(--onnx-output)"},
		{"places", two.Bytes(t), []string{"--input", "0-1", "--onnx-output", "Relu1_out"}, "(--pool)"},
		{"another size", whole, []string{"--input", "0-1", "--size", "9"}, "takes 8 pixels per side, not 9: leave the size out (--size)"},
		{"gray for colour", whole, []string{"--input", "0-1", "--channels", "1"}, "takes pictures of 3 channels, not 1"},
		{"no preparation", whole, []string{}, "(--input, or --input-scale, --input-mean, --input-std)"},
		{"more layers than there are", whole, []string{"--input", "0-1", "--train-backbone", "last:3"}, "give all, or fewer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "the batch's mean" && errors.Is(none, onnxruntime.ErrNone) {
				t.Skip(none) // nothing is compared
			}
			dir := t.TempDir()
			path, run := filepath.Join(dir, "network.onnx"), filepath.Join(dir, "run")
			if err := os.WriteFile(path, c.content, 0o666); err != nil {
				t.Fatal(err)
			}
			words := c.words
			if words == nil {
				words = []string{"--input", "0-1"}
			}
			refused(t, path, c.want, onto("onnx:"+path, run, words...)...)
			if c.name != "gray for colour" && c.name != "more layers than there are" {
				refused(t, path, c.want, append([]string{"eval", "--architecture", "onnx:" + path, "--data", "glyphs"}, words...)...)
			}
			if _, err := os.Stat(run); err == nil {
				t.Error("the run's directory is left")
			}
		})
	}
	dir := t.TempDir()
	huge, run := filepath.Join(dir, "huge.onnx"), filepath.Join(dir, "run")
	if err := errors.Join(os.WriteFile(huge, nil, 0o666), os.Truncate(huge, 3<<30)); err != nil {
		t.Fatal(err)
	}
	refused(t, huge, "take the network in a smaller size", onto("onnx:"+huge, run, "--input", "0-1")...)
	refused(t, dir, "is a folder: name the ONNX file in it", onto("onnx:"+dir, run)...)
	refused(t, filepath.Join(dir, "none.onnx"), "no such file", onto("onnx:"+filepath.Join(dir, "none.onnx"), run)...)
}

// TestElsewhereOrderAlone: the order of colours alone does not take the place of a preparation that a file says.
func TestElsewhereOrderAlone(t *testing.T) {
	const want = "unipair: --input-order: say what else is done to pixels, too: --input, or --input-scale, --input-mean and --input-std\n"
	network := "onnx:" + onnxtest.Convolutional().File(t)
	for _, words := range [][]string{
		onto(network, filepath.Join(t.TempDir(), "run"), "--input-order", "bgr"),
		{"eval", "--architecture", network, "--data", "glyphs", "--input-order", "bgr"},
	} {
		if code, out, messages := call(t, words...); code != 2 || out != "" || messages != want {
			t.Errorf("%s: exit %d, wrote %q, said %q", words[0], code, out, messages)
		}
	}
}

// refused calls the program, whose last line must name the file and say what is wanted.
func refused(t *testing.T, path, want string, words ...string) {
	t.Helper()
	code, out, messages := call(t, words...)
	lines := strings.Split(strings.TrimSuffix(messages, "\n"), "\n")
	last := lines[len(lines)-1]
	if code == 0 || out != "" || !strings.HasPrefix(last, "unipair: ") || !strings.Contains(last, path) && !strings.Contains(last, "layers") ||
		!strings.Contains(last, want) {
		t.Errorf("%s: exit %d, wrote %q, said %q, want %q", words[0], code, out, messages, want)
	}
}

// TestElsewhereFromTheHub: the licence is told first, the commit is in run.yaml, and what was fetched is found again where there is no hub.
func TestElsewhereFromTheHub(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	hubtest.Server{Private: true, Files: map[string]string{
		"onnx/model.onnx":          string(onnxtest.Convolutional().Bytes(t)),
		"preprocessor_config.json": `{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25], "size": 8}`,
	}}.Start(t)
	there := t.TempDir()
	run, again := filepath.Join(there, "run"), filepath.Join(there, "again")
	code, _, messages := call(t, onto("hf:org/model", run)...)
	if code == 0 || !strings.Contains(messages, "unipair: hub: org/model: is not given (HTTP 401): is it spelt so, ") {
		t.Errorf("without a token: exit %d, said %q", code, messages)
	}
	t.Setenv("HF_TOKEN", hubtest.Secret)
	code, _, messages = call(t, onto("hf:org/model", run)...)
	_, after, found := strings.Cut(messages, "org/model: licence: apache-2.0; at the commit "+hubtest.Newest+"\n")
	if code != 0 || !found || !strings.Contains(after, "network: model.onnx, 8 × 8 pixels in colour") ||
		!strings.Contains(after, "less [0.5 0.5 0.5], by [0.25 0.25 0.25]") || strings.Contains(messages, hubtest.Secret) {
		t.Fatalf("exit %d, said %q", code, messages)
	}
	settings := filepath.Join(run, recipe.FileName)
	text, err := os.ReadFile(settings)
	if err != nil || !strings.Contains(string(text), "architecture: hf:org/model@"+hubtest.Newest+":onnx/model.onnx\n") ||
		strings.Contains(string(text), hubtest.Secret) {
		t.Errorf("run.yaml: %s, %v", text, err)
	}
	fetched := filepath.Join(os.Getenv("HF_HOME"), "hub", "models--org--model", "snapshots", hubtest.Newest, "onnx", "model.onnx")
	if _, err := os.Stat(fetched); err != nil {
		t.Error(err)
	}
	t.Setenv("HF_ENDPOINT", "http://127.0.0.1:1") // where nobody answers
	t.Setenv("HF_TOKEN", "")
	for _, words := range [][]string{
		{"eval", "--checkpoint", run, "--data", "glyphs"},
		{"export", "--checkpoint", run, "--data", "glyphs", "--out", filepath.Join(there, "index")},
		{"train", "--config", settings, "--out", again},
		{"train", "--config", settings, "--out", again, "--steps", "2"},
		onto("hf:org/model", run),
	} {
		if code, _, messages := call(t, words...); code != 0 || strings.Contains(messages, "licence") {
			t.Errorf("without a hub: %v: exit %d, said %q", words, code, messages)
		}
	}
	if weightsOf(t, run) != weightsOf(t, again) {
		t.Error("run.yaml trains another network")
	}
	if _, err := onnxruntime.Library(); err == nil {
		file := filepath.Join(there, "model.onnx")
		code, _, messages := call(t, "export", "--format", "onnx", "--checkpoint", run, "--out", file)
		about, err := os.ReadFile(portable.Beside(file))
		if code != 0 || err != nil || !strings.Contains(string(about), `"licence": "apache-2.0"`) {
			t.Errorf("export: exit %d, said %q, wrote %s, %v", code, messages, about, err)
		}
	}
	fresh := filepath.Join(there, "fresh")
	for architecture, want := range map[string]string{
		"hf:org/model":       "is there a network",
		"hf:org/other":       "is there a network",
		"hf:org":             "a network of the hub is ORG/MODEL",
		"hf:org/model@../..": "a network of the hub is ORG/MODEL",
	} {
		code, out, messages := call(t, onto(architecture, fresh)...)
		lines := strings.Split(strings.TrimSuffix(messages, "\n"), "\n")
		if code == 0 || out != "" || !strings.Contains(lines[len(lines)-1], want) {
			t.Errorf("%s: exit %d, wrote %q, said %q, want %q", architecture, code, out, messages, want)
		}
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("what is refused leaves a directory")
	}
}

// weightsOf returns the sum of a run's weights.
func weightsOf(t *testing.T, run string) string {
	t.Helper()
	sum, err := train.WeightsSum(run)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestElsewhereOtherFile: features that are kept of one file are not another's, wherever that lies.
func TestElsewhereOtherFile(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	there := t.TempDir()
	file := filepath.Join(there, "network.onnx")
	learnt := func(name string, n *onnxtest.Network) string {
		if err := os.WriteFile(file, n.Bytes(t), 0o666); err != nil {
			t.Fatal(err)
		}
		run := filepath.Join(there, name)
		code, _, messages := call(t, onto("onnx:"+file, run, "--input", "0-1")...)
		if code != 0 || !strings.Contains(messages, "gray pictures are repeated for the network's three colours") {
			t.Fatalf("exit %d, said %q", code, messages)
		}
		return weightsOf(t, run)
	}
	other := onnxtest.Convolutional()
	for weights := other.Proto.Graph.Initializer[0].RawData; len(weights) > 0; weights = weights[4:] {
		weights[3] ^= 0x80 // the sign
	}
	first, second := learnt("first", onnxtest.Convolutional()), learnt("second", other)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if anew := learnt("anew", other); first == second || second != anew {
		t.Errorf("the weights' sums are %s, of another file %s, and of that with nothing kept %s", first, second, anew)
	}
}

// TestElsewhereWithoutONNXRuntime: all works in GoMLX but the writing of ONNX files, and what was not compared is said.
func TestElsewhereWithoutONNXRuntime(t *testing.T) {
	source, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	program, there := buildProgram(t, "-gcflags=-trimpath="+source+"=>unipair"), t.TempDir() // it knows no clone
	call := func(words ...string) (said string, err error) {
		command := exec.Command(program, words...)
		command.Dir = there // outside every workspace
		command.Env = append(os.Environ(), "GOMLX_BACKEND=go", "XDG_CACHE_HOME="+there, onnxruntime.Variable+"=")
		all, err := command.CombinedOutput()
		return string(all), err
	}
	said, err := call(onto("onnx:"+onnxtest.Convolutional().File(t), "run", "--input", "0-1")...)
	for _, want := range []string{"nothing was compared: ONNX Runtime is not there: `unipair doctor --fix`", "once, in GoMLX on "} {
		if err != nil || !strings.Contains(said, want) {
			t.Errorf("train said %q, %v, want %q", said, err, want)
		}
	}
	if said, err := call("eval", "--checkpoint", "run", "--data", "glyphs"); err != nil || !strings.Contains(said, "map_at_r") {
		t.Errorf("eval said %q, %v", said, err)
	}
	resized := onnxtest.New("n", 3, 8, 8)
	batch := resized.Node("Slice", nil, resized.Node("Shape", nil, "image"), resized.Ints(0), resized.Ints(1))
	sizes := resized.Node("Concat", onnxtest.Attributes{"axis": 0}, batch, resized.Ints(3, 16, 16))
	resized.Output(resized.Node("Flatten", nil, resized.Node("Resize", onnxtest.Attributes{"mode": "cubic"}, "image", "", "", sizes)), "n", 768)
	said, err = call(onto("onnx:"+resized.File(t), "cubic", "--input", "0-1")...)
	if want := `resizes by cubic interpolation (operation Resize, node "Resize`; err == nil || !strings.Contains(said, want) {
		t.Errorf("train on a network that resizes said %q, %v, want %q", said, err, want)
	}
	said, err = call("export", "--format", "onnx", "--checkpoint", "run", "--out", "run.onnx")
	if err == nil || said != "unipair: export: --format onnx: "+onnxruntime.ErrNone.Error()+"\n" {
		t.Errorf("export said %q, %v", said, err)
	}
}
