package train

import (
	"fmt"
	"io"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/nlpodyssey/safetensors"
)

// WriteWeights writes the network's variables as safetensors in float32: what is learnt and the running moments, named by their
// paths with points for slashes, as embedder.block0.kernel. Kernels are [height, width, inputs, outputs], dense weights [inputs,
// outputs]. The metadata say what network it is. Any program that reads the format can use it; GoMLX has no exporter to ONNX.
func (e *Embedder) WriteWeights(w io.Writer) error {
	variables := allOf(e.layers)
	all, err := copyOf(variables)
	if err != nil {
		return err
	}
	views := make(map[string]safetensors.TensorView, len(all))
	for path, value := range all {
		if value.DType() != dtypes.Float32 {
			return fmt.Errorf("train: weights: %s is %s, want float32", path, value.Shape())
		}
		var shape []uint64
		for _, d := range value.Shape().Dimensions {
			shape = append(shape, uint64(d))
		}
		var bytes []byte
		if err := value.ConstBytes(func(raw []byte) { bytes = append(bytes, raw...) }); err != nil {
			return fmt.Errorf("train: weights: %s: %w", path, err)
		}
		view, err := safetensors.NewTensorView(safetensors.F32, shape, bytes)
		if err != nil {
			return fmt.Errorf("train: weights: %s: %w", path, err)
		}
		views[strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", ".")] = view
	}
	about := map[string]string{"format": "gomlx", "network": fmt.Sprintf("%+v", e.Network)}
	if err := safetensors.SerializeToWriter(views, about, w); err != nil {
		return fmt.Errorf("train: weights: %w", err)
	}
	return nil
}
