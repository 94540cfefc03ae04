package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/unipair/unipair/internal/nearest"
)

// maxBatchBytes is how much JSON is read: a batch of 4,096 × 512 has some 40 MB.
const maxBatchBytes = 256 << 20

// lossBatch is what `unipair loss` computes on.
type lossBatch struct {
	embeddings [][]float64
	labels     []int64
	weights    [][]float64 // class-level only
	dtype      dtypes.DType
}

// precisions are the types that a batch can ask for.
var precisions = map[string]dtypes.DType{
	"float64": dtypes.Float64, "float32": dtypes.Float32, "bfloat16": dtypes.BFloat16, "float16": dtypes.Float16,
}

// readBatch reads a batch and refuses what no loss could take. Class weights have so many centers, rows, a class.
func readBatch(in io.Reader, classLevel bool, centers int) (lossBatch, error) {
	var raw struct {
		Embeddings json.RawMessage `json:"embeddings"`
		Labels     []json.Number   `json:"labels"`
		Weights    json.RawMessage `json:"weights"`
		DType      string          `json:"dtype"`
	}
	limited := &io.LimitedReader{R: in, N: maxBatchBytes + 1}
	decoder := json.NewDecoder(limited)
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	err := decoder.Decode(&raw)
	if limited.N == 0 {
		return lossBatch{}, usagef("batch: larger than %d MiB; compute it in parts, or import pkg/losses", maxBatchBytes>>20)
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return lossBatch{}, usagef(`batch: nothing on standard input; want {"embeddings": [[…]], "labels": […]}`)
	case errors.As(err, &wrongType):
		return lossBatch{}, usagef("batch: %s cannot be a %s", wrongType.Field, wrongType.Value)
	case err != nil:
		return lossBatch{}, usagef("batch: not the JSON that is wanted: %w", err)
	case decoder.More():
		return lossBatch{}, usagef("batch: something follows after the JSON object")
	}
	batch := lossBatch{dtype: dtypes.Float64}
	if raw.DType != "" {
		if batch.dtype = precisions[raw.DType]; batch.dtype == dtypes.InvalidDType {
			return lossBatch{}, usagef("batch: unknown dtype %q: %s", raw.DType,
				nearest.Suggest(raw.DType, []string{"float64", "float32", "bfloat16", "float16"}))
		}
	}
	if batch.embeddings, err = readMatrix("embeddings", raw.Embeddings); err != nil {
		return lossBatch{}, err
	}
	if classLevel && raw.Weights == nil {
		return lossBatch{}, usagef(`batch: a class-level loss needs "weights": [[…]], one row a class`)
	}
	if !classLevel && raw.Weights != nil {
		return lossBatch{}, usagef(`batch: "weights" are for class-level losses; leave them out, or add --classes`)
	}
	if classLevel {
		if batch.weights, err = readMatrix("weights", raw.Weights); err != nil {
			return lossBatch{}, err
		}
		if have, want := len(batch.weights[0]), len(batch.embeddings[0]); have != want {
			return lossBatch{}, usagef("batch: embeddings have %d numbers a row, weights %d; they must have as many", want, have)
		}
		if rows := len(batch.weights); rows%centers != 0 {
			return lossBatch{}, usagef("batch: %d rows of weights are not a whole number of classes of %d centers", rows, centers)
		}
	}
	batch.labels, err = readLabels(raw.Labels, len(batch.embeddings), len(batch.weights)/centers)
	return batch, err
}

// readMatrix reads rows of as many finite numbers each.
func readMatrix(name string, raw json.RawMessage) ([][]float64, error) {
	var rows [][]*float64
	if err := json.Unmarshal(raw, &rows); err != nil || len(rows) == 0 || len(rows[0]) == 0 {
		return nil, usagef("batch: %s must be a matrix, [[number, …], …], of finite numbers with at least one row and one column%s",
			name, cause(err))
	}
	matrix := make([][]float64, len(rows))
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return nil, usagef("batch: %s: row 0 has %d numbers, row %d has %d; all need as many", name, len(rows[0]), i, len(row))
		}
		for j, number := range row {
			if number == nil {
				return nil, usagef("batch: %s: row %d, column %d is null, want a number", name, i, j)
			}
			matrix[i] = append(matrix[i], *number)
		}
	}
	return matrix, nil
}

// cause names what JSON could not be read as a matrix.
func cause(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf(", got %s at byte %d", wrong.Value, wrong.Offset)
	}
	return ""
}

// readLabels reads one whole number ≥ 0 a row, below the number of classes where there are class weights.
func readLabels(raw []json.Number, rows, classes int) ([]int64, error) {
	if len(raw) != rows {
		return nil, usagef("batch: %d labels for %d embeddings; want one each", len(raw), rows)
	}
	labels := make([]int64, rows)
	for i, number := range raw {
		label, err := number.Int64()
		switch {
		case err != nil:
			return nil, usagef("batch: label %d is %s, want a whole number", i, number)
		case label < 0:
			return nil, usagef("batch: label %d is %d, want ≥ 0", i, label)
		case classes > 0 && label >= int64(classes):
			return nil, usagef("batch: label %d is %d, but there are weights of %d classes, 0 to %d", i, label, classes, classes-1)
		}
		labels[i] = label
	}
	return labels, nil
}

// overflow names the first number of a matrix that is infinite in a type, or returns an empty string.
func (b lossBatch) overflow() string {
	limit := map[dtypes.DType]float64{dtypes.Float32: 0x1.fffffep127, dtypes.BFloat16: 0x1.fep127, dtypes.Float16: 65504}[b.dtype]
	if limit == 0 {
		return ""
	}
	for _, matrix := range [][][]float64{b.embeddings, b.weights} {
		for _, row := range matrix {
			if i := slices.IndexFunc(row, func(x float64) bool { return x > limit || x < -limit }); i >= 0 {
				return fmt.Sprintf("%g", row[i])
			}
		}
	}
	return ""
}
