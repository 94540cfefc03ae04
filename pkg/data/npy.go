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

	"github.com/unipair/unipair/internal/file"
)

// What is read of an array.
const (
	maxArrayBytes = 8 << 30
	maxTextBytes  = 1 << 16 // of one label
)

// npyArray is a NumPy file of which the head is read, and the rest not yet.
type npyArray struct {
	from    io.Reader
	shape   []int
	count   int  // of its elements
	kind    byte // NumPy's letter for what they are
	each    int  // bytes of one
	fortran bool // columns are together, not rows
}

// The parts of a NumPy file's head, which is a dictionary in Python.
var (
	npyType    = regexp.MustCompile(`'descr':\s*'([<>|=]?)([a-zA-Z])(\d*)(\[[^']*\])?'`)
	npyRecords = regexp.MustCompile(`'descr':\s*\[`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([\d, ]*)\)`)
)

// openNPY opens the NumPy file at a path and reads its head. The file is to be closed.
func openNPY(path string) (npyArray, *os.File, error) {
	opened, err := file.Open(path)
	if err != nil {
		return npyArray{}, nil, err
	}
	info, err := opened.Stat()
	array := npyArray{}
	if err == nil && info.Size() > maxArrayBytes {
		err = fmt.Errorf("%s has more than %s, the most that an array may have: divide it, or save x.astype('float16')", path, file.Size(maxArrayBytes))
	} else if err == nil {
		if array, err = npyOf(opened, info.Size()); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	if err != nil {
		return npyArray{}, nil, firstOf(err, opened.Close())
	}
	return array, opened, nil
}

// npyOf reads the head of a NumPy file. What it declares is compared with the size of the file.
func npyOf(from io.Reader, size int64) (npyArray, error) {
	head, length, err := npyHead(from)
	if err != nil {
		return npyArray{}, err
	}
	kind, fortran, dimensions := npyType.FindStringSubmatch(head), npyFortran.FindStringSubmatch(head), npyShape.FindStringSubmatch(head)
	switch {
	case npyRecords.MatchString(head):
		return npyArray{}, errors.New("the head of the NumPy file declares records of several fields: save one field, x['name'], as an array of its own")
	case kind == nil || fortran == nil || dimensions == nil:
		return npyArray{}, fmt.Errorf("the head of the NumPy file is not read: %.100q; save an array by numpy.save", strings.TrimSpace(head))
	case kind[1] == ">":
		return npyArray{}, fmt.Errorf("the NumPy file has numbers with the big end first ('>%s%s'): save them with the little end first, x.astype('<%s%s')", kind[2], kind[3], kind[2], kind[3])
	}
	array, count := npyArray{from: from, kind: kind[2][0], fortran: fortran[1] == "True"}, int64(1)
	for _, word := range strings.FieldsFunc(dimensions[1], func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n > 0 && count > size/int64(n) {
			return npyArray{}, fmt.Errorf("the NumPy file declares the shape (%s), more than its %d bytes", dimensions[1], size)
		}
		array.shape, count = append(array.shape, n), count*int64(n)
	}
	array.count = int(count)
	if array.kind == 'O' {
		return array, nil // what follows is a program in Python's pickle, which is not run
	}
	each, err := strconv.ParseInt(kind[3], 10, 32)
	if array.kind == 'U' {
		each *= 4 // it counts letters, of 4 bytes each
	}
	if err != nil || each < 1 || each > size || count*each != size-length {
		return npyArray{}, fmt.Errorf("the NumPy file declares %s of the shape (%s), and has %d bytes for it: it is cut, or damaged", kind[2]+kind[3], dimensions[1], size-length)
	}
	array.each = int(each)
	return array, nil
}

// npyHead reads the head of a NumPy file, and says how many bytes it takes.
func npyHead(from io.Reader) (head string, length int64, err error) {
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
			return "", 0, io.ErrUnexpectedEOF
		}
		size, taken = size|uint32(binary.LittleEndian.Uint16(more[:]))<<16, 12
	}
	if size > 1<<16 {
		return "", 0, fmt.Errorf("the NumPy file has a head of %d bytes, which no array of numbers needs", size)
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(from, raw); err != nil {
		return "", 0, io.ErrUnexpectedEOF
	}
	return string(raw), taken + int64(size), nil
}
