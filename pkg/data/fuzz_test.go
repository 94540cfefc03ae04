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
