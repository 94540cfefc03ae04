package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"github.com/gomlx/compute-onnx/support/protos"
	"google.golang.org/protobuf/proto"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/onnxfile"
)

// The files of the network that [describe] writes, for peers that read no ONNX.
const (
	networkFile  = "network.onnx"
	describeFile = "network.json"
	weightsFile  = "network.bin"
)

// description is a network as peers compute it: from images [n, size, size, channels] in [0, 1] to embeddings.
type description struct {
	Input   string            `json:"input"`
	Output  string            `json:"output"`
	Size    int               `json:"size"`
	Dim     int               `json:"dim"`
	Nodes   []node            `json:"nodes"`
	Floats  map[string]array  `json:"floats"`  // in [weightsFile]
	Numbers map[string]number `json:"numbers"` // whole ones, such as axes
}

// node is an operation of ONNX.
type node struct {
	Op         string         `json:"op"`
	Inputs     []string       `json:"inputs"`
	Outputs    []string       `json:"outputs"`
	Attributes map[string]any `json:"attributes"`
}

// array is a weight: where its numbers begin, and its dimensions.
type array struct {
	Begin int     `json:"begin"`
	Dims  []int64 `json:"dims"`
}

// number is a constant of whole numbers.
type number struct {
	Values []int64 `json:"values"`
	Dims   []int64 `json:"dims"`
}

// open reads a network as `unipair` does.
func open(path string) (*onnxfile.File, error) {
	device, err := backend.New("go", 1)
	if err != nil {
		return nil, err
	}
	preparation := onnxfile.Presets["efficientnet-lite"]
	return onnxfile.Open(device, path, onnxfile.Choice{Preparation: &preparation})
}

// describe writes a network into a folder: the file, and what it does in words that peers read.
func describe(path, dir string) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	content, err := f.Content()
	if err != nil {
		return err
	}
	var m protos.ModelProto
	if err := proto.Unmarshal(content, &m); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	d := description{
		Input: m.Graph.Input[0].GetName(), Output: m.Graph.Output[0].GetName(), Size: f.Input.Size, Dim: f.Dim,
		Floats: map[string]array{}, Numbers: map[string]number{},
	}
	var weights []byte
	keep := func(name string, t *protos.TensorProto) error {
		switch protos.TensorProto_DataType(t.GetDataType()) {
		case protos.TensorProto_FLOAT:
			d.Floats[name] = array{len(weights) / 4, t.GetDims()}
			if weights = append(weights, t.GetRawData()...); len(t.GetRawData()) == 0 {
				for _, x := range t.GetFloatData() {
					weights = binary.LittleEndian.AppendUint32(weights, math.Float32bits(x))
				}
			}
		case protos.TensorProto_INT64:
			values := t.GetInt64Data()
			for raw := t.GetRawData(); len(raw) >= 8; raw = raw[8:] {
				values = append(values, int64(binary.LittleEndian.Uint64(raw)))
			}
			d.Numbers[name] = number{values, t.GetDims()}
		default:
			return fmt.Errorf("%s: the constant %s is of a type that peers are not told: %d", path, name, t.GetDataType())
		}
		return nil
	}
	for _, t := range m.Graph.Initializer {
		if err := keep(t.GetName(), t); err != nil {
			return err
		}
	}
	for _, n := range m.Graph.Node {
		if n.GetOpType() == "Constant" {
			for _, a := range n.Attribute {
				if err := keep(n.Output[0], a.GetT()); err != nil {
					return err
				}
			}
			continue
		}
		attributes := map[string]any{}
		for _, a := range n.Attribute {
			switch a.GetType() {
			case protos.AttributeProto_INT:
				attributes[a.GetName()] = a.GetI()
			case protos.AttributeProto_INTS:
				attributes[a.GetName()] = a.GetInts()
			case protos.AttributeProto_FLOAT:
				attributes[a.GetName()] = a.GetF()
			case protos.AttributeProto_STRING:
				attributes[a.GetName()] = string(a.GetS())
			default:
				return fmt.Errorf("%s: %s has an attribute %s that peers are not told", path, n.GetOpType(), a.GetName())
			}
		}
		d.Nodes = append(d.Nodes, node{n.GetOpType(), n.Input, n.Output, attributes})
	}
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	raw, err := file.Read(path, 2<<30)
	if err != nil {
		return err
	}
	return errors.Join(file.WriteBytes(filepath.Join(dir, describeFile), text), file.WriteBytes(filepath.Join(dir, weightsFile), weights),
		file.WriteBytes(filepath.Join(dir, networkFile), raw))
}
