package data

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// matArray is an array of a MATLAB file: of numbers, text, cells, or a struct of arrays by field. The other fields are empty.
type matArray struct {
	numbers []float64
	text    string
	cells   []matArray
	fields  map[string][]matArray // each as long as the array
}

// The types of elements of a MATLAB file that have others, the classes of its arrays, and what is read of it at most.
const (
	miMatrix, miCompressed   = 14, 15
	mxCell, mxStruct, mxChar = 1, 2, 4
	mxDouble, mxUint64       = 6, 15 // the first and the last class of numbers
	maxMATDepth              = 8
	maxMATBytes              = 1 << 24 // of the file, and unpacked; the annotations of Cars have 7 MB
	matHead                  = 128     // bytes, of which the last 4 are the version and the order of bytes
)

// parseMAT reads the variables of a MATLAB file of version 5 to 7.2. It knows what annotations of images are made of: numbers, text, cells
// and structs. Other arrays are read as empty. Libraries for this are unkept or not to be had, and the format is documented: MathWorks,
// "MAT-File Format".
func parseMAT(raw []byte) (map[string]matArray, error) {
	left := maxMATBytes // bytes that may be unpacked
	if len(raw) < matHead || raw[125] != 1 || string(raw[126:128]) != "IM" {
		return nil, errors.New("this is no MATLAB file of version 5 with the little end first")
	}
	variables := map[string]matArray{}
	for rest := raw[matHead:]; len(rest) > 0; {
		kind, content, after, err := matElement(rest)
		if err != nil {
			return nil, err
		}
		if rest = after; kind == miCompressed {
			unpacked, err := zlib.NewReader(bytes.NewReader(content))
			if err != nil {
				return nil, err
			}
			inner, err := io.ReadAll(io.LimitReader(unpacked, int64(left)+1))
			if left -= len(inner); err == nil && left < 0 {
				err = errUnpacksToMore
			}
			if err != nil {
				return nil, err
			}
			if kind, content, _, err = matElement(inner); err != nil {
				return nil, err
			}
		}
		if kind != miMatrix {
			continue
		}
		name, array, err := parseArray(content, 0)
		if err != nil {
			return nil, err
		}
		variables[name] = array
	}
	return variables, nil
}

// matElement takes an element off the front: its type, its content, and what comes after it and its padding.
func matElement(raw []byte) (kind uint32, content, rest []byte, err error) {
	if len(raw) < 8 {
		return 0, nil, nil, io.ErrUnexpectedEOF
	}
	kind, size := binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint32(raw[4:])
	if small := kind >> 16; small != 0 { // up to 4 bytes, in place of the size
		if small > 4 {
			return 0, nil, nil, fmt.Errorf("a small element of %d bytes", small)
		}
		return kind & 0xffff, raw[4 : 4+small], raw[8:], nil
	}
	if uint64(size) > uint64(len(raw)-8) {
		return 0, nil, nil, io.ErrUnexpectedEOF
	}
	end := 8 + int(size)
	padded := end
	if kind != miCompressed {
		padded = min((end+7)/8*8, len(raw))
	}
	return kind, raw[8:end], raw[padded:], nil
}

// parseArray reads the content of a matrix element: its flags, dimensions, name, and by its class what is in it.
func parseArray(raw []byte, depth int) (name string, array matArray, err error) {
	if len(raw) == 0 { // an empty cell
		return "", matArray{}, nil
	}
	if depth > maxMATDepth {
		return "", matArray{}, fmt.Errorf("arrays within arrays, more than %d deep", maxMATDepth)
	}
	var parts [3][]byte
	for i := range parts {
		if _, parts[i], raw, err = matElement(raw); err != nil {
			return "", matArray{}, err
		}
	}
	if len(parts[0]) < 1 {
		return "", matArray{}, io.ErrUnexpectedEOF
	}
	class, count := parts[0][0], 1
	for d := parts[1]; len(d) >= 4; d = d[4:] {
		n := int(int32(binary.LittleEndian.Uint32(d)))
		if n < 0 || n > 0 && count > maxMATBytes/n {
			return "", matArray{}, fmt.Errorf("an array with %d along one dimension", n)
		}
		count *= n
	}
	name = string(parts[2])
	switch {
	case class == mxCell:
		array.cells, _, err = parseArrays(raw, count, depth)
	case class == mxStruct:
		array.fields, err = parseStruct(raw, count, depth)
	case class == mxChar:
		kind, content, _, failed := matElement(raw)
		array.text, err = matText(kind, content), failed
	case class >= mxDouble && class <= mxUint64:
		kind, content, _, failed := matElement(raw)
		array.numbers, err = matNumbers(kind, content), failed
	}
	return name, array, err
}

// parseArrays reads count arrays, one behind the other. Each takes 8 bytes at least, which bounds how many there are.
func parseArrays(raw []byte, count, depth int) (arrays []matArray, rest []byte, err error) {
	if count > len(raw)/8 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	arrays = make([]matArray, 0, count)
	for range count {
		var content []byte
		if _, content, raw, err = matElement(raw); err != nil {
			return nil, nil, err
		}
		_, array, err := parseArray(content, depth+1)
		if err != nil {
			return nil, nil, err
		}
		arrays = append(arrays, array)
	}
	return arrays, raw, nil
}

// parseStruct reads the fields of a struct array: the length of a name, all names, and the fields of each element in turn.
func parseStruct(raw []byte, count, depth int) (map[string][]matArray, error) {
	_, length, raw, err := matElement(raw)
	if err != nil {
		return nil, err
	}
	_, names, raw, err := matElement(raw)
	if err != nil {
		return nil, err
	}
	if len(length) != 4 {
		return nil, io.ErrUnexpectedEOF
	}
	n := int(binary.LittleEndian.Uint32(length))
	if n < 1 || len(names)%n != 0 {
		return nil, fmt.Errorf("a struct with names of %d bytes in %d", n, len(names))
	}
	perElement := len(names) / n
	if perElement > 0 && count > len(raw)/8/perElement {
		return nil, io.ErrUnexpectedEOF
	}
	all, _, err := parseArrays(raw, count*perElement, depth)
	if err != nil {
		return nil, err
	}
	fields := map[string][]matArray{}
	for f := range perElement {
		name := strings.TrimRight(string(names[f*n:(f+1)*n]), "\x00")
		for i := f; i < len(all); i += perElement {
			fields[name] = append(fields[name], all[i])
		}
	}
	return fields, nil
}
