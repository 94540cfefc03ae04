// Package lossbatch computes a loss and its gradient on a batch that is read as JSON, within limits of memory and rows.
package lossbatch

import (
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
)

// Setting says what is computed on a batch.
type Setting struct {
	Loss       losses.Loss
	Similarity losses.Similarity
	Reduction  losses.Reduction
	ClassLevel bool // the batch has class weights
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
