package data

import "context"

var omniglotSmall2 = published{
	set: "omniglot", name: "images_background_small2.zip", url: omniglotURL, size: 1580917, licence: omniglotLicence,
	sha256: "3ccaa407515a8778e5d0861875af38b17e418f301ad5bb3b5a6b65d901a41c7f",
}

// OmniglotSmall2 is Omniglot's background set "small 2": 156 characters of 5 alphabets (Greek, Japanese_(katakana), Latin, Sanskrit,
// Tagalog), 3,120 images. Greek and Latin are in small 1 too, byte for byte: see [OmniglotNovel].
//
// The archive is looked for, downloaded (1.6 MB) and checked as that of small 1.
func OmniglotSmall2(ctx context.Context, o Options) (Dataset, error) {
	return omniglotSmall2.characters(ctx, o, "omniglot small 2", 156)
}

// OmniglotNovel is what Omniglot's background set "small 2" has that "small 1" has not: 106 characters (Japanese_(katakana),
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
