// Package onnxexport writes networks as ONNX files: one file from inputs to embeddings of length 1, for any number of inputs at once, in
// operations of the ONNX standard alone.
package onnxexport

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	onnxbackend "github.com/gomlx/compute-onnx"
	"github.com/gomlx/compute-onnx/support/protos"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"google.golang.org/protobuf/proto"

	"github.com/unipair/unipair/internal/onnxruntime"
)

// The names of a file's input, its output and its axis of inputs.
const (
	InputName  = "images"
	OutputName = "embeddings"
	axisName   = "n"
)

// producer names who made a file.
const producer = "unipair"

// Network holds what is written.
type Network struct {
	Store    *model.Store
	Build    func(scope *model.Scope, inputs *graph.Node) *graph.Node // makes embeddings [batch, dim] of inputs [batch, Input…]
	Input    []int                                                    // dimensions of one input
	Metadata map[string]string
}

// writing is held while a file is written: the backend is one, and is told what to keep of a graph.
var writing sync.Mutex

// Content returns the network as an ONNX file: embeddings, each divided by its length, of float32 inputs. The error wraps
// [onnxruntime.ErrNone] where ONNX Runtime is not there, whose library builds the file.
func Content(n Network) ([]byte, error) {
	backend, err := onnxruntime.Backend()
	if err != nil {
		return nil, err
	}
	writing.Lock()
	defer writing.Unlock()
	// Graphs have a fixed batch. Where two of them differ there is the batch.
	m, err := n.of(backend, batches[0])
	if err != nil {
		return nil, err
	}
	other, err := n.of(backend, batches[1])
	if err != nil {
		return nil, err
	}
	if err := anyBatch(m, other); err != nil {
		return nil, err
	}
	if err := plain(m); err != nil {
		return nil, err
	}
	m.ProducerName = producer
	for _, key := range slices.Sorted(maps.Keys(n.Metadata)) {
		m.MetadataProps = append(m.MetadataProps, &protos.StringStringEntryProto{Key: key, Value: n.Metadata[key]})
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// of writes the network for a fixed batch.
func (n Network) of(backend compute.Backend, batch int) (*protos.ModelProto, error) {
	b := backend.(*onnxbackend.Backend)
	b.SetKeepModelProto(true)
	defer b.SetKeepModelProto(false)
	defer n.Store.WithVariableAsConst(n.Store.VariablesAsConst())
	n.Store.WithVariableAsConst(true)

	exec, err := model.NewExec(backend, n.Store, func(scope *model.Scope, inputs *graph.Node) *graph.Node {
		return unit(n.Build(scope, inputs))
	})
	if err != nil {
		return nil, fmt.Errorf("onnxexport: %w", err)
	}
	defer exec.Finalize()
	g, err := exec.Compile(shapes.Make(dtypes.Float32, append([]int{batch}, n.Input...)...))
	if err != nil {
		return nil, fmt.Errorf("onnxexport: %w", err)
	}
	var content bytes.Buffer
	if err := onnxbackend.SaveModel(backend, g.Executable(), &content, []string{InputName}, []string{OutputName}); err != nil {
		return nil, fmt.Errorf("onnxexport: %w", err)
	}
	m := &protos.ModelProto{}
	if err := proto.Unmarshal(content.Bytes(), m); err != nil {
		return nil, fmt.Errorf("onnxexport: %w", err)
	}
	return m, nil
}

// unit divides each row by its length. Unlike the losses' it stays in float32, which every consumer has.
func unit(rows *graph.Node) *graph.Node {
	const shortest = 1e-12
	return graph.Div(rows, graph.MaxScalar(graph.Sqrt(graph.ReduceAndKeep(graph.Square(rows), graph.ReduceSum, -1)), shortest))
}

// plain returns an error for an operation of a vendor, and drops vendors that are imported for nothing.
func plain(m *protos.ModelProto) error {
	for _, node := range m.Graph.Node {
		if node.Domain != "" {
			return fmt.Errorf("onnxexport: the operation %s is not of the ONNX standard but of %s: this network cannot be written",
				node.OpType, node.Domain)
		}
	}
	m.OpsetImport = slices.DeleteFunc(m.OpsetImport, func(o *protos.OperatorSetIdProto) bool { return o.Domain != "" })
	return nil
}
