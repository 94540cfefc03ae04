package onnxruntime

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	onnxbackend "github.com/gomlx/compute-onnx"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// Array is numbers in row-major order, with as many as the product of its dimensions.
type Array struct {
	Values []float32
	Dims   []int
}

// Session is a network in ONNX Runtime, of one input and any outputs of float32. Several goroutines may use it; they wait for each other.
type Session struct {
	executable compute.Executable
}

// Load makes a session of an ONNX file's content. The error wraps [ErrNone] where ONNX Runtime is not there.
func Load(content []byte) (*Session, error) {
	b, err := backend()
	if err != nil {
		return nil, err
	}
	executable, err := onnxbackend.LoadModel(b, bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("ONNX Runtime: %w", err)
	}
	return &Session{executable}, nil
}

// Run computes the network's outputs, in the file's order. The input stays the caller's.
func (s *Session) Run(input Array) (outputs []Array, err error) {
	in, err := opened.BufferFromFlatData(0, input.Values, shapes.Make(dtypes.Float32, input.Dims...))
	if err != nil {
		return nil, fmt.Errorf("ONNX Runtime: %w", err)
	}
	results, err := s.executable.Execute([]compute.Buffer{in}, []bool{false}, 0)
	if err := errors.Join(err, in.Finalize()); err != nil {
		return nil, fmt.Errorf("ONNX Runtime: %w", err)
	}
	for _, result := range results {
		output, wrong := array(result)
		outputs, err = append(outputs, output), errors.Join(err, wrong, result.Finalize())
	}
	if err != nil {
		return nil, fmt.Errorf("ONNX Runtime: %w", err)
	}
	return outputs, nil
}

// array copies what a buffer has.
func array(b compute.Buffer) (Array, error) {
	shape, err := b.Shape()
	if err != nil {
		return Array{}, err
	}
	if shape.DType != dtypes.Float32 {
		return Array{}, fmt.Errorf("an output has %s, not float32", shape.DType)
	}
	a := Array{make([]float32, shape.Size()), shape.Dimensions}
	return a, b.ToFlatData(a.Values)
}

// Close frees the session.
func (s *Session) Close() { s.executable.Finalize() }
