package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// vectorsHead is the head of a NumPy file of rows of float32, the little end first.
var vectorsHead = regexp.MustCompile(`^\{'descr': *'<f4', *'fortran_order': *False, *'shape': *\((\d+), *(\d+)\),? *\}\s*$`)

// readVectors reads the embeddings of an index, row by row. Their shape and the size of the file are compared with what the index says
// before room is made for them.
func readVectors(path string, images, dim int) ([]float32, error) {
	opened, err := file.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return nil, err
	}
	var start [10]byte // with the length of the head, as every file of less than 64 kB of head has it
	if _, err := io.ReadFull(opened, start[:]); err != nil || string(start[:8]) != "\x93NUMPY\x01\x00" {
		return nil, errors.New("this is no NumPy file of embeddings")
	}
	head := make([]byte, binary.LittleEndian.Uint16(start[8:]))
	if _, err := io.ReadFull(opened, head); err != nil {
		return nil, errors.New("the file is cut")
	}
	shape := vectorsHead.FindSubmatch(head)
	if shape == nil {
		return nil, fmt.Errorf("its head is %.200q, want rows of float32", strings.TrimSpace(string(head)))
	}
	if string(shape[1]) != fmt.Sprint(images) || string(shape[2]) != fmt.Sprint(dim) {
		return nil, fmt.Errorf("it has the shape [%s, %s], and %s says [%d, %d]", shape[1], shape[2], indexName, images, dim)
	}
	room := info.Size() - int64(len(start)+len(head))
	if room%4 != 0 || room/4%int64(images) != 0 || room/4/int64(images) != int64(dim) { // a product could overflow
		return nil, fmt.Errorf("its shape is [%d, %d], and it has %d bytes for it", images, dim, room)
	}
	raw := make([]byte, room)
	if _, err := io.ReadFull(opened, raw); err != nil {
		return nil, err
	}
	values := make([]float32, room/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return values, nil
}
