package backbone

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxruntime"
)

// Runner makes embeddings by a network that does not learn.
type Runner struct {
	Engine string // what it runs in

	file    *onnxfile.File
	session *onnxruntime.Session // nil in GoMLX
	exec    *model.Exec
}

// NewRunner returns a runner of a network, which is in ONNX Runtime unless that is not there.
func NewRunner(backend compute.Backend, f *onnxfile.File) (*Runner, error) {
	content, err := f.Content()
	if err != nil {
		return nil, err
	}
	session, err := onnxruntime.Load(content)
	if err == nil {
		return &Runner{Engine: "ONNX Runtime", file: f, session: session}, nil
	}
	if !errors.Is(err, onnxruntime.ErrNone) {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	store := model.NewStore()
	if err := f.Load(store.RootScope()); err != nil {
		return nil, err
	}
	exec, err := model.NewExec(backend, store, f.Embeddings)
	if err != nil {
		return nil, fmt.Errorf("%s: GoMLX: %w", f.Path, err)
	}
	return &Runner{Engine: "GoMLX on " + backend.Name(), file: f, exec: exec}, nil
}

// Embed returns the embeddings, row-major, Dim numbers each, of images of the network's size and channels, row-major with numbers in
// [0, 1]. Keep the number of images the same from call to call: in GoMLX each new one is compiled anew.
func (r *Runner) Embed(images []float32) ([]float32, error) {
	in := r.file.Input
	each := in.Size * in.Size * in.Channels
	if len(images) == 0 || len(images)%each != 0 {
		return nil, fmt.Errorf("%s takes %d numbers per image, and %d are given", r.file.Path, each, len(images))
	}
	rows, err := r.run(onnxruntime.Array{Values: images, Dims: []int{len(images) / each, in.Size, in.Size, in.Channels}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file.Path, err)
	}
	if bad := slices.IndexFunc(rows, notFinite); bad >= 0 {
		return nil, fmt.Errorf("%s gives image %d of its batch an embedding that is not finite", r.file.Path, bad/r.file.Dim)
	}
	return rows, nil
}

func (r *Runner) run(images onnxruntime.Array) ([]float32, error) {
	if r.session != nil {
		out, err := r.session.Run(images)
		if err != nil {
			return nil, err
		}
		return out[0].Values, nil
	}
	in := tensors.FromFlatDataAndDimensions(images.Values, images.Dims...)
	out, err := r.exec.Call(in)
	if err != nil {
		return nil, err
	}
	rows, err := tensors.CopyFlatData[float32](out[0])
	return rows, errors.Join(err, out[0].FinalizeAll(), in.FinalizeAll())
}

// Close frees what the runner holds.
func (r *Runner) Close() {
	if r.session != nil {
		r.session.Close()
	} else {
		r.exec.Finalize()
	}
}
