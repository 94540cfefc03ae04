package onnxexport

import (
	"fmt"
	"math"

	"github.com/unipair/unipair/internal/onnxruntime"
)

// Tolerance bounds the difference of a file's embeddings, of length 1, from ours.
const Tolerance = 1e-5

// Compare runs a file that [Content] wrote in ONNX Runtime, on all inputs at once and on the first alone. It returns an error where a
// number of an embedding is more than 1e-5 from what it should be: want, row-major.
func Compare(content []byte, inputs onnxruntime.Array, want []float32) error {
	session, err := onnxruntime.Load(content)
	if err != nil {
		return fmt.Errorf("onnxexport: the file is not read: %w", err)
	}
	defer session.Close()
	batch := inputs.Dims[0]
	for _, some := range []int{1, batch} {
		first := onnxruntime.Array{
			Values: inputs.Values[:len(inputs.Values)/batch*some],
			Dims:   append([]int{some}, inputs.Dims[1:]...),
		}
		got, err := session.Run(first)
		if err != nil {
			return fmt.Errorf("onnxexport: the file does not run on a batch of %d: %w", some, err)
		}
		should := want[:len(want)/batch*some]
		if len(got[0].Values) != len(should) {
			return fmt.Errorf("onnxexport: the file gives %v numbers for a batch of %d, want %d", got[0].Dims, some, len(should))
		}
		for i, v := range got[0].Values {
			if far := math.Abs(float64(v) - float64(should[i])); !(far <= Tolerance) {
				return fmt.Errorf("onnxexport: in ONNX Runtime number %d of a batch of %d is %g, and should be %g: the file is not written",
					i, some, v, should[i])
			}
		}
	}
	return nil
}
