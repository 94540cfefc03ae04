// Package onnxfile reads networks of images from ONNX files, and builds them in GoMLX. It refuses what it would not read right, in one
// line that says what to do. It does not run networks: package backbone compares what GoMLX makes of one with ONNX Runtime.
package onnxfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute-onnx/support/protos"
	"github.com/gomlx/onnx-gomlx/onnx"
	"github.com/gomlx/onnx-gomlx/onnx/parser"
	"google.golang.org/protobuf/proto"

	"github.com/unipair/unipair/internal/file"
)

// most bounds the bytes of a file: a message of protocol buffers has at most 2 GB.
const most = 2 << 30

// Choice says what a file leaves open.
type Choice struct {
	Output      string       // name of the output, or of any value within, or several with commas; empty where the file has one output
	Pool        Pool         // how tokens or places become one row; empty where there are none
	Size        int          // width and height in pixels; 0 where the file says it
	OpenSize    int          // that is taken where neither the file nor Size says one; may be 0
	Preparation *Preparation // of pixels; nil where the file says it
}

// File is a network of images.
type File struct {
	Path        string
	Sum         string // SHA-256 of the file, in hexadecimals
	Input       Input
	Output      string // name of the value that is the embedding, or of several that are its parts
	Pool        Pool
	Dim         int // numbers per embedding
	Preparation Preparation
	Metadata    map[string]string

	content []byte             // as it was read
	graph   *protos.GraphProto // simplified
	model   onnx.Model         // of the simplified graph
	ranks   []int              // of the outputs, before they are pooled
}

// Open reads a file and builds it once on the backend, without running it. Errors name the file.
func Open(backend compute.Backend, path string, choice Choice) (*File, error) {
	content, err := file.Read(path, most)
	if errors.Is(err, file.ErrTooLarge) {
		return nil, fmt.Errorf("%w: take the network in a smaller size", err)
	}
	if err != nil {
		return nil, err
	}
	f := &File{Path: path, Output: choice.Output, Pool: choice.Pool, Metadata: make(map[string]string), content: content}
	if err := f.read(backend, choice); err != nil {
		return nil, file.Named(path, err)
	}
	sum := sha256.Sum256(content)
	f.Sum = hex.EncodeToString(sum[:])
	return f, nil
}

// Key returns what tells the network's embeddings from those of another file, output, pooling, size or preparation, in hexadecimals.
func (f *File) Key() (string, error) {
	text, err := json.Marshal([]any{f.Sum, f.Output, f.Pool, f.Input.Size, f.Preparation})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

func (f *File) read(backend compute.Backend, choice Choice) error {
	m, err := unmarshal(f.content)
	if err != nil {
		return err
	}
	for _, property := range m.MetadataProps {
		f.Metadata[property.Key] = property.Value
	}
	if err := refuse(m); err != nil {
		return err
	}
	simplify(m)
	if f.Input, err = inputOf(m.Graph, choice.Size, choice.OpenSize); err != nil {
		return err
	}
	f.graph = m.Graph
	content, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	if f.model, err = parser.Parse(content); err != nil {
		return err
	}
	f.model.DisableFusion() // a fusion has weights of its own, which training would miss
	if !branches(m.Graph) {
		f.model.FreeUnusedVariables()
	}
	if err := f.chooseOutput(); err != nil {
		return err
	}
	if err := f.try(backend); err != nil {
		return err
	}
	f.Preparation, err = preparationOf(f.Metadata, choice.Preparation)
	return err
}

// unmarshal reads the message that an ONNX file is.
func unmarshal(content []byte) (*protos.ModelProto, error) {
	m := &protos.ModelProto{}
	if err := proto.Unmarshal(content, m); err != nil || m.Graph == nil || m.IrVersion == 0 || len(m.Graph.Node) == 0 {
		return nil, fmt.Errorf("is no ONNX file: give one that a network was exported to, as by torch.onnx.export")
	}
	return m, nil
}
