package data

import (
	"encoding/binary"
	"math"
	"unicode/utf16"
)

// The types of elements of a MATLAB file that have text or numbers.
const (
	miInt8, miUint8, miInt16, miUint16  = 1, 2, 3, 4
	miInt32, miUint32, miSingle, miReal = 5, 6, 7, 9
	miInt64, miUint64                   = 12, 13
	miUTF8, miUTF16                     = 16, 17
)

// matText returns the text of an element, whose letters are bytes or 16 bits each.
func matText(kind uint32, raw []byte) string {
	if kind != miUint16 && kind != miUTF16 {
		return string(raw)
	}
	var units []uint16
	for ; len(raw) >= 2; raw = raw[2:] {
		units = append(units, binary.LittleEndian.Uint16(raw))
	}
	return string(utf16.Decode(units))
}

// matNumbers returns the numbers of an element; none for a type that is not known. An array of doubles is kept in the smallest type that
// has its numbers.
func matNumbers(kind uint32, raw []byte) []float64 {
	le := binary.LittleEndian
	switch kind {
	case miInt8:
		return numbersOf(raw, 1, func(b []byte) float64 { return float64(int8(b[0])) })
	case miUint8, miUTF8:
		return numbersOf(raw, 1, func(b []byte) float64 { return float64(b[0]) })
	case miInt16:
		return numbersOf(raw, 2, func(b []byte) float64 { return float64(int16(le.Uint16(b))) })
	case miUint16:
		return numbersOf(raw, 2, func(b []byte) float64 { return float64(le.Uint16(b)) })
	case miInt32:
		return numbersOf(raw, 4, func(b []byte) float64 { return float64(int32(le.Uint32(b))) })
	case miUint32:
		return numbersOf(raw, 4, func(b []byte) float64 { return float64(le.Uint32(b)) })
	case miSingle:
		return numbersOf(raw, 4, func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) })
	case miReal:
		return numbersOf(raw, 8, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) })
	case miInt64:
		return numbersOf(raw, 8, func(b []byte) float64 { return float64(int64(le.Uint64(b))) })
	case miUint64:
		return numbersOf(raw, 8, func(b []byte) float64 { return float64(le.Uint64(b)) })
	}
	return nil
}

// numbersOf reads numbers of size bytes each.
func numbersOf(raw []byte, size int, value func([]byte) float64) (numbers []float64) {
	numbers = make([]float64, 0, len(raw)/size)
	for ; len(raw) >= size; raw = raw[size:] {
		numbers = append(numbers, value(raw))
	}
	return numbers
}
