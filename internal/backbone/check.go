// Package backbone runs networks from ONNX files that do not learn: in ONNX Runtime where its library is there, else in GoMLX. What GoMLX
// makes of a file is compared with ONNX Runtime before it is used.
package backbone

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxruntime"
)

// tolerance bounds the difference of two computations of a value, as a part of its largest number.
const tolerance = 1e-3

// valuesAtOnce counts the values of a network that are compared at a time, to find the first that differs.
const valuesAtOnce = 16

// Check runs two random images through GoMLX and through ONNX Runtime, and returns an error where their embeddings differ, naming the
// first operation that does. An embedding that depends on the other images of its batch, or is not finite, is an error too. The error wraps
// [onnxruntime.ErrNone] where ONNX Runtime is not there: then nothing was compared.
func Check(backend compute.Backend, f *onnxfile.File) error {
	if _, err := onnxruntime.Backend(); err != nil {
		return err
	}
	if err := check(backend, f); err != nil {
		return file.Named(f.Path, err)
	}
	return nil
}

func check(backend compute.Backend, f *onnxfile.File) error {
	content, err := f.Content()
	if err != nil {
		return err
	}
	images := random(f)
	want, err := inONNXRuntime(content, images)
	if err != nil {
		return err
	}
	if err := alone(content, images, want[0]); err != nil {
		return err
	}
	got, err := inGoMLX(backend, f, images, func(scope *model.Scope, x *graph.Node) []*graph.Node {
		return []*graph.Node{f.Embeddings(scope, x)}
	})
	if err != nil {
		return err
	}
	if same(got[0], want[0]) {
		return nil
	}
	return fmt.Errorf("is not read right by GoMLX: %s; %s: take another exporter (torch.onnx.export with dynamo=True) or another opset",
		difference(got[0], want[0]), firstDifference(backend, f, images))
}

// alone returns an error if the first image's embedding is another where it is alone, or is not finite.
func alone(content []byte, images onnxruntime.Array, both onnxruntime.Array) error {
	if slices.ContainsFunc(both.Values, notFinite) {
		return errors.New("gives numbers that are not finite for random images: take another network, or another preparation")
	}
	half := onnxruntime.Array{Values: images.Values[:len(images.Values)/2], Dims: append([]int{1}, images.Dims[1:]...)}
	single, err := inONNXRuntime(content, half)
	if err != nil {
		return err
	}
	first := onnxruntime.Array{Values: both.Values[:len(both.Values)/2], Dims: append([]int{1}, both.Dims[1:]...)}
	if !same(single[0], first) {
		return fmt.Errorf("gives an image another embedding where others are beside it (%s): export it for inference, as after model.eval()",
			difference(single[0], first))
	}
	return nil
}

// firstDifference names the first operation whose value differs, as far as it can be found.
func firstDifference(backend compute.Backend, f *onnxfile.File, images onnxruntime.Array) string {
	values, operations := f.Steps()
	first, last := 0, len(values) // the first that differs is in here
	for last-first > 1 {
		var some []int
		for i := 1; i <= valuesAtOnce; i++ {
			some = append(some, first+(last-first)*i/valuesAtOnce-1)
		}
		some = slices.Compact(slices.DeleteFunc(some, func(at int) bool { return at < first }))
		differs, text, err := compare(backend, f, images, values, some)
		if err != nil {
			return fmt.Sprintf("where it begins was not found (%v)", err)
		}
		at := slices.Index(differs, true)
		if at < 0 {
			return "where it begins was not found"
		}
		if at > 0 {
			first = some[at-1] + 1
		}
		last = some[at] + 1
		if last-first == 1 {
			return fmt.Sprintf("the first to differ is %s (%s)", operations[first], text[at])
		}
	}
	return "where it begins was not found"
}

