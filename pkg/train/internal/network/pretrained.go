package network

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/nlpodyssey/safetensors"

	"github.com/unipair/unipair/internal/file"
)

// isRunning reports whether a variable of a residual network follows the batches.
func isRunning(name string) bool {
	return strings.HasSuffix(name, ".running_mean") || strings.HasSuffix(name, ".running_var")
}

// What a file of weights may have: a ResNet of 50 layers has 100 MB and names its tensors in 30 kB. It is read whole.
const (
	largestWeights = 512 << 20
	largestNames   = 4 << 20
)

// openWeights reads a safetensors file. How many bytes its list of names says it has is looked at before it is read. How many its tensors
// have, the library looks at before any room is made for them.
func openWeights(path string) (tensors safetensors.SafeTensors, raw []byte, err error) {
	opened, err := file.Open(path)
	if err != nil {
		return tensors, nil, err
	}
	defer opened.Close()
	var names [8]byte
	if _, err := io.ReadFull(opened, names[:]); err != nil {
		return tensors, nil, fmt.Errorf("%s is no safetensors file: it has fewer than 8 bytes", path)
	}
	if n := binary.LittleEndian.Uint64(names[:]); n > largestNames {
		return tensors, nil, fmt.Errorf("%s is no safetensors file of a network: it says that the list of its tensors has "+
			"%d bytes, at most %d may be", path, n, largestNames)
	}
	if _, err := opened.Seek(0, io.SeekStart); err != nil {
		return tensors, nil, err
	}
	if raw, err = file.ReadAll(opened, path, largestWeights); err != nil {
		return tensors, nil, err
	}
	if tensors, err = safetensors.Deserialize(raw); err != nil {
		return tensors, nil, fmt.Errorf("%s is no safetensors file: %w", path, err)
	}
	return tensors, raw, nil
}

// Load implements [Loader] for a safetensors file with the names of torchvision and timm (conv1.weight, bn1.running_mean,
// layer1.0.conv1.weight and so on, perhaps after "module." or "backbone."), in float32, float16 or bfloat16. The file's classifier
// (fc) is not used, and the dense layer keeps its first values.
func (r resnet) Load(path string) error {
	weights, _, err := openWeights(path)
	if err != nil {
		return fmt.Errorf("train: weights: %w", err)
	}
	prefix := ""
	for _, name := range weights.Names() {
		if before, ok := strings.CutSuffix(name, "conv1.weight"); ok && !strings.Contains(before, "layer") {
			prefix = before
		}
	}
	for _, name := range r.names {
		view, ok := weights.Tensor(prefix + name)
		if !ok {
			return fmt.Errorf("train: weights: %s has no %s: want a residual network of this depth with the names of torchvision or timm",
				path, name)
		}
		v := r.variables[name]
		values, err := reordered(view, v.Shape().Dimensions)
		if err == nil {
			err = v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...))
		}
		if err != nil {
			return fmt.Errorf("train: weights: %s: %s: %w", path, name, err)
		}
	}
	return nil
}

// floats reads the numbers of a tensor, which must be finite.
func floats(view safetensors.TensorView) ([]float32, error) {
	raw := view.Data()
	var size int
	var read func(b []byte) float32
	switch view.DType() {
	case safetensors.F32:
		size, read = 4, func(b []byte) float32 {
			return math.Float32frombits(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
		}
	case safetensors.F16:
		size, read = 2, func(b []byte) float32 { return float16.FromBits(uint16(b[0]) | uint16(b[1])<<8).Float32() }
	case safetensors.BF16:
		size, read = 2, func(b []byte) float32 { return bfloat16.FromBits(uint16(b[0]) | uint16(b[1])<<8).Float32() }
	default:
		return nil, fmt.Errorf("its numbers are %s, want F32, F16 or BF16", view.DType())
	}
	values := make([]float32, len(raw)/size)
	for i := range values {
		values[i] = read(raw[i*size:])
	}
	if bad := NotFinite(values); bad >= 0 {
		return nil, fmt.Errorf("number %d is %g", bad, values[bad])
	}
	return values, nil
}

// reordered reads a vector as it is, and brings a kernel [outputs, inputs, height, width] into the order [height, width, inputs, outputs].
func reordered(view safetensors.TensorView, to []int) ([]float32, error) {
	want := []uint64{uint64(to[0])}
	if len(to) == 4 {
		want = []uint64{uint64(to[3]), uint64(to[2]), uint64(to[0]), uint64(to[1])}
	}
	if !slices.Equal(view.Shape(), want) {
		return nil, fmt.Errorf("it is %d, which does not fit %d ([height, width, inputs, outputs]): is it of another network?", view.Shape(), to)
	}
	values, err := floats(view)
	if err != nil || len(to) == 1 {
		return values, err
	}
	out := make([]float32, len(values))
	height, width, inputs, outputs := to[0], to[1], to[2], to[3]
	for o := range outputs {
		for i := range inputs {
			for y := range height {
				for x := range width {
					out[((y*width+x)*inputs+i)*outputs+o] = values[((o*inputs+i)*height+y)*width+x]
				}
			}
		}
	}
	return out, nil
}
