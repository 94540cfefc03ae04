package lossbatch

import (
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gomlx/compute/dtypes"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
)

// What is read of a batch, whatever its numbers: 4,096 rows of 512 have some 40 MB of JSON.
const (
	maxBatchBytes = 256 << 20
	maxValueBytes = 1 << 20 // of one number, name or gap, which is held as a whole
	numberBytes   = 128     // about what a number takes while it is read, computed with and written with its gradient
)

// batchReader reads a batch as it comes, and keeps its numbers alone.
type batchReader struct {
	decoder *jsontext.Decoder
	from    io.Reader
	read    int64
	most    Limits
	numbers int // read so far
}

var errBatchSize = usage.Errorf("batch: larger than %d MiB, or a number, name or gap of it larger than 1 MiB; compute it in parts, or "+
	"import pkg/losses",
	maxBatchBytes>>20)

// Read implements [io.Reader] for the decoder, and ends what it would have to hold too much of.
func (r *batchReader) Read(p []byte) (int, error) {
	if r.read > maxBatchBytes || r.read-r.decoder.InputOffset() > maxValueBytes {
		return 0, errBatchSize
	}
	n, err := r.from.Read(p)
	r.read += int64(n)
	return n, err
}

// object reads the JSON object and what is behind it, which is nothing.
func (r *batchReader) object() (batch Batch, err error) {
	begin, err := r.decoder.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return batch, usage.Errorf(`batch: nothing on standard input; want {"embeddings": [[…]], "labels": […]}`)
	case err != nil:
		return batch, r.wrong(err)
	case begin.Kind() != '{':
		return batch, usage.Errorf(`batch: it is no JSON object; want {"embeddings": [[…]], "labels": […]}`)
	}
	batch.dtype = dtypes.Float64
	for r.decoder.PeekKind() != '}' {
		name, err := r.decoder.ReadToken()
		if err != nil {
			return batch, r.wrong(err)
		}
		switch name := name.String(); name {
		case "embeddings":
			batch.embeddings, err = r.matrix(name)
		case "weights":
			batch.weights, err = r.matrix(name)
		case "labels":
			batch.labels, err = r.labels()
		case "dtype":
			batch.dtype, err = r.dtype()
		default:
			err = usage.Errorf("batch: unknown field %q: %s", name, suggest.For(name, []string{"embeddings", "labels", "weights", "dtype"}))
		}
		if err != nil {
			return batch, err
		}
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		return batch, r.wrong(err)
	}
	if batch.embeddings.rows == 0 {
		return batch, r.noMatrix("embeddings", "none")
	}
	if _, err := r.decoder.ReadToken(); errors.Is(err, errBatchSize) {
		return batch, errBatchSize // without the decoder's words
	} else if !errors.Is(err, io.EOF) {
		return batch, usage.Errorf("batch: something follows after the JSON object")
	}
	return batch, nil
}

// wrong says what is wrong with the JSON itself.
func (r *batchReader) wrong(err error) error {
	if errors.Is(err, errBatchSize) {
		return errBatchSize
	}
	return usage.Errorf(`batch: not the JSON that is wanted: %w; a batch is {"embeddings": [[1, 0], [0, 1]], "labels": [0, 0]}`, strictjson.Syntax(nil, err))
}

// list reads a list, each of whose elements is read by a function.
func (r *batchReader) list(notOne func(got string) error, element func() error) error {
	if begin, err := r.decoder.ReadToken(); err != nil {
		return r.wrong(err)
	} else if begin.Kind() != '[' {
		return notOne(strictjson.Kinds[begin.Kind()])
	}
	for r.decoder.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		return r.wrong(err)
	}
	return nil
}

func (r *batchReader) noMatrix(name, got string) error {
	return usage.Errorf("batch: %s must be a matrix, [[number, …], …], of finite numbers with at least one row and one column, got %s at "+
		"byte %d",
		name, got, r.decoder.InputOffset())
}

// matrix reads rows of as many finite numbers each. It gathers them in pieces, since what grows would leave several times its size.
func (r *batchReader) matrix(name string) (m matrix, err error) {
	const piece = 1 << 16
	var pieces [][]float64
	noMatrix := func(got string) error { return r.noMatrix(name, got) }
	err = r.list(noMatrix, func() error {
		if err := r.most.refuseRows(m.rows + 1); err != nil {
			return err
		}
		columns := 0
		if err := r.list(noMatrix, func() error {
			x, err := r.number(name, m.rows, columns)
			columns++
			if last := len(pieces) - 1; last < 0 || len(pieces[last]) == piece {
				pieces = append(pieces, make([]float64, 0, piece))
			}
			last := len(pieces) - 1
			pieces[last] = append(pieces[last], x)
			return err
		}); err != nil {
			return err
		}
		if m.rows == 0 {
			m.columns = columns
		}
		if columns != m.columns {
			return usage.Errorf("batch: %s: row 0 has %d numbers, row %d has %d; all need as many", name, m.columns, m.rows, columns)
		}
		m.rows++
		return nil
	})
	if err == nil && len(pieces) == 0 {
		err = noMatrix("none")
	}
	if err != nil {
		return matrix{}, err
	}
	m.numbers = slices.Concat(pieces...)
	return m, nil
}

// number reads a finite number of a matrix.
func (r *batchReader) number(name string, row, column int) (float64, error) {
	switch kind := r.decoder.PeekKind(); kind {
	case '0':
	case 'n':
		return 0, usage.Errorf("batch: %s: row %d, column %d is null, want a number", name, row, column)
	case '{', '[', '"', 't', 'f':
		return 0, r.noMatrix(name, strictjson.Kinds[kind])
	}
	text, err := r.decoder.ReadValue()
	if err != nil {
		return 0, r.wrong(err)
	}
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, r.noMatrix(name, string(text))
	}
	if r.numbers++; int64(r.numbers) > r.most.Bytes()/numberBytes {
		return 0, usage.Errorf("batch: it has more than %d numbers, which need more than %s: give it in parts, or --memory more gigabytes",
			r.most.Bytes()/numberBytes, file.Size(r.most.Bytes()))
	}
	return x, nil
}

// labels reads whole numbers.
func (r *batchReader) labels() ([]int64, error) {
	labels := []int64{}
	err := r.list(func(got string) error {
		return usage.Errorf("batch: labels must be a list of whole numbers, got %s", got)
	}, func() error {
		if err := r.most.refuseRows(len(labels) + 1); err != nil {
			return err
		}
		text, err := r.decoder.ReadValue()
		if err != nil {
			return r.wrong(err)
		}
		label, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			return usage.Errorf("batch: label %d is %s, want a whole number", len(labels), text)
		}
		labels = append(labels, label)
		return nil
	})
	return labels, err
}

// dtype reads the name of a type.
func (r *batchReader) dtype() (dtypes.DType, error) {
	token, err := r.decoder.ReadToken()
	if err != nil {
		return 0, r.wrong(err)
	}
	name := token.String()
	dtype := precisions[name]
	if dtype == dtypes.InvalidDType || token.Kind() != '"' {
		return 0, usage.Errorf("batch: unknown dtype %q: %s", name,
			suggest.For(name, []string{"float64", "float32", "bfloat16", "float16"}))
	}
	return dtype, nil
}
