package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// npyArray is a NumPy file of numbers or of text.
type npyArray struct {
	shape   []int
	numbers []float32 // row by row, if it is of floating point numbers
	words   []string  // if it is of whole numbers or of text, as text: labels
}

// The parts of a NumPy file's head, which is a dictionary in Python.
var (
	npyType    = regexp.MustCompile(`'descr':\s*'([<|=]?)([a-zA-Z]\d+)'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([\d, ]*)\)`)
)

// readNPY reads a NumPy file. GoMLX's reader makes room for what the head declares; here it is first compared with the size of
// the file, and the head that GoMLX then sees is written anew.
func readNPY(file io.Reader, size int64) (npyArray, error) {
	head, length, err := npyHead(file)
	if err != nil {
		return npyArray{}, err
	}
	kind, fortran, dimensions := npyType.FindStringSubmatch(head), npyFortran.FindStringSubmatch(head), npyShape.FindStringSubmatch(head)
	if kind == nil || fortran == nil || dimensions == nil {
		return npyArray{}, fmt.Errorf("the head of the NumPy file is not read: %q; save an array of numbers, the little end first", strings.TrimSpace(head))
	}
	array, count := npyArray{}, int64(1)
	for _, word := range strings.FieldsFunc(dimensions[1], func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n > 0 && count > size/int64(n) {
			return npyArray{}, fmt.Errorf("the NumPy file declares the shape (%s), more than its %d bytes", dimensions[1], size)
		}
		array.shape, count = append(array.shape, n), count*int64(n)
	}
	each, err := strconv.ParseInt(kind[2][1:], 10, 32)
	if kind[2][0] == 'U' {
		each *= 4 // it counts letters, of 4 bytes each
	}
	if err != nil || each < 1 || each > size || count*each != size-length {
		return npyArray{}, fmt.Errorf("the NumPy file declares %s of the shape (%s), and has %d bytes for it: it is cut, or damaged", kind[2], dimensions[1], size-length)
	}
	if kind[2][0] == 'U' {
		array.words, err = npyText(file, count, int(each))
		return array, err
	}
	written := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': %s, 'shape': (%s), }\n", kind[1], kind[2], fortran[1], dimensions[1])
	prefix := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(written)))
	tensor, err := numpy.FromNpyReader(io.MultiReader(strings.NewReader(string(prefix)+written), file))
	if err != nil {
		return npyArray{}, err
	}
	defer tensor.MustFinalizeAll()
	return array, array.take(tensor)
}

// npyHead reads the head of a NumPy file, and says how many bytes it takes.
func npyHead(file io.Reader) (head string, length int64, err error) {
	var fixed [10]byte
	if _, err := io.ReadFull(file, fixed[:]); err != nil || string(fixed[:6]) != "\x93NUMPY" {
		return "", 0, errors.New("this is no NumPy file (.npy)")
	}
	size, taken := uint32(binary.LittleEndian.Uint16(fixed[8:])), int64(10)
	if fixed[6] > 1 { // from version 2 on, the size has 4 bytes
		var more [2]byte
		if _, err := io.ReadFull(file, more[:]); err != nil {
			return "", 0, io.ErrUnexpectedEOF
		}
		size, taken = size|uint32(binary.LittleEndian.Uint16(more[:]))<<16, 12
	}
	if size > 1<<16 {
		return "", 0, fmt.Errorf("the NumPy file has a head of %d bytes, which no array of numbers needs", size)
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(file, raw); err != nil {
		return "", 0, io.ErrUnexpectedEOF
	}
	return string(raw), taken + int64(size), nil
}

// npyText reads text of so many bytes each: letters of 4 bytes, filled up with zeros.
func npyText(file io.Reader, count int64, each int) (words []string, err error) {
	raw := make([]byte, each)
	for range count {
		if _, err := io.ReadFull(file, raw); err != nil {
			return nil, err
		}
		var word strings.Builder
		for at := 0; at < each; at += 4 {
			if letter := rune(binary.LittleEndian.Uint32(raw[at:])); letter != 0 {
				word.WriteRune(letter)
			}
		}
		words = append(words, word.String())
	}
	return words, nil
}

// take copies the numbers of a tensor.
func (a *npyArray) take(tensor *tensors.Tensor) error {
	return tensor.ConstFlatData(func(flat any) {
		switch values := flat.(type) {
		case []float32:
			a.numbers = append(a.numbers, values...)
		case []float64:
			a.numbers = asFloats(values)
		case []float16.Float16:
			for _, v := range values {
				a.numbers = append(a.numbers, v.Float32())
			}
		case []int8:
			a.words = asWords(values)
		case []uint8:
			a.words = asWords(values)
		case []int16:
			a.words = asWords(values)
		case []uint16:
			a.words = asWords(values)
		case []int32:
			a.words = asWords(values)
		case []uint32:
			a.words = asWords(values)
		case []int64:
			a.words = asWords(values)
		case []uint64:
			a.words = asWords(values)
		}
	})
}

func asFloats(values []float64) (numbers []float32) {
	for _, v := range values {
		numbers = append(numbers, float32(v))
	}
	return numbers
}

func asWords[T int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64](values []T) (words []string) {
	for _, v := range values {
		words = append(words, fmt.Sprint(v))
	}
	return words
}

// openNPY reads the NumPy file at a path.
func openNPY(path string) (npyArray, error) {
	file, err := os.Open(path)
	if err != nil {
		return npyArray{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return npyArray{}, err
	}
	array, err := readNPY(file, info.Size())
	if err != nil {
		return npyArray{}, fmt.Errorf("%s: %w", path, err)
	}
	return array, nil
}
