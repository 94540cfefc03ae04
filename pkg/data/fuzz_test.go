package data_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// FuzzReadCharacters: any bytes are either read to whole pictures, or refused in one line.
func FuzzReadCharacters(f *testing.F) {
	whole := pack(f, alphabet(f))
	f.Add(whole)
	f.Add(whole[:len(whole)-7])
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, archive []byte) {
		ds, err := data.ReadCharacters(archive, 2)
		if err != nil {
			expect(t, err, "data: made.zip: ")
			return
		}
		if ds.Len() != 40 || len(ds.Classes()) != 2 {
			t.Fatalf("%d images of %q", ds.Len(), ds.Classes())
		}
		for i := range ds.Len() {
			if m := picture(t, ds, i); len(m.Pixels) != 105*105 || ds.Label(i) != i/20 {
				t.Fatalf("image %d: %d pixels, class %d", i, len(m.Pixels), ds.Label(i))
			}
		}
	})
}

// FuzzEntry: the same of an archive that is whole, but for one file's name and content.
func FuzzEntry(f *testing.F) {
	const replaced = "small/Runes/character01/0501_01.png"
	files := alphabet(f)
	f.Add(replaced, files[replaced])
	f.Add("small/Runes/character01/\r0501_01.png", files[replaced])
	f.Add("small/Runes/character01/", []byte(nil))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		if strings.HasSuffix(name, "/") {
			raw = nil // what packs the archive refuses a folder with content
		}
		changed := maps.Clone(files)
		delete(changed, replaced)
		changed[name] = raw
		if _, err := data.ReadCharacters(pack(t, changed), 2); err != nil {
			expect(t, err, "data: made.zip: ")
		}
	})
}

// FuzzLabels: class_labels.txt gives each item an answer among the training images, or is refused in one line.
func FuzzLabels(f *testing.F) {
	const labels = "run01/class_labels.txt"
	files := test(f)
	whole := string(files[labels])
	f.Add(whole)
	f.Add(strings.ReplaceAll(whole, "\n", "\r\n"))
	f.Add(strings.Repeat(whole, 2))
	f.Fuzz(func(t *testing.T, text string) {
		changed := maps.Clone(files)
		changed[labels] = []byte(text)
		runs, err := data.ReadRuns(pack(t, changed), 1)
		if err != nil {
			expect(t, err, "data: made.zip: ")
			return
		}
		for i, answer := range runs[0].Answer {
			if answer < 0 || answer >= len(runs[0].Training) || len(runs[0].Answer) != len(runs[0].Test) {
				t.Fatalf("item %d of %d: answer %d", i, len(runs[0].Test), answer)
			}
		}
	})
}

// FuzzArchives: any bytes in the place of an archive or a list of a published set are read to whole sets, or refused in one line.
func FuzzArchives(f *testing.F) {
	f.Setenv(data.EnvFolder, "")
	tgz := birds(f)
	people := noPeople(f)
	partition := []byte("1\nhead\nimg/a/b/1.jpg id_1 train\n")
	for kind, raw := range [][]byte{tgz, people, partition} {
		f.Add(uint8(kind), raw)
		f.Add(uint8(kind), raw[:len(raw)-9])
		f.Add(uint8(kind), append(raw[:len(raw):len(raw)], raw...))
	}
	clothes := pack(f, map[string][]byte{"img/a/b/1.jpg": shade(f, 1)})
	f.Fuzz(func(t *testing.T, kind uint8, raw []byte) {
		set := []string{"cub", "market1501", "in-shop"}[kind%3]
		files := map[string]map[string][]byte{
			"cub": {"CUB_200_2011.tgz": raw}, "market1501": {"Market-1501-v15.09.15.zip": raw}, "in-shop": {"img.zip": clothes, "list_eval_partition.txt": raw},
		}[set]
		cache := t.TempDir()
		laid(t, cache, set, files)
		parts, err := data.OpenMade(t.Context(), set, files, data.Options{Cache: cache, BaseURL: "http://127.0.0.1:1/"})
		if err != nil {
			expect(t, err, "data: ", set)
			return
		}
		for _, part := range []data.Dataset{parts.Train, parts.Test} {
			if part.Len() == 0 || len(part.Classes()) == 0 {
				t.Fatalf("%s has %d images of %d classes", part.Name(), part.Len(), len(part.Classes()))
			}
		}
	})
}
