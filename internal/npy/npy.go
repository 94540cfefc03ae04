// Package npy reads NumPy files of numbers, truth values and text. What a file declares is compared with its size before room is made for
// it.
package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// What is read of an array.
const (
	maxArrayBytes = 8 << 30
	maxTextBytes  = 1 << 16 // of one label
)

// Array is a NumPy file of which the head is read, and the rest not yet.
type Array struct {
	Shape   []int
	Count   int  // of its elements
	Kind    byte // NumPy's letter for what they are
	Fortran bool // columns are together, not rows

	from io.Reader
	each int // bytes of an element
}

// The parts of a NumPy file's head, which is a dictionary in Python.
var (
	typePart    = regexp.MustCompile(`'descr':\s*'([<>|=]?)([a-zA-Z])(\d*)(\[[^']*\])?'`)
	recordsPart = regexp.MustCompile(`'descr':\s*\[`)
	orderPart   = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	shapePart   = regexp.MustCompile(`'shape':\s*\(([\d, ]*)\)`)
)

// Open opens the NumPy file at a path and reads its head. The file is to be closed. The error is for [file.Named].
func Open(path string) (Array, *os.File, error) {
	opened, err := file.Open(path)
	if err != nil {
		return Array{}, nil, err
	}
	info, err := opened.Stat()
	array := Array{}
	if err == nil && info.Size() > maxArrayBytes {
		err = fmt.Errorf("it has more than %s, the most that an array may have: divide it, or save x.astype('float16')",
			file.Size(maxArrayBytes))
	} else if err == nil {
		array, err = Of(opened, info.Size())
	}
	if err != nil {
		return Array{}, nil, errors.Join(err, opened.Close())
	}
	return array, opened, nil
}

// Of reads the head of a NumPy file. What it declares is compared with the size of the file.
func Of(from io.Reader, size int64) (Array, error) {
	head, length, err := headOf(from)
	if err != nil {
		return Array{}, err
	}
	kind, fortran, dimensions := typePart.FindStringSubmatch(head), orderPart.FindStringSubmatch(head), shapePart.FindStringSubmatch(head)
	switch {
	case recordsPart.MatchString(head):
		return Array{}, errors.New("the head of the NumPy file declares records of several fields: save one field, x['name'], as an array of its own")
	case kind == nil || fortran == nil || dimensions == nil:
		return Array{}, fmt.Errorf("the head of the NumPy file is not read: %.100q; save an array by numpy.save", strings.TrimSpace(head))
	case kind[1] == ">":
		return Array{}, fmt.Errorf("the NumPy file has numbers with the big end first ('>%s%s'): save them with the little end first, x.astype('<%s%s')",
			kind[2], kind[3], kind[2], kind[3])
	}
	array, count := Array{from: from, Kind: kind[2][0], Fortran: fortran[1] == "True"}, int64(1)
	for _, word := range strings.FieldsFunc(dimensions[1], func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n > 0 && count > size/int64(n) {
			return Array{}, fmt.Errorf("the NumPy file declares the shape (%s), more than its %d bytes", dimensions[1], size)
		}
		array.Shape, count = append(array.Shape, n), count*int64(n)
	}
	array.Count = int(count)
	if array.Kind == 'O' {
		return array, nil // what follows is a program in Python's pickle, which is not run
	}
	each, err := strconv.ParseInt(kind[3], 10, 32)
	if array.Kind == 'U' {
		each *= 4 // it counts letters, of 4 bytes each
	}
	if err != nil || each < 1 || each > size || count*each != size-length {
		return Array{}, fmt.Errorf("the NumPy file declares %s of the shape (%s), and has %d bytes for it: it is cut, or damaged",
			kind[2]+kind[3], dimensions[1], size-length)
	}
	array.each = int(each)
	return array, nil
}

// headOf reads the head of a NumPy file, and says how many bytes it takes.
func headOf(from io.Reader) (head string, length int64, err error) {
	var fixed [10]byte
	_, err = io.ReadFull(from, fixed[:])
	switch {
	case string(fixed[:4]) == "PK\x03\x04":
		return "", 0, errors.New("this is no NumPy file (.npy), but an archive, as numpy.savez writes (.npz): save its array by numpy.save")
	case err != nil || string(fixed[:6]) != "\x93NUMPY":
		return "", 0, errors.New("this is no NumPy file (.npy)")
	}
	size, taken := uint32(binary.LittleEndian.Uint16(fixed[8:])), int64(10)
	if fixed[6] > 1 { // from version 2 on, the size has 4 bytes
		var more [2]byte
		if _, err := io.ReadFull(from, more[:]); err != nil {
			return "", 0, fmt.Errorf("its head is cut: %w", io.ErrUnexpectedEOF)
		}
		size, taken = size|uint32(binary.LittleEndian.Uint16(more[:]))<<16, 12
	}
	if size > 1<<16 {
		return "", 0, fmt.Errorf("the NumPy file has a head of %d bytes, which no array of numbers needs", size)
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(from, raw); err != nil {
		return "", 0, fmt.Errorf("its head is cut: %w", io.ErrUnexpectedEOF)
	}
	return string(raw), taken + int64(size), nil
}
