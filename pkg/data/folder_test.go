package data_test

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// write makes files of a test, with their folders, and returns where.
func write(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, raw := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, raw, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// plainPNG is a picture of one gray.
func plainPNG(t testing.TB, gray uint8) []byte {
	c := color.Gray{gray}
	return encoded(t, "png", quadrants(4, 4, [4]color.Color{c, c, c, c}))
}

func TestFolder(t *testing.T) {
	dir := write(t, map[string][]byte{
		"고양이/하나.png":          plainPNG(t, 10),
		"고양이/b.JPEG":          encoded(t, "jpeg", quadrants(16, 16, rgbw)),
		"a dog & co/1 2.gif":  encoded(t, "gif", quadrants(8, 8, rgbw)),
		"deep/er/x.tif":       encoded(t, "tiff", quadrants(8, 8, rgbw)),
		"deep/x.bmp":          encoded(t, "bmp", quadrants(8, 8, rgbw)),
		"deep/er/dot.webp":    dot,
		"deep/notes.txt":      []byte("words"),
		"notes":               []byte("words"),
		".hidden/x.png":       []byte("not even an image"),
		"deep/.DS_Store":      nil,
		"__MACOSX/deep/x.png": nil,
		"empty/.gitkeep":      nil,
	})
	var told []string
	ds, err := data.Folder(t.Context(), dir, data.Options{Progress: func(line string) { told = append(told, line) }})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a dog & co", "deep", "deep/er", "고양이"}; !slices.Equal(ds.Classes(), want) || ds.Len() != 6 || ds.Name() != dir {
		t.Fatalf("%d images of %q", ds.Len(), ds.Classes())
	}
	counts := map[string]int{}
	for i := range ds.Len() {
		counts[ds.Classes()[ds.Label(i)]]++
		if m := picture(t, ds, i); m.Channels() != 3 || ds.Format().Channels != 3 {
			t.Errorf("image %d has %d channels", i, m.Channels())
		}
	}
	if counts["고양이"] != 2 || counts["deep/er"] != 2 {
		t.Error(counts)
	}
	if all := strings.Join(told, "\n"); len(told) != 2 || !strings.Contains(all, "no images by their names, 2 (") || !strings.Contains(all, ".txt, no extension") ||
		!strings.Contains(all, `2 of 4 classes have a single image ("a dog & co" "deep")`) {
		t.Errorf("told %q", told)
	}
	if _, err := ds.Image(6); err == nil {
		t.Error("image 6 of 6 is no error")
	}
}

func TestGrayFolder(t *testing.T) {
	gray := drawing(t, 6, 6, 1, 1)
	ds, err := data.Folder(t.Context(), write(t, map[string][]byte{"a/1.png": gray, "b/1.png": gray}), data.Options{})
	if err != nil || ds.Format().Channels != 1 || picture(t, ds, 1).Channels() != 1 {
		t.Errorf("%v, %v", ds.Format(), err)
	}
	ds, err = data.Folder(t.Context(), write(t, map[string][]byte{"a/1.png": gray, "b/1.png": plainPNG(t, 3)}), data.Options{})
	if err != nil || ds.Format().Channels != 3 || picture(t, ds, 0).Channels() != 3 {
		t.Errorf("with one in colour: %v, %v", ds.Format(), err)
	}
}

