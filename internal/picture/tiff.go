package picture

import (
	"fmt"
	"image"
)

// The tags that say how the picture of a TIFF file is stored.
const (
	imageWidth      = 256
	imageLength     = 257
	bitsPerSample   = 258
	compression     = 259
	photometric     = 262
	fillOrder       = 266
	stripOffsets    = 273
	samplesPerPixel = 277
	rowsPerStrip    = 278
	stripByteCounts = 279
	planarConfig    = 284
	predictor       = 317
	colorMap        = 320
	tileWidth       = 322
	tileLength      = 323
	tileOffsets     = 324
	tileByteCounts  = 325
	extraSamples    = 338
	sampleFormat    = 339
)

// runsOfBytes is PackBits among the ways to pack.
const runsOfBytes = 32773

const (
	mostSamples = 16      // of a pixel
	mostPieces  = 1 << 20 // strips or tiles
)

// What the samples of a pixel are.
const (
	whiteIsZero  = 0
	blackIsZero  = 1
	redGreenBlue = 2
	paletted     = 3
	fourInks     = 5
)

// stored tells how the picture of a TIFF file is stored.
type stored struct {
	directory
	width, height         int
	bits, samples, colour int
	alpha                 int  // 1: colours are multiplied by it, 2: they are not; 0: there is none
	planes                int  // each has all pixels, with one sample
	tiled                 bool // in tiles; else in strips
	tile                  image.Point
}

// readStored reads it, and refuses what is not read by what it is.
func readStored(raw []byte) (s stored, err error) {
	if s.directory, err = readDirectory(raw); err != nil {
		return s, err
	}
	for _, tag := range []uint16{bitsPerSample, extraSamples, sampleFormat} {
		if e, ok := s.entries[tag]; ok && len(e.data) == 0 {
			return s, errShort
		}
	}
	depths := s.all(bitsPerSample, mostSamples)
	s.width, s.height = s.first(imageWidth, 0), s.first(imageLength, 0)
	s.bits, s.samples = s.first(bitsPerSample, 1), s.first(samplesPerPixel, max(len(depths), 1))
	s.colour = s.first(photometric, -1)
	s.planes = 1
	if s.first(planarConfig, 1) == 2 {
		s.planes = s.samples
	}
	s.tile = image.Pt(s.width, min(s.first(rowsPerStrip, s.height), s.height))
	if _, s.tiled = s.entries[tileWidth]; s.tiled {
		s.tile = image.Pt(s.first(tileWidth, 0), s.first(tileLength, 0))
	}
	needed, ok := map[int]int{whiteIsZero: 1, blackIsZero: 1, paletted: 1, redGreenBlue: 3, fourInks: 4}[s.colour]
	switch extra := s.all(extraSamples, 1); {
	case len(extra) > 0 && (extra[0] == 1 || extra[0] == 2) && s.samples > needed:
		s.alpha = extra[0]
	case len(extra) == 0 && s.colour == redGreenBlue && s.samples == 4:
		s.alpha = 2 // what others take it for
	}
	const save = "which is not read: save it with 8 or 16 bits a channel, or as PNG"
	switch packing := s.first(compression, 1); {
	case packing >= 2 && packing <= 4:
		return s, refuse("the image is packed as a fax (CCITT), of which readers disagree what is black: save it with another compression")
	case packing == 6 || packing == 7:
		return s, refuse("this is a TIFF that is packed by JPEG, which is not read: save it as JPEG, or with another compression")
	case packing != 1 && packing != 5 && packing != 8 && packing != 32946 && packing != runsOfBytes:
		return s, refuse("this is a TIFF packed by method %d, which is not read: save it with LZW, Deflate or no compression", packing)
	}
	switch format := s.first(sampleFormat, 1); {
	case format == 2:
		return s, refuse("this is a TIFF of numbers with a sign, of which nobody can tell which is white: save it with 8 or 16 bits a channel without a sign, or as PNG")
	case format == 3:
		return s, refuse("this is a TIFF of floating-point numbers, of which nobody can tell which is white: save it with 8 or 16 bits a channel, or as PNG")
	case format > 4:
		return s, refuse("this is a TIFF of complex numbers, %s", save)
	}
	for _, depth := range depths {
		if depth != s.bits {
			return s, refuse("this is a TIFF of %d bits for one channel and %d for another, %s", s.bits, depth, save)
		}
	}
	switch {
	case s.bits != 1 && s.bits != 2 && s.bits != 4 && s.bits != 8 && s.bits != 16, s.colour == paletted && s.bits == 16:
		return s, refuse("this is a TIFF of %d bits a channel, %s", s.bits, save)
	case !ok:
		return s, refuse("this is a TIFF of %s, which is not read: save it in gray, RGB or CMYK, or as PNG", colours(s.colour))
	case s.samples < needed || s.samples > mostSamples:
		return s, refuse("this is a TIFF of %d channels where it needs %d, %s", s.samples, needed, save)
	case s.first(predictor, 1) > 2 || s.first(predictor, 1) == 2 && s.bits < 8:
		return s, refuse("this is a TIFF of differences (predictor %d) of %d bits, %s", s.first(predictor, 1), s.bits, save)
	case s.width < 1 || s.height < 1:
		return s, nil // which is said of every format
	case s.tile.X < 1 || s.tile.Y < 1 || s.tile.X > s.width+1024 || s.tile.Y > s.height+1024:
		return s, refuse("the TIFF is damaged: its tiles have %d × %d pixels, get it anew", s.tile.X, s.tile.Y)
	case s.across() > mostPieces/s.down()/s.planes:
		return s, refuse("the TIFF is in more than %d pieces: save it with larger strips or tiles", mostPieces)
	}
	return s, nil
}

// colours names what a TIFF's pixels are.
func colours(n int) string {
	if name, ok := map[int]string{4: "a mask", 6: "YCbCr colours", 8: "CIELAB colours", 32803: "raw sensor data"}[n]; ok {
		return name
	}
	return fmt.Sprintf("colours of kind %d", n)
}

// across and down are how many tiles there are, rowBytes the bytes of a row of one.
func (s stored) across() int   { return (s.width + s.tile.X - 1) / s.tile.X }
func (s stored) down() int     { return (s.height + s.tile.Y - 1) / s.tile.Y }
func (s stored) rowBytes() int { return (s.tile.X*s.samples/s.planes*s.bits + 7) / 8 }

func lookTIFF(raw []byte) (Head, error) {
	s, err := readStored(raw)
	if err != nil {
		return Head{}, err
	}
	h := head(s.width, s.height, s.colour == whiteIsZero || s.colour == blackIsZero, 4) // the picture
	if h.check() == nil {
		h.Bytes += int64(s.rowBytes()*s.across()) * int64(s.height) * int64(s.planes) // its rows unpacked
		if s.first(compression, 1) == runsOfBytes {
			h.Bytes += int64(2 * s.rowBytes() * s.tile.Y) // a tile of them, and the room that it grows in
		}
	}
	h.Unsure = s.colour == paletted
	return h, nil
}

func decodeTIFF(raw []byte, h Head) (Picture, error) {
	s, err := readStored(raw)
	if err != nil {
		return Picture{}, err
	}
	planes, err := s.unpack(raw)
	if err != nil {
		return Picture{}, err
	}
	m, err := s.arrange(planes)
	return Picture{Image: m, Gray: h.Gray, Orientation: s.orientation()}, err
}
