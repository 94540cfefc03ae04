package network

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
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

// setting matches a field of what a file says about its network.
var setting = regexp.MustCompile(`(\w+):([^\s{}]*)`)

// ReadWeights reads what [WriteWeights] wrote for such layers, with the SHA-256 of the file. What the file says about its network must be
// what is said about this one, as far as both say it; its tensors must be those of the layers.
func ReadWeights(path string, layers Layers, about string) (Values, string, error) {
	weights, raw, err := openWeights(path)
	if err != nil {
		return nil, "", fmt.Errorf("train: weights: %w", err)
	}
	if err := sameNetwork(raw, about); err != nil {
		return nil, "", fmt.Errorf("train: weights: %s %w", path, err)
	}
	values, all := Values{}, All(layers)
	for _, v := range all {
		name := strings.ReplaceAll(strings.TrimPrefix(v.Path(), "/"), "/", ".")
		view, ok := weights.Tensor(name)
		if !ok {
			return nil, "", fmt.Errorf("train: weights: %s has no %s: want a network as WriteWeights writes it (unipair export); those of "+
				"torchvision and timm are for --weights", path, name)
		}
		shape := make([]int, 0, len(view.Shape()))
		for _, d := range view.Shape() {
			shape = append(shape, int(d))
		}
		if !slices.Equal(shape, v.Shape().Dimensions) {
			return nil, "", fmt.Errorf("train: weights: %s: %s is %d, and the network has %d: is it of another network?",
				path, name, shape, v.Shape().Dimensions)
		}
		numbers, err := floats(view)
		if err != nil {
			return nil, "", fmt.Errorf("train: weights: %s: %s: %w", path, name, err)
		}
		values[v.Path()] = tensors.FromFlatDataAndDimensions(numbers, shape...)
	}
	if weights.Len() != len(all) {
		return nil, "", fmt.Errorf("train: weights: %s has %d tensors, and the network %d: is it of another network?",
			path, weights.Len(), len(all))
	}
	sum := sha256.Sum256(raw)
	return values, hex.EncodeToString(sum[:]), nil
}

// sameNetwork compares what a file says about its network with what is said about another.
func sameNetwork(raw []byte, about string) error {
	_, metadata, err := safetensors.ReadMetadata(raw)
	if err != nil {
		return err
	}
	mine := map[string]string{}
	for _, field := range setting.FindAllStringSubmatch(about, -1) {
		mine[field[1]] = field[2]
	}
	for _, field := range setting.FindAllStringSubmatch(metadata.Metadata()["network"], -1) {
		if want, ok := mine[field[1]]; ok && want != field[2] {
			return fmt.Errorf("has another network (%s is %q, not %q): train with its settings, or begin with another", field[1], field[2], want)
		}
	}
	return nil
}