// TestBadFolders: each fault is refused in one line that names it.
func TestBadFolders(t *testing.T) {
	good := plainPNG(t, 7)
	for name, test := range map[string]struct {
		files map[string][]byte
		more  func(t *testing.T, dir string)
		says  []string
	}{
		"absent":      {map[string][]byte{}, func(t *testing.T, dir string) { os.Remove(dir) }, []string{"no such file"}},
		"empty":       {map[string][]byte{}, nil, []string{"no image in", "it is empty", "folder for each class"}},
		"no images":   {map[string][]byte{"a/1.heic": nil, "b/x.txt": nil}, nil, []string{"its files end in .heic, .txt"}},
		"no class":    {map[string][]byte{"1.png": good}, nil, []string{"1.png lies in no folder of a class"}},
		"0 bytes":     {map[string][]byte{"a/1.png": good, "a/2.png": nil}, nil, []string{"1 of the 2 images", "2.png: the file is empty (0 bytes)", "--skip-bad"}},
		"no image":    {map[string][]byte{"a/1.png": good, "a/2.png": []byte("words, words")}, nil, []string{"2.png: this is no JPEG, PNG"}},
		"100 million": {map[string][]byte{"a/1.png": claim(good, 10_000)}, nil, []string{"1.png: the image declares 10000 × 10000"}},
		"broken link": {map[string][]byte{"a/1.png": good}, func(t *testing.T, dir string) { link(t, "nowhere", dir+"/a/2.png") }, []string{"2.png", "no such file"}},
		"loop":        {map[string][]byte{"a/b/1.png": good}, func(t *testing.T, dir string) { link(t, "..", dir+"/a/b/c") }, []string{"a/b/c: the link leads back"}},
		"loop to top": {map[string][]byte{"a/1.png": good}, func(t *testing.T, dir string) { link(t, dir, dir+"/a/c") }, []string{"a/c: the link leads back"}},
		"its own end": {map[string][]byte{"a/1.png": good}, func(t *testing.T, dir string) { link(t, "2.png", dir+"/a/2.png") }, []string{"2.png", "too many levels of symbolic links"}},
		"not UTF-8":   {map[string][]byte{"a\xff/1.png": good}, nil, []string{`a\xff`, "not in UTF-8"}},
		"twice": {map[string][]byte{"\u00e9/1.png": good, "e\u0301/1.png": good}, nil,
			[]string{"have the same name, written in two ways", `\u00e9`, `e\u0301`}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, test.files)
			if test.more != nil {
				test.more(t, dir)
			}
			_, err := data.Folder(t.Context(), dir, data.Options{})
			expect(t, err, append(test.says, "data: ")...)
		})
	}
}

// TestUnsortedFolder: where it is asked for, pictures of no folder are of a class of their own. In the part of a split they are not.
func TestUnsortedFolder(t *testing.T) {
	good := plainPNG(t, 7)
	for name, c := range map[string]struct {
		files   map[string][]byte
		classes []string // beside the folder's own
		says    string
	}{
		"flat":         {map[string][]byte{"2.png": good, "1.png": good}, nil, ""},
		"mixed":        {map[string][]byte{"2.png": good, "a/1.png": good, "train/3.png": good}, []string{"a", "train"}, ""},
		"in a split":   {map[string][]byte{"train/2.png": good, "test/a/1.png": good}, nil, "2.png lies in no folder of a class"},
		"a clash":      {map[string][]byte{"2.png": good, "NAME/1.png": good}, nil, "would be one class"},
		"no pictures":  {map[string][]byte{"2.txt": good}, nil, "its files end in .txt"},
		"beside parts": {map[string][]byte{"2.png": good, "test/a/1.png": good}, []string{"a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, c.files)
			if name == "a clash" {
				if err := os.Rename(filepath.Join(dir, "NAME"), filepath.Join(dir, filepath.Base(dir))); err != nil {
					t.Fatal(err)
				}
			}
			if name == "flat" { // called by the name that is asked for, and not by where a link leads
				other := filepath.Join(t.TempDir(), "latest")
				link(t, dir, other)
				dir = other
			}
			want := append([]string{filepath.Base(dir)}, c.classes...)
			if name == "beside parts" { // a split, whose loose pictures are left out and told
				want = c.classes
			}
			slices.Sort(want)
			ds, err := data.Folder(t.Context(), dir, data.Options{Unsorted: true})
			parts, wrong := data.FolderParts(t.Context(), dir, data.Options{Unsorted: true, Undivided: true})
			if c.says != "" {
				expect(t, err, c.says)
				expect(t, wrong, c.says)
				return
			}
			if err != nil || wrong != nil || !slices.Equal(ds.Classes(), want) {
				t.Fatalf("classes %q, want %q, %v, %v", ds.Classes(), want, err, wrong)
			}
			if parts.Undivided != nil && !slices.Equal(parts.Undivided.Classes(), want) {
				t.Errorf("undivided %q, want %q", parts.Undivided.Classes(), want)
			}
		})
	}
}

