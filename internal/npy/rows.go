package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// Rows is a matrix of float32 that stays on the disk.
type Rows struct {
	Count, Dim int

	opened *os.File
	begin  int64 // of the numbers, in the file
	raw    []byte
}

// OpenRows opens a matrix, to be read some rows at a time. It is to be closed. The error is for [file.Named].
func OpenRows(path string) (*Rows, error) {
	array, opened, err := Open(path)
	if err != nil {
		return nil, err
	}
	if array.KindName() != "float32" || array.Fortran || len(array.Shape) != 2 {
		err = fmt.Errorf("it has %s of the shape %v, want rows of float32: save x.astype('float32')", array.KindName(), array.Shape)
		return nil, errors.Join(err, opened.Close())
	}
	if array.Shape[1] == 0 {
		return nil, errors.Join(errors.New("its rows have no numbers"), opened.Close())
	}
	r := &Rows{Count: array.Shape[0], Dim: array.Shape[1], opened: opened}
	if r.begin, err = opened.Seek(0, io.SeekCurrent); err != nil { // behind the head
		return nil, errors.Join(err, opened.Close())
	}
	return r, nil
}

// Read fills numbers, whole rows, with those from the index first on. One goroutine at a time may call it.
func (r *Rows) Read(first int, numbers []float32) error {
	if first < 0 || len(numbers)%r.Dim != 0 || first+len(numbers)/r.Dim > r.Count {
		return fmt.Errorf("%d numbers from row %d on are no rows of a matrix of %d × %d", len(numbers), first, r.Count, r.Dim)
	}
	if r.raw == nil {
		r.raw = make([]byte, 1<<20)
	}
	at := r.begin + 4*int64(first)*int64(r.Dim)
	for len(numbers) > 0 {
		some := r.raw[:min(len(r.raw), 4*len(numbers))]
		if _, err := r.opened.ReadAt(some, at); err != nil {
			return io.ErrUnexpectedEOF // the file was changed: it was whole when it was opened
		}
		for i := range len(some) / 4 {
			numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(some[4*i:]))
		}
		numbers, at = numbers[len(some)/4:], at+int64(len(some))
	}
	return nil
}

// Close closes the file.
func (r *Rows) Close() error { return r.opened.Close() }

// WriteHead writes the head of a file of so many rows of float32; the numbers, row by row and with the little end first, follow it.
func WriteHead(to io.Writer, count, dim int) error {
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", count, dim)
	padded := (10+len(head)+1+63)/64*64 - 10 // numbers begin at a multiple of 64
	_, err := fmt.Fprintf(to, "\x93NUMPY\x01\x00%s%-*s\n", binary.LittleEndian.AppendUint16(nil, uint16(padded)), padded-1, head)
	return err
}
