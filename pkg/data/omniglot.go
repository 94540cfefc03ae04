package data

import (
	"context"
	"fmt"
	"strings"
)

// omniglotURL names the place where its authors publish Omniglot, under the MIT licence.
//
//	B. Lake, R. Salakhutdinov, J. Tenenbaum, "Human-level concept learning through probabilistic program induction", Science 2015.
const (
	omniglotURL     = "https://github.com/brendenlake/omniglot/raw/master/python/"
	omniglotLicence = "MIT (https://github.com/brendenlake/omniglot)"
)

var omniglotSmall1 = published{
	set: "omniglot", name: "images_background_small1.zip", url: omniglotURL, size: 1319022, licence: omniglotLicence,
	sha256: "f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4",
}

var omniglotSmall2 = published{
	set: "omniglot", name: "images_background_small2.zip", url: omniglotURL, size: 1580917, licence: omniglotLicence,
	sha256: "3ccaa407515a8778e5d0861875af38b17e418f301ad5bb3b5a6b65d901a41c7f",
}

// drawers counts the people who drew each character, once each.
const drawers = 20

// OmniglotSmall1 returns Omniglot's background set "small 1": 136 characters of 5 alphabets (Balinese, Early_Aramaic, Greek, Korean,
// Latin), each drawn by 20 people. These are 2,720 images of 105 × 105 pixels, as they are in their files: paper is 1, ink 0. A class is
// named "Alphabet/characterNN".
//
// The archive is $UNIPAIR_DATA/omniglot/images_background_small1.zip, else the same in the cache, else it is downloaded (1.3 MB). It is
// checked by SHA-256 each time.
func OmniglotSmall1(ctx context.Context, o Options) (Dataset, error) {
	return omniglotSmall1.characters(ctx, o, "omniglot small 1", 136)
}

// OmniglotSmall2 returns Omniglot's background set "small 2": 156 characters of 5 alphabets (Greek, Japanese_(katakana), Latin, Sanskrit,
// Tagalog), 3,120 images. Greek and Latin are in small 1 too, byte for byte: see [OmniglotNovel].
//
// The archive is looked for, downloaded (1.6 MB) and checked as that of small 1 is.
func OmniglotSmall2(ctx context.Context, o Options) (Dataset, error) {
	return omniglotSmall2.characters(ctx, o, "omniglot small 2", 156)
}

// OmniglotNovel returns the part of Omniglot's background set "small 2" that is not in "small 1": 106 characters (Japanese_(katakana),
// Sanskrit, Tagalog), 2,120 images, for retrieval after training on [OmniglotSmall1]. The rest of small 2, Greek and Latin, is
// in small 1 byte for byte and must not be held out with it.
func OmniglotNovel(ctx context.Context, o Options) (Dataset, error) {
	all, err := OmniglotSmall2(ctx, o)
	if err != nil {
		return nil, err
	}
	known := Alphabets("Greek", "Latin")
	return Subset(all, "omniglot small 2 without Greek and Latin", func(class string) bool { return !known(class) }), nil
}

// characters reads an archive of that many characters.
func (p published) characters(ctx context.Context, o Options, name string, characters int) (Dataset, error) {
	raw, err := p.content(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	ds, err := readCharacters(name, p.name, raw, characters)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return ds, nil
}

// readCharacters reads an archive of folder/Alphabet/characterNN/IIII_DD.png, where DD is the drawer.
func readCharacters(name, file string, archive []byte, characters int) (Dataset, error) {
	all, err := entries(file, archive)
	if err != nil {
		return nil, err
	}
	if len(all) != characters*drawers {
		return nil, fmt.Errorf("%s: expected %d characters of %d images each, found %d files", file, characters, drawers, len(all))
	}
	set := &memory{name: name, channels: 1, darkOnLight: true, width: side, height: side}
	for i, e := range all { // sorted by path, so 20 in a row are one character
		parts := strings.Split(e.path, "/")
		if len(parts) != 4 || !strings.HasSuffix(e.path, fmt.Sprintf("_%02d.png", i%drawers+1)) {
			return nil, fmt.Errorf("%s: expected folder/alphabet/character/…_%02d.png, one of %d images of a character, found %q",
				file, i%drawers+1, drawers, e.path)
		}
		class := parts[1] + "/" + parts[2]
		if i%drawers == 0 {
			set.classes = append(set.classes, class)
		}
		if current := set.classes[len(set.classes)-1]; class != current {
			return nil, fmt.Errorf("%s: expected %d images of %s, found %d", file, drawers, current, i%drawers)
		}
		pixels, err := e.pixels()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		set.labels, set.pixels = append(set.labels, i/drawers), append(set.pixels, pixels)
	}
	return set, nil
}