func link(t *testing.T, to, from string) {
	t.Helper()
	if err := os.Symlink(to, from); err != nil {
		t.Fatal(err)
	}
}

func TestUnreadableFile(t *testing.T) {
	dir := write(t, map[string][]byte{"a/1.png": plainPNG(t, 1), "a/2.png": plainPNG(t, 2)})
	if err := os.Chmod(filepath.Join(dir, "a/2.png"), 0); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // whom no file refuses: what is no file is refused even so
		if err := errors.Join(os.Remove(filepath.Join(dir, "a/2.png")), os.Mkdir(filepath.Join(dir, "a/2.png"), 0o777),
			os.WriteFile(filepath.Join(dir, "t.csv"), []byte("path,label\na/1.png,a\na/2.png,a\n"), 0o666)); err != nil {
			t.Fatal(err)
		}
		_, err := data.CSV(t.Context(), filepath.Join(dir, "t.csv"), data.Options{})
		expect(t, err, "2.png", "a folder, not an image")
		return
	}
	_, err := data.Folder(t.Context(), dir, data.Options{})
	expect(t, err, "2.png", "permission denied")
}

// TestSkip: one corrupt image among many, whose header is whole, is found, named, counted and left out, with its class if it was the
// only one.
func TestSkip(t *testing.T) {
	images := map[string][]byte{"lost/1.png": nil}
	for i := range 300 {
		images[fmt.Sprintf("%d/%03d.png", i%3, i)] = plainPNG(t, uint8(i))
	}
	photo := encoded(t, "jpeg", quadrants(64, 64, rgbw))
	images["1/017.jpg"] = photo[:len(photo)-40]
	dir := write(t, images)
	skipped := map[string]error{}
	var checked atomic.Int64
	ds, err := data.Folder(t.Context(), dir, data.Options{
		Skip:     func(image string, reason error) { skipped[image] = reason },
		Checking: func(string, int, int) { checked.Add(1) },
	})
	if checked.Load() != 302 {
		t.Errorf("told of %d images looked at", checked.Load())
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(skipped) != 2 || skipped[filepath.Join(dir, "1/017.jpg")] == nil || skipped[filepath.Join(dir, "lost/1.png")] == nil {
		t.Errorf("skipped %v", skipped)
	}
	if reason := skipped[filepath.Join(dir, "lost/1.png")]; reason != nil && reason.Error() != "the file is empty (0 bytes)" {
		t.Errorf("the reason is %q", reason)
	}
	if ds.Len() != 300 || !slices.Equal(ds.Classes(), []string{"0", "1", "2"}) {
		t.Fatalf("%d images of %q", ds.Len(), ds.Classes())
	}
	for i := range ds.Len() {
		if picture(t, ds, i); ds.Label(i) != i/100 {
			t.Errorf("image %d is of class %d", i, ds.Label(i))
		}
	}
	// Without skipping, what its header does not show is an error where the image is needed.
	if _, err = data.Folder(t.Context(), dir, data.Options{}); err == nil || !strings.Contains(err.Error(), "lost") {
		t.Error(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "lost")); err != nil {
		t.Fatal(err)
	}
	if ds, err = data.Folder(t.Context(), dir, data.Options{}); err != nil || ds.Len() != 301 {
		t.Fatal(err)
	}
	for _, err := range (&data.PairBatches{Dataset: ds, Classes: 2, PerClass: 2, Size: 4}).Iter() {
		expect(t, err, "017.jpg")
	}
	// And where nothing is left, that is said.
	_, err = data.Folder(t.Context(), write(t, map[string][]byte{"a/1.png": nil}), data.Options{Skip: func(string, error) {}})
	expect(t, err, "no image that can be read")
}

func TestFolderEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := data.Folder(ctx, write(t, map[string][]byte{"a/1.png": plainPNG(t, 1)}), data.Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFolderParts(t *testing.T) {
	good := plainPNG(t, 7)
	parts, err := data.FolderParts(t.Context(), write(t, map[string][]byte{
		"train/a/1.png": good, "train/b/1.png": good, "Val/c/1.png": good, "test/d/1.png": good,
	}), data.Options{})
	if err != nil || !slices.Equal(parts.Train.Classes(), []string{"a", "b"}) || parts.Validation.Len() != 1 ||
		!slices.Equal(parts.Test.Classes(), []string{"d"}) || parts.Gallery != nil {
		t.Fatalf("%v, %v", parts, err)
	}
	parts, err = data.FolderParts(t.Context(), write(t, map[string][]byte{
		"train/a/1.png": good, "query/d/1.png": good, "gallery/d/2.png": good, "gallery/e/1.png": good,
	}), data.Options{})
	if err != nil || parts.Test.Len() != 1 || parts.Gallery.Len() != 2 {
		t.Fatalf("%v, %v", parts, err)
	}
	parts, err = data.FolderParts(t.Context(), write(t, map[string][]byte{"query/d/1.png": good, "gallery/d/2.png": good, "gallery/e/1.png": good}), data.Options{})
	if err != nil || parts.Train != nil || !slices.Equal(parts.Test.Classes(), []string{"d"}) || !slices.Equal(parts.Gallery.Classes(), []string{"d", "e"}) {
		t.Fatalf("nothing to learn from: %v, %v", parts, err)
	}
	flat := map[string][]byte{}
	for _, class := range "abcdefghijk" {
		flat[string(class)+"/1.png"], flat[string(class)+"/2.png"] = good, good
	}
	delete(flat, "a/1.png") // a class with one image is never held out
	parts, err = data.FolderParts(t.Context(), write(t, flat), data.Options{})
	if err != nil || len(parts.Test.Classes()) != 2 || len(parts.Train.Classes()) != 9 || parts.Train.Len()+parts.Test.Len() != 21 ||
		parts.Disjoint() != nil || slices.Contains(parts.Test.Classes(), "a") {
		t.Fatalf("%v, %v", parts, err)
	}
	undivided, err := data.FolderParts(t.Context(), write(t, flat), data.Options{Undivided: true})
	if err != nil || undivided.Undivided.Len() != 21 || undivided.Test != nil {
		t.Errorf("undivided: %v, %v", undivided, err)
	}
	for _, c := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"class in two parts", map[string][]byte{"train/a/1.png": good, "train/b/1.png": good, "test/b/2.png": good}, `have classes in common: "b"`},
		{"part by two names", map[string][]byte{"train/a/1.png": good, "Training/b/1.png": good}, "name the training part"},
		{"gallery without queries", map[string][]byte{"train/a/1.png": good, "gallery/b/1.png": good}, "a gallery needs queries"},
		{"queries without gallery", map[string][]byte{"query/b/1.png": good, "val/a/1.png": good}, "with queries needs a gallery"},
		{"queries and test", map[string][]byte{"train/a/1.png": good, "test/b/1.png": good, "query/c/1.png": good, "gallery/c/1.png": good}, "not both"},
		{"classes of one image", map[string][]byte{"a/1.png": good, "b/1.png": good}, "has 0 classes with more than one image"},
		{"empty", map[string][]byte{}, "it is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.FolderParts(t.Context(), write(t, c.files), data.Options{})
			expect(t, err, "data: ", c.want)
		})
	}
	_, err = data.FolderParts(t.Context(), "no such folder", data.Options{})
	expect(t, err, "no such folder", "a folder for each class")
}

// TestFolderTakesAllParts: all parts of a split, whose names are in no class.
func TestFolderTakesAllParts(t *testing.T) {
	good := plainPNG(t, 7)
	for name, files := range map[string]map[string][]byte{
		"split":  {"train/a/1.png": good, "query/d/1.png": good, "gallery/d/2.png": good},
		"folder": {"a/1.png": good, "d/1.png": good, "d/2.png": good},
	} {
		dir := write(t, files)
		ds, err := data.Folder(t.Context(), dir, data.Options{})
		if err != nil || ds.Len() != 3 || !slices.Equal(ds.Classes(), []string{"a", "d"}) || ds.Name() != dir {
			t.Errorf("%s: %v, %v", name, ds, err)
		}
	}
	_, err := data.Folder(t.Context(), write(t, map[string][]byte{"train/a/1.png": good, "test/b/x.txt": nil}), data.Options{})
	expect(t, err, "data: there is no image in", "test")
}
