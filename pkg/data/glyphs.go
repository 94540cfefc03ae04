package data

import (
	"fmt"
	"image"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// GlyphsConfig tells which glyphs to render.
type GlyphsConfig struct {
	Classes  int    // characters, at least 1
	PerClass int    // images of each, at least 1
	Size     int    // width and height in pixels, 8 to 256
	Seed     uint64 // of the variation
}

// DefaultGlyphs returns a configuration that a small network learns in a minute: 60 characters, 20 images of each, 28 × 28 pixels.
func DefaultGlyphs() GlyphsConfig { return GlyphsConfig{Classes: 60, PerClass: 20, Size: 28} }

// characters lists what there is to render, in this order. They stay apart when they are scaled, slanted and turned a little. There is no
// c beside C, no O beside 0, no Greek or Cyrillic letter that looks like a Latin one.
var characters = []rune("ABDEFGHJKLMNPQRTUYabdefghjkmnqrty2345678ΓΔΘΛΞΠΣΦΨΩαβγδεζηθλμξπστφψωБДЖИЦЧШЭЮЯ&@#%?$§¶€£¥+=*~")

// Glyphs renders characters from Go's own fonts (regular, medium, bold, italic, mono …), each image in a face drawn at random
// and changed as [DefaultAugment] says, light on dark. It needs no download. The same configuration gives the same set, and image i of a
// character does not depend on how many classes there are. A class is named by its character.
func Glyphs(config GlyphsConfig) (Dataset, error) {
	switch {
	case config.Classes < 1 || config.Classes > len(characters):
		return nil, fmt.Errorf("data: glyphs: the classes must be 1 to %d, got %d", len(characters), config.Classes)
	case config.Size < 8 || config.Size > 256:
		return nil, fmt.Errorf("data: glyphs: the size must be 8 to 256 pixels, got %d", config.Size)
	case config.PerClass < 1 || config.PerClass > maxBatch/config.Classes/config.Size/config.Size:
		return nil, fmt.Errorf("data: glyphs: the images per class must be at least 1, and at most %d pixels in all, got %d images per class",
			maxBatch, config.PerClass)
	}
	// Drawn at three times the size and reduced last, a thin stroke keeps its weight through the affine map.
	large := 3 * config.Size
	faces, err := goFaces(0.95 * float64(large))
	if err != nil {
		return nil, err
	}
	set := &memory{name: "glyphs", channels: 1, width: config.Size, height: config.Size}
	for class, character := range characters[:config.Classes] {
		set.classes = append(set.classes, string(character))
		upright := make([]Image, len(faces))
		for i, face := range faces {
			upright[i] = render(character, face, large)
		}
		for i := range config.PerClass {
			example := uint64(class)<<32 | uint64(i)
			face := scatter(config.Seed^scatter(example)) % uint64(len(faces))
			changed := DefaultAugment().Apply(upright[face], config.Seed, example)
			set.add(class, Resize(changed, config.Size))
		}
	}
	return set, nil
}

// goFaces opens Go's fonts at a height in pixels.
func goFaces(height float64) ([]font.Face, error) {
	var faces []font.Face
	for _, ttf := range [][]byte{
		goregular.TTF, gomedium.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF, gomono.TTF, gomonobold.TTF,
	} {
		parsed, err := opentype.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("data: glyphs: cannot read a font of golang.org/x/image: %w", err)
		}
		face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: height, DPI: 72})
		if err != nil {
			return nil, fmt.Errorf("data: glyphs: cannot open a font of golang.org/x/image: %w", err)
		}
		faces = append(faces, face)
	}
	return faces, nil
}

// render draws a character in the middle of an image.
func render(character rune, face font.Face, size int) Image {
	canvas := image.NewAlpha(image.Rect(0, 0, size, size))
	bounds, _, _ := face.GlyphBounds(character)
	middle := fixed.I(size) / 2
	drawer := font.Drawer{
		Dst: canvas, Src: image.Opaque, Face: face,
		Dot: fixed.Point26_6{
			X: middle - (bounds.Min.X+bounds.Max.X)/2,
			Y: middle - (bounds.Min.Y+bounds.Max.Y)/2,
		},
	}
	drawer.DrawString(string(character))
	return fromBytes(size, size, canvas.Pix)
}
