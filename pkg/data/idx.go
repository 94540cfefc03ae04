package data

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// parseIDX reads the format of MNIST: 0, 0, the type (8: bytes), the number of dimensions, each dimension as 4 bytes, big end first,
// and then the bytes.
func parseIDX(raw []byte) (dimensions []int, values []uint8, err error) {
	if len(raw) < 4 || raw[0] != 0 || raw[1] != 0 {
		return nil, nil, errors.New("this is no IDX file: it does not begin with 0, 0")
	}
	if raw[2] != 8 {
		return nil, nil, fmt.Errorf("an IDX file of type 0x%02x is not read, only 0x08, bytes", raw[2])
	}
	rank := int(raw[3])
	if rank < 1 || rank > 3 || len(raw) < 4+4*rank {
		return nil, nil, fmt.Errorf("an IDX file of %d dimensions and %d bytes is not read", rank, len(raw))
	}
	values, count := raw[4+4*rank:], 1
	for i := range rank {
		d := int(binary.BigEndian.Uint32(raw[4+4*i:]))
		if d != 0 && count > len(values)/d {
			return nil, nil, fmt.Errorf("the IDX file declares more than its %d bytes", len(values))
		}
		dimensions, count = append(dimensions, d), count*d
	}
	if count != len(values) {
		return nil, nil, fmt.Errorf("the IDX file declares %d bytes and has %d", count, len(values))
	}
	return dimensions, values, nil
}

// idxSet makes a set of IDX files of images and labels.
func idxSet(name string, images, labels []byte, classes []string) (Dataset, error) {
	shape, pixels, err := parseIDX(images)
	if err != nil {
		return nil, err
	}
	count, of, err := parseIDX(labels)
	if err != nil {
		return nil, err
	}
	if len(shape) != 3 || len(count) != 1 || shape[0] != count[0] || shape[1] < 1 || shape[2] < 1 {
		return nil, fmt.Errorf("%s: images are of the shape %v and labels of %v, want [n height width] and [n]", name, shape, count)
	}
	set := &memory{name: name, classes: classes, channels: 1, height: shape[1], width: shape[2]}
	area := shape[1] * shape[2]
	for i, label := range of {
		if int(label) >= len(classes) {
			return nil, fmt.Errorf("%s: image %d is of class %d, and there are %d", name, i, label, len(classes))
		}
		set.labels, set.pixels = append(set.labels, int(label)), append(set.pixels, pixels[i*area:(i+1)*area])
	}
	return set, nil
}
