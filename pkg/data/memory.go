package data

import "math"

// memory is a set in memory, one byte per number (255 = 1): 30 MB for Omniglot's 2,720 pictures, not 120.
type memory struct {
	name        string
	classes     []string
	labels      []int
	channels    int
	darkOnLight bool
	width       int
	height      int
	pixels      [][]uint8
}

func (m *memory) Name() string      { return m.name }
func (m *memory) Len() int          { return len(m.labels) }
func (m *memory) Classes() []string { return m.classes }
func (m *memory) Label(i int) int   { return m.labels[i] }
func (m *memory) Format() Format {
	return Format{Channels: m.channels, DarkOnLight: m.darkOnLight}
}

func (m *memory) Image(i int) (Image, error) {
	if err := within(m, i); err != nil {
		return Image{}, err
	}
	return fromBytes(m.width, m.height, m.pixels[i]), nil
}

// fromBytes makes an image of bytes, 255 = 1.
func fromBytes(width, height int, values []uint8) Image {
	out := Image{width, height, make([]float32, len(values))}
	for i, v := range values {
		out.Pixels[i] = float32(v) / 255
	}
	return out
}

// add appends an image of the set's size, its ink rounded to 1/255.
func (m *memory) add(label int, image Image) {
	pixels := make([]uint8, len(image.Pixels))
	for i, v := range image.Pixels {
		pixels[i] = uint8(math.Round(255 * float64(v)))
	}
	m.labels, m.pixels = append(m.labels, label), append(m.pixels, pixels)
}

// Origins implements [OriginSet]: what is drawn was made of nothing else, whatever its classes are named.
func (m *memory) Origins() ([]Origin, error) { return unchanged(m.classes), nil }
