package network

import (
	"fmt"
	"io"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/nlpodyssey/safetensors"
)

// WriteWeights writes all that embeds as safetensors in float32, named by the variables' paths with points for slashes, as
// embedder.block0.kernel. The metadata have what is said about the network.
func WriteWeights(w io.Writer, layers Layers, about string) error {
	all, err := CopyOf(All(layers))
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
	if err := safetensors.SerializeToWriter(views, map[string]string{"format": "gomlx", "network": about}, w); err != nil {
		return fmt.Errorf("train: weights: %w", err)
	}
	return nil
}
