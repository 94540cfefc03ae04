package onnxfile

import (
	"fmt"

	"github.com/gomlx/compute-onnx/support/protos"
	"google.golang.org/protobuf/proto"
)

// Content returns an ONNX file from images, as [File.Embeddings] takes them, to embeddings: the file as it was read, with the preparation
// before it and the pooling after it. It is for ONNX Runtime.
func (f *File) Content() ([]byte, error) {
	return f.around(func(w *wrapper) {
		w.g.Output = []*protos.ValueInfoProto{valueInfo(w.pooled(f), "n", f.Dim)}
	})
}

// ContentOf returns what [File.Content] does, with some of the network's values for outputs, each of so many dimensions.
func (f *File) ContentOf(values []string, ranks []int) ([]byte, error) {
	return f.around(func(w *wrapper) {
		w.g.Output = nil
		for i, name := range values {
			dims := make([]any, ranks[i])
			for axis := range dims {
				dims[axis] = fmt.Sprintf("%s_%d", name, axis)
			}
			w.g.Output = append(w.g.Output, valueInfo(name, dims...))
		}
	})
}

// around reads the file again, puts the preparation before it, and lets outputs be chosen.
func (f *File) around(choose func(*wrapper)) ([]byte, error) {
	m, err := unmarshal(f.content)
	if err != nil {
		return nil, err
	}
	w := wrapperOf(m)
	w.g.ValueInfo = nil // of values whose batch may have been fixed
	w.prepare(f)
	choose(w)
	return proto.Marshal(m)
}
