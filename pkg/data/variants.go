package data

import (
	"fmt"
	"slices"
)

// variants is a set whose every image appears several times, each time changed and as an image of another class. Class c changed in way v
// is class v·len(Classes)+c, and image i changed so is image v·Len+i.
type variants struct {
	Dataset
	name    string
	classes []string

	suffixes []string // of the names, and what makes an image: one of each way
	ways     []func(Image) Image
}

// Rotations returns the set with four times the classes: each class as it is, and turned counter-clockwise by 90, 180 and 270 degrees,
// which makes other characters of a character. The added classes are named "class@90" and so on. The first quarter of the images is the
// set itself.
func Rotations(ds Dataset) Dataset {
	return vary(ds, "rotations of "+ds.Name(), []string{"", "@90", "@180", "@270"},
		[]func(Image) Image{same, quarter, half, threeQuarters})
}

// Mirrored returns the set with twice the classes: each class as it is, and mirrored left to right, named "class@mirror".
// The first half of the images is the set itself.
func Mirrored(ds Dataset) Dataset {
	return vary(ds, "mirrored "+ds.Name(), []string{"", "@mirror"}, []func(Image) Image{same, mirror})
}

func vary(ds Dataset, name string, suffixes []string, ways []func(Image) Image) Dataset {
	v := &variants{Dataset: ds, name: name, suffixes: suffixes, ways: ways}
	for _, suffix := range suffixes {
		for _, class := range ds.Classes() {
			v.classes = append(v.classes, class+suffix)
		}
	}
	return v
}

func (v *variants) Name() string      { return v.name }
func (v *variants) Len() int          { return len(v.ways) * v.Dataset.Len() }
func (v *variants) Classes() []string { return v.classes }

func (v *variants) Label(i int) int {
	way, original := i/v.Dataset.Len(), i%v.Dataset.Len()
	return way*len(v.Dataset.Classes()) + v.Dataset.Label(original)
}

func (v *variants) Image(i int) (Image, error) {
	if err := within(v, i); err != nil {
		return Image{}, err
	}
	m, err := v.Dataset.Image(i % v.Dataset.Len())
	if err != nil {
		return Image{}, err
	}
	if err := m.validate(); err != nil {
		return Image{}, fmt.Errorf("data: %s, image %d: %w", v.name, i, err)
	}
	return v.ways[i/v.Dataset.Len()](m), nil
}

// Variants know what their set does, once for each way. The first way is the set as it is.
var _ interface {
	SourceSet
	CameraSet
	OriginSet
	LabelSet
} = (*variants)(nil)

func (v *variants) Source(i int) string { return Source(v.Dataset, i%v.Dataset.Len()) }

func (v *variants) Cameras() (cameras []int, ok bool) {
	of, ok := Cameras(v.Dataset)
	if !ok {
		return nil, false
	}
	return slices.Repeat(of, len(v.ways)), true
}

func (v *variants) Origins() ([]Origin, error) {
	of, err := Origins(v.Dataset)
	if err != nil {
		return nil, err
	}
	origins := slices.Repeat(of, len(v.ways))
	for i := range origins {
		origins[i].Changed = origins[i].Changed || i >= len(of)
	}
	return origins, nil
}

// Where each pixel of the result comes from; x runs right, y down.

func same(m Image) Image { return m }

func mirror(m Image) Image {
	return rearrange(m, m.Width, m.Height, func(x, y int) (int, int) { return m.Width - 1 - x, y })
}

func quarter(m Image) Image {
	return rearrange(m, m.Height, m.Width, func(x, y int) (int, int) { return m.Width - 1 - y, x })
}

func half(m Image) Image {
	return rearrange(m, m.Width, m.Height, func(x, y int) (int, int) { return m.Width - 1 - x, m.Height - 1 - y })
}

func threeQuarters(m Image) Image {
	return rearrange(m, m.Height, m.Width, func(x, y int) (int, int) { return y, m.Height - 1 - x })
}

func rearrange(m Image, width, height int, from func(x, y int) (int, int)) Image {
	out, channels := Image{width, height, make([]float32, len(m.Pixels))}, m.Channels()
	for y := range height {
		for x := range width {
			sx, sy := from(x, y)
			copy(out.Pixels[(y*width+x)*channels:][:channels], m.Pixels[(sy*m.Width+sx)*channels:])
		}
	}
	return out
}
