package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gomlx/compute/dtypes/float16"

	"github.com/unipair/unipair/internal/file"
)

// KindName returns the name that NumPy has for the type of the elements.
func (a Array) KindName() string {
	switch a.Kind {
	case 'f', 'i', 'c':
		return fmt.Sprintf("%s%d", map[byte]string{'f': "float", 'i': "int", 'c': "complex"}[a.Kind], 8*a.each)
	case 'u':
		return fmt.Sprintf("uint%d", 8*a.each)
	case 'O':
		return "Python's objects ('|O')"
	}
	if name, ok := map[byte]string{'b': "bool", 'S': "bytes", 'U': "text", 'M': "datetime64", 'm': "timedelta64"}[a.Kind]; ok {
		return name
	}
	return fmt.Sprintf("'%c%d'", a.Kind, a.each)
}

// elements hands over the bytes of each element in turn.
func (a Array) elements(take func(i int, raw []byte) error) error {
	raw := make([]byte, min(max(1, 1<<16/a.each), a.Count)*a.each) // read at once
	for i := 0; i < a.Count; {
		raw = raw[:min(len(raw), (a.Count-i)*a.each)]
		if _, err := io.ReadFull(a.from, raw); err != nil {
			return io.ErrUnexpectedEOF
		}
		for at := 0; at < len(raw); at += a.each {
			if err := take(i, raw[at:at+a.each]); err != nil {
				return err
			}
			i++
		}
	}
	return nil
}

// IsFloats tells whether [Array.Numbers] reads it.
func (a Array) IsFloats() bool {
	return a.Kind == 'f' && (a.each == 2 || a.each == 4 || a.each == 8)
}

// Numbers reads an array of floating point numbers, row by row. rounded tells whether some have more digits than 32 bits hold. One that
// is not finite, in 32 bits, is an error that names its row and column.
func (a Array) Numbers() (numbers []float32, rounded bool, err error) {
	numbers = make([]float32, a.Count)
	rows, width := a.Count, 1
	if len(a.Shape) == 2 {
		rows, width = a.Shape[0], a.Shape[1]
	}
	err = a.elements(func(i int, raw []byte) error {
		if a.Fortran {
			i = i%rows*width + i/rows
		}
		v := float(raw)
		numbers[i] = float32(v)
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return fmt.Errorf("row %d, column %d (from 0) is %g, which is not finite", i/width, i%width, v)
		case math.IsInf(float64(numbers[i]), 0):
			return fmt.Errorf("row %d, column %d (from 0) is %g, and numbers are of 32 bits here, up to 3.4e+38: scale the features",
				i/width, i%width, v)
		}
		rounded = rounded || float64(numbers[i]) != v
		return nil
	})
	return numbers, rounded, err
}

// float returns a floating point number of 2, 4 or 8 bytes.
func float(raw []byte) float64 {
	switch len(raw) {
	case 2:
		return float64(float16.FromBits(binary.LittleEndian.Uint16(raw)).Float32())
	case 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(raw))
}

// IsWords tells whether [Array.Words] reads it.
func (a Array) IsWords() bool {
	switch a.Kind {
	case 'i', 'u':
		return a.each == 1 || a.each == 2 || a.each == 4 || a.each == 8
	case 'b':
		return a.each == 1
	}
	return a.Kind == 'U' || a.Kind == 'S'
}

// Words reads an array of whole numbers, truth values or text, as text.
func (a Array) Words() (words []string, err error) {
	if !a.IsWords() || a.each > maxTextBytes {
		return nil, fmt.Errorf("unsupported NumPy type %s: labels are whole numbers, or text of at most %s",
			a.KindName(), file.Size(maxTextBytes))
	}
	once := map[string]string{} // each word once in memory
	words = make([]string, 0, a.Count)
	err = a.elements(func(i int, raw []byte) error {
		word, ok := a.word(raw)
		if !ok {
			return fmt.Errorf("unsupported NumPy text: label %d (from 0) has bytes that are no text in UTF-8: save labels.astype(str)", i)
		}
		if _, known := once[word]; !known {
			once[word] = word
		}
		words = append(words, once[word])
		return nil
	})
	return words, err
}

// word returns an element as text; ok is false if it is text that is none.
func (a Array) word(raw []byte) (word string, ok bool) {
	var bits uint64
	for i, b := range raw[:min(len(raw), 8)] {
		bits |= uint64(b) << (8 * i)
	}
	switch a.Kind {
	case 'b':
		return map[bool]string{false: "False", true: "True"}[bits != 0], true // as Python writes them
	case 'u':
		return strconv.FormatUint(bits, 10), true
	case 'i':
		unused := 64 - 8*a.each // whose first bit is the sign
		return strconv.FormatInt(int64(bits<<unused)>>unused, 10), true
	case 'S':
		word = strings.TrimRight(string(raw), "\x00")
		return word, utf8.ValidString(word) && !strings.ContainsFunc(word, unicode.IsControl)
	}
	var text strings.Builder
	for at := 0; at < len(raw); at += 4 {
		letter := rune(binary.LittleEndian.Uint32(raw[at:]))
		if !utf8.ValidRune(letter) {
			return "", false
		}
		text.WriteRune(letter)
	}
	return strings.TrimRight(text.String(), "\x00"), true // it is filled up with zeros
}