// compare says which of some values differ, and by how much. What is not of float32 does not.
func compare(backend compute.Backend, f *onnxfile.File, images onnxruntime.Array, values []string, at []int) (
	differs []bool, text []string, err error) {
	names := make([]string, len(at))
	for i, v := range at {
		names[i] = values[v]
	}
	var kept []int // of float32
	got, err := inGoMLX(backend, f, images, func(scope *model.Scope, x *graph.Node) (nodes []*graph.Node) {
		kept = nil
		for i, node := range f.Values(scope, x, names...) {
			if node.DType() == x.DType() {
				kept, nodes = append(kept, i), append(nodes, node)
			}
		}
		return nodes
	})
	if err != nil {
		return nil, nil, err
	}
	var ranks []int
	var keptNames []string
	for i, k := range kept {
		ranks, keptNames = append(ranks, len(got[i].Dims)), append(keptNames, names[k])
	}
	content, err := f.ContentOf(keptNames, ranks)
	if err != nil {
		return nil, nil, err
	}
	want, err := inONNXRuntime(content, images)
	if err != nil {
		return nil, nil, err
	}
	differs, text = make([]bool, len(at)), make([]string, len(at))
	for i, k := range kept {
		differs[k], text[k] = !same(got[i], want[i]), difference(got[i], want[i])
	}
	return differs, text, nil
}

// inONNXRuntime runs an ONNX file once.
func inONNXRuntime(content []byte, images onnxruntime.Array) ([]onnxruntime.Array, error) {
	session, err := onnxruntime.Load(content)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.Run(images)
}

// inGoMLX builds a graph with a file's weights and runs it once.
func inGoMLX(backend compute.Backend, f *onnxfile.File, images onnxruntime.Array, build func(*model.Scope, *graph.Node) []*graph.Node) (
	[]onnxruntime.Array, error) {
	store := model.NewStore()
	if err := f.Load(store.RootScope()); err != nil {
		return nil, err
	}
	out, err := model.CallOnceN(backend, store, build, tensors.FromFlatDataAndDimensions(images.Values, images.Dims...))
	if err != nil {
		return nil, fmt.Errorf("GoMLX: %w", err)
	}
	arrays := make([]onnxruntime.Array, len(out))
	for i, t := range out {
		dims := t.Shape().Dimensions
		values, err := tensors.CopyFlatData[float32](t)
		if err := errors.Join(err, t.FinalizeAll()); err != nil {
			return nil, fmt.Errorf("GoMLX: %w", err)
		}
		arrays[i] = onnxruntime.Array{Values: values, Dims: dims}
	}
	return arrays, nil
}

// random makes two images of uniform numbers, the same ones each time.
func random(f *onnxfile.File) onnxruntime.Array {
	in := f.Input
	images := onnxruntime.Array{Values: make([]float32, 2*in.Size*in.Size*in.Channels), Dims: []int{2, in.Size, in.Size, in.Channels}}
	source := rand.New(rand.NewPCG(19, 3))
	for i := range images.Values {
		images.Values[i] = source.Float32()
	}
	return images
}

// same reports whether two computations of a value agree.
func same(a, b onnxruntime.Array) bool {
	if !slices.Equal(a.Dims, b.Dims) {
		return false
	}
	far, largest := apart(a, b)
	return far <= tolerance*largest
}

// apart returns the largest difference, and the largest number of b.
func apart(a, b onnxruntime.Array) (far, largest float64) {
	for i, v := range b.Values {
		x, y := float64(a.Values[i]), float64(v)
		if d := math.Abs(x - y); x != y && !(d <= far) && !math.IsNaN(far) { // what is not a number stays
			far = d
		}
		largest = max(largest, math.Abs(y))
	}
	return far, largest
}

// difference says how far apart two computations are.
func difference(a, b onnxruntime.Array) string {
	if !slices.Equal(a.Dims, b.Dims) {
		return fmt.Sprintf("%v in place of %v numbers", a.Dims, b.Dims)
	}
	far, largest := apart(a, b)
	return fmt.Sprintf("%.2g apart, of at most %.2g", far, largest)
}

func notFinite(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) }
