package data

import (
	"context"
	"fmt"

	"github.com/unipair/unipair/internal/suggest"
)

// Catalogue lists the data sets that [Open] reads.
func Catalogue() []Publication {
	return []Publication{
		omniglotFull(), mnist(), fashionMNIST(), cifar10(), cifar100(), cub(), cars(), onlineProducts(), inShop(), market1501(), lfw(),
	}
}

// Open reads a published data set by the name that [Catalogue] has for it. It looks for the files in $UNIPAIR_DATA/name, also unpacked,
// and in the cache. Else it downloads them, after it has told the licence to [Options].Progress. Large sets are not read into memory, but
// image by image from where they are.
func Open(ctx context.Context, name string, o Options) (Parts, error) {
	var known []string
	for _, p := range Catalogue() {
		if p.Name == name {
			return p.open(ctx, o)
		}
		known = append(known, p.Name)
	}
	return Parts{}, fmt.Errorf("data: no data set is called %q: %s", name, suggest.For(name, known))
}
