// Package networktest holds what tests of networks and of their descent share.
package networktest

import (
	"encoding/binary"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/nlpodyssey/safetensors"

	"github.com/unipair/unipair/internal/file"
)

// Wave returns what pkg/train/internal/network/testdata/gen_resnet.py makes weights of.
func Wave(name string, n int) []float64 {
	seed := 0
	for i, c := range []byte(name) {
		seed += (i + 1) * int(c)
	}
	seed %= 997
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Sin(0.001 * float64((i*i+31*i+seed)%6283))
	}
	return values
}

// WeightsFile writes the generator's weights of a residual network's variables in a type, every name after a prefix.
func WeightsFile(
	t *testing.T, variables []*model.Variable, prefix string, dtype safetensors.DType, change func(map[string]safetensors.TensorView),
) string {
	t.Helper()
	views := make(map[string]safetensors.TensorView)
	for _, v := range variables {
		name, dims := strings.TrimPrefix(v.Path(), "/embedder/"), v.Shape().Dimensions
		if strings.HasPrefix(name, "dense/") {
			continue
		}
		shape, n := []uint64{uint64(dims[0])}, dims[0]
		if len(dims) == 4 { // [height, width, inputs, outputs] here, the other way round there
			shape = []uint64{uint64(dims[3]), uint64(dims[2]), uint64(dims[0]), uint64(dims[1])}
			n = dims[0] * dims[1] * dims[2] * dims[3]
		}
		values := Wave(name, n)
		for i, w := range values {
			part := name[strings.LastIndex(name, ".")+1:]
			if len(dims) == 4 {
				values[i] = w * math.Sqrt(2/float64(dims[0]*dims[1]*dims[2]))
			} else {
				values[i] = map[string]float64{"weight": 0.5, "running_var": 1}[part] + 0.1*w
			}
		}
		var raw []byte
		for _, v := range values {
			bits := math.Float32bits(float32(v))
			if dtype == safetensors.BF16 {
				raw = binary.LittleEndian.AppendUint16(raw, uint16(bits>>16))
			} else {
				raw = binary.LittleEndian.AppendUint32(raw, bits)
			}
		}
		view, err := safetensors.NewTensorView(dtype, shape, raw)
		if err != nil {
			t.Fatal(err)
		}
		views[prefix+name] = view
	}
	if change != nil {
		change(views)
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := file.Write(path, func(to io.Writer) error { return safetensors.SerializeToWriter(views, nil, to) }); err != nil {
		t.Fatal(err)
	}
	return path
}
