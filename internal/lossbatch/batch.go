// Package lossbatch computes a loss and its gradient on a batch that is read as JSON, within limits of memory and rows.
package lossbatch

import (
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gomlx/compute/dtypes"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
)

// A matrix is rows of as many numbers each.
type matrix struct {
	rows, columns int
	numbers       []float64 // row-major
}

// Batch is what a loss is computed on.
type Batch struct {
	embeddings matrix
	labels     []int64
	weights    matrix // class-level only
	dtype      dtypes.DType
}

// precisions are the types that a batch can ask for.
var precisions = map[string]dtypes.DType{
	"float64": dtypes.Float64, "float32": dtypes.Float32, "bfloat16": dtypes.BFloat16, "float16": dtypes.Float16,
}

// Read reads a batch for a setting, and refuses what no loss could take, or what is beyond the limits.
func (s Setting) Read(in io.Reader, most Limits) (Batch, error) {
	r := &batchReader{from: in, most: most}
	r.decoder = jsontext.NewDecoder(r)
	batch, err := r.object()
	if err != nil {
		return Batch{}, err
	}
	if s.ClassLevel && batch.weights.rows == 0 {
		return Batch{}, usage.Errorf(`batch: a class-level loss needs "weights": [[…]], one row a class`)
	}
	if !s.ClassLevel && batch.weights.rows > 0 {
		return Batch{}, usage.Errorf(`batch: "weights" are for class-level losses; leave them out, or add --classes`)
	}
	if have, want := batch.weights.columns, batch.embeddings.columns; s.ClassLevel && have != want {
		return Batch{}, usage.Errorf("batch: embeddings have %d numbers a row, weights %d; they must have as many", want, have)
	}
	centers := losses.CentersOf(s.Loss) // rows of weights per class
	if rows := batch.weights.rows; rows%centers != 0 {
		return Batch{}, usage.Errorf("batch: %d rows of weights are not a whole number of classes of %d centers", rows, centers)
	}
	if err := checkLabels(batch.labels, batch.embeddings.rows, batch.weights.rows/centers); err != nil {
		return Batch{}, err
	}
	if number := batch.overflow(); number != "" {
		return Batch{}, usage.Errorf("batch: %s is beyond the range of %s", number, batch.dtype)
	}
	return batch, nil
}

// checkLabels returns an error unless there is a label ≥ 0 a row, below the number of classes where there are class weights.
func checkLabels(labels []int64, rows, classes int) error {
	if len(labels) != rows {
		return usage.Errorf("batch: %d labels for %d embeddings; want one each", len(labels), rows)
	}
	for i, label := range labels {
		switch {
		case label < 0:
			return usage.Errorf("batch: label %d is %d, want ≥ 0", i, label)
		case classes > 0 && label >= int64(classes):
			return usage.Errorf("batch: label %d is %d, but there are weights of %d classes, 0 to %d", i, label, classes, classes-1)
		}
	}
	return nil
}

// overflow names the first number of a matrix that is infinite in a type, or returns an empty string.
func (b Batch) overflow() string {
	limit := map[dtypes.DType]float64{dtypes.Float32: 0x1.fffffep127, dtypes.BFloat16: 0x1.fep127, dtypes.Float16: 65504}[b.dtype]
	if limit == 0 {
		return ""
	}
	for _, numbers := range [][]float64{b.embeddings.numbers, b.weights.numbers} {
		if i := slices.IndexFunc(numbers, func(x float64) bool { return x > limit || x < -limit }); i >= 0 {
			return fmt.Sprintf("%g", numbers[i])
		}
	}
	return ""
}
