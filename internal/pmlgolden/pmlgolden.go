// Package pmlgolden holds what an independent library computed, for tests to compare with.
//
// pml.json has values and gradients of pytorch-metric-learning 2.9.0 (torch 2.15) in float64 and float32 on eight batches:
// losses, miners, distances, regularizers and retrieval accuracies. Its inputs are multiples of 1/64 times a power of two,
// the same numbers in every type.
package pmlgolden

import (
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"sync"
)

//go:embed pml.json
var pmlJSON []byte

// File is pml.json.
type File struct {
	Cases     map[string]Case            `json:"cases"`
	Params    map[string]json.RawMessage `json:"params"`
	Variants  map[string]Variant         `json:"variants"`
	Results   []Result                   `json:"results"`
	Miners    []Mined                    `json:"miners"`
	Distances []Distance                 `json:"distances"`
	Accuracy  []Accuracy                 `json:"accuracy"`
}

// Case is a batch.
type Case struct {
	About      string      `json:"about"`
	Labels     []int32     `json:"labels"`
	Embeddings [][]float64 `json:"emb"`
}

// Variant is a loss under a setting.
type Variant struct {
	Kind   string            `json:"kind"`  // what the loss was given: labels, class, ref, self, xbm, vicreg, manifold
	Miner  string            `json:"miner"` // its class, or empty
	Params map[string]string `json:"params"`
}

// Result holds what a variant gave on a case in a type.
type Result struct {
	Variant   string            `json:"v"`
	Case      string            `json:"c"`
	Type      string            `json:"t"` // f64 or f32
	Value     string            `json:"y"`
	Gradient  string            `json:"g"`  // of the embeddings, see [Result.Decode]
	Reference string            `json:"gr"` // gradient of the reference embeddings
	Parameter map[string]string `json:"p"`  // gradients of the parameters
	Error     string            `json:"e"`  // what the library raised
}

// Mined holds what a miner chose on a case: four lists for pairs (anchors, positives, anchors, negatives), three for triplets.
type Mined struct {
	Miner   string  `json:"m"`
	Case    string  `json:"c"`
	Indices [][]int `json:"i"`
}

// Distance is a matrix of distances or similarities.
type Distance struct {
	Name   string `json:"d"`
	Query  string `json:"q"`
	Ref    string `json:"r"`
	Matrix string `json:"m"`
}

// Accuracy holds what AccuracyCalculator gave: of the case against itself ("self") or against the reference set ("ref").
type Accuracy struct {
	Case    string         `json:"c"`
	K       any            `json:"k"` // how many neighbours: a number, "max_bin_count", or nil for all
	Options map[string]any `json:"opt"`
	Mode    string         `json:"mode"`
	Values  map[string]any `json:"a"` // a number as text, or a list of them, one per class
}

// Read returns pml.json.
var Read = sync.OnceValue(func() *File {
	file := new(File)
	if err := json.Unmarshal(pmlJSON, file); err != nil {
		panic(fmt.Sprintf("golden: pml.json: %v", err))
	}
	return file
})

// Vectors returns a parameter that is a list of vectors.
func (f *File) Vectors(name string) [][]float64 {
	var vectors [][]float64
	f.parameter(name, &vectors)
	return vectors
}

// Numbers returns a parameter that is a list of numbers.
func (f *File) Numbers(name string) []float64 {
	var numbers []float64
	f.parameter(name, &numbers)
	return numbers
}

func (f *File) parameter(name string, into any) {
	if err := json.Unmarshal(f.Params[name], into); err != nil {
		panic(fmt.Sprintf("golden: pml.json: parameter %q: %v", name, err))
	}
}

// Loss returns the value as a number, NaN and infinities included.
func (r Result) Loss() float64 {
	value, err := strconv.ParseFloat(r.Value, 64)
	if err != nil {
		panic(fmt.Sprintf("golden: pml.json: %s on %s: %v", r.Variant, r.Case, err))
	}
	return value
}

// Decode returns the n numbers of one of the result's arrays: base64, little-endian, row-major; "0" is all zeros.
func (r Result) Decode(text string, n int) []float64 { return decode(text, r.Type, n) }

// Values returns the matrix of a distance, n numbers, row-major.
func (d Distance) Values(n int) []float64 { return decode(d.Matrix, "f64", n) }

func decode(text, kind string, n int) []float64 {
	numbers := make([]float64, n)
	if text == "0" {
		return numbers
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	width := map[string]int{"f64": 8, "f32": 4}[kind]
	if err != nil || len(raw) != n*width {
		panic(fmt.Sprintf("golden: pml.json: want %d numbers of type %s, got %d bytes (%v)", n, kind, len(raw), err))
	}
	for i := range numbers {
		if width == 8 {
			numbers[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		} else {
			numbers[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	return numbers
}
