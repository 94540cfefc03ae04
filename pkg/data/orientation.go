package data

import (
	"bytes"

	"github.com/bep/imagemeta"
)

// exif is what is asked of a file's EXIF data, or of the like in a TIFF file.
type exif struct {
	orientation int  // how the camera was held, 1 to 8: 1 is upright, and what a file without the number is taken for
	fax         bool // a TIFF is packed as fax machines do it
}

// readEXIF reads it from a file of a format. A damaged block is taken for none: the picture itself can still be whole.
func readEXIF(raw []byte, format string) exif {
	formats := map[string]imagemeta.ImageFormat{
		"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "tiff": imagemeta.TIFF, "webp": imagemeta.WebP,
	}
	found := exif{orientation: 1}
	kind, ok := formats[format]
	if !ok {
		return found
	}
	// Its error is of a damaged block, which leaves what was found before; it reads nothing but what is in memory.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(raw), ImageFormat: kind, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return tag.Namespace == "IFD0" && (tag.Tag == "Orientation" || tag.Tag == "Compression")
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			n, ok := tag.Value.(uint16)
			switch {
			case ok && tag.Tag == "Orientation" && n >= 1 && n <= 8:
				found.orientation = int(n)
			case ok && tag.Tag == "Compression":
				found.fax = n >= 2 && n <= 4
			}
			return nil
		},
		Warnf: func(string, ...any) {},
	})
	return found
}

// upright turns a picture so that what was up when it was taken is up, by EXIF's number.
func upright(m Image, orientation int) Image {
	switch orientation {
	case 2:
		return mirror(m)
	case 3:
		return half(m)
	case 4:
		return half(mirror(m))
	case 5:
		return quarter(mirror(m))
	case 6:
		return threeQuarters(m)
	case 7:
		return threeQuarters(mirror(m))
	case 8:
		return quarter(m)
	}
	return m
}
