package datasets

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// kind is a kind of data set that is named with a place of the user's.
type kind struct {
	prefix, about string
	paths         func(place string) []string // what a place names; nil: itself
	of            func(place string) Set
}

// kinds lists the kinds, as in folder:photos.
func kinds() []kind {
	return []kind{
		{"folder:", "images in a folder per class", nil, func(dir string) Set {
			return Set{
				parts: func(ctx context.Context, o data.Options) (data.Parts, error) { return data.FolderParts(ctx, dir, o) },
				whole: func(ctx context.Context, o data.Options) (data.Dataset, error) { return data.Folder(ctx, dir, o) },
			}
		}},
		{"csv:", "a table with columns path and label (or labels, several), and perhaps split and camera", nil, func(file string) Set {
			return Set{
				parts: func(ctx context.Context, o data.Options) (data.Parts, error) { return data.CSVParts(ctx, file, o) },
				whole: func(ctx context.Context, o data.Options) (data.Dataset, error) { return data.CSV(ctx, file, o) },
			}
		}},
		{"npy:", "features of another model as a NumPy file, and after a comma their labels (.npy or .csv), else those beside it",
			featuresAndLabels, func(place string) Set {
				both := append(featuresAndLabels(place), "")
				return Set{
					parts: func(ctx context.Context, o data.Options) (data.Parts, error) {
						return file.Until(ctx, func() (data.Parts, error) { return data.FeatureParts(both[0], both[1], o) })
					},
					whole: func(ctx context.Context, o data.Options) (data.Dataset, error) {
						return file.Until(ctx, func() (data.Dataset, error) { return data.Features(both[0], both[1], o) })
					},
				}
			}},
	}
}

// find returns the set of a place, which is there.
func (k kind) find(place string) (Set, error) {
	if place == "" {
		return Set{}, usage.Errorf("%s needs a place after the colon: %s", k.prefix, k.about)
	}
	paths := []string{place}
	if k.paths != nil {
		paths = k.paths(place)
	}
	for i, path := range paths {
		if _, err := os.Stat(path); err != nil {
			if near, ok := suggest.Beside(path, k.prefix == "folder:"); ok {
				meant := slices.Replace(slices.Clone(paths), i, i+1, near)
				return Set{}, usage.Errorf("data %s: %w: did you mean %s?", k.prefix+place, err, escape.Shell(k.prefix+strings.Join(meant, ",")))
			}
			return Set{}, usage.Errorf("data %s: %w; %sPLACE is %s", k.prefix+place, err, k.prefix, k.about)
		}
	}
	found := k.of(place)
	found.Name, found.Place = k.prefix+place, true
	return found, nil
}

// placed returns how --data names a folder, an array or a table that is there; ok is false where there is none.
func placed(path string) (name string, ok bool) {
	about, err := os.Stat(path)
	switch {
	case err != nil:
		return "", false
	case about.IsDir():
		return "folder:" + path, true
	case strings.EqualFold(filepath.Ext(path), ".npy"):
		return "npy:" + path, true
	}
	return "csv:" + path, true
}

// featuresAndLabels divides the two names of a place at the comma that has a file on both sides; names may have commas themselves. Where
// no comma has, it divides behind a file of features, or after the end of the name of one, so that an error names what was meant.
func featuresAndLabels(place string) []string {
	if _, err := os.Stat(place); err == nil {
		return []string{place}
	}
	behind := 0 // the file of features
	for i, letter := range place {
		if letter != ',' {
			continue
		}
		features, err := os.Stat(place[:i])
		if err != nil || features.IsDir() {
			continue
		}
		if _, err := os.Stat(place[i+1:]); err == nil {
			return []string{place[:i], place[i+1:]}
		}
		behind = i
	}
	if i := strings.Index(strings.ToLower(place), ".npy,"); behind == 0 && i >= 0 {
		behind = i + 4
	}
	if i := strings.IndexByte(place, ','); behind == 0 && i > 0 {
		if _, err := os.Stat(place[i+1:]); err == nil { // there are labels alone
			behind = i
		}
	}
	if behind == 0 {
		return []string{place}
	}
	return []string{place[:behind], place[behind+1:]}
}
