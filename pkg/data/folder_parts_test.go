package data_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// What has no picture is no reason against a split, whatever it is; and what has pictures and names no part is refused by name.
func TestSplitBesideOthers(t *testing.T) {
	good := plainPNG(t, 7)
	for name, c := range map[string]struct {
		files map[string][]byte // beside train/ and test/
		links map[string]string
		says  string // empty: the split is as without them
	}{
		"nothing":               {},
		"a Mac's archive":       {files: map[string][]byte{"__MACOSX/train/a/._1.png": {0}}},
		"previews":              {files: map[string][]byte{"@eaDir/a/1.png": good, "train/a/@eaDir/1.png": good, "train/@eaDir/1.png": good}},
		"bins":                  {files: map[string][]byte{"#recycle/a/1.png": good, "$RECYCLE.BIN/a/1.png": good, "System Volume Information/x": nil}},
		"hidden":                {files: map[string][]byte{".git/a.png": good, ".DS_Store": nil}},
		"a link to a file":      {links: map[string]string{"README": "/etc/hostname"}},
		"a link that is broken": {links: map[string]string{"old": "nowhere"}},
		"an empty folder":       {files: map[string][]byte{"lost+found/.keep": nil, "empty/deep/.keep": nil}},
		"parts that are empty":  {files: map[string][]byte{"val/.keep": nil, "gallery/.keep": nil, "query/deep/.keep": nil}},
		"a part without one":    {files: map[string][]byte{"val/a.avif": nil}, says: "there is no image in DIR/val: its files end in .avif"},
		"JSON":                  {files: map[string][]byte{"annotations/all.json": nil, "annotations/deep/er.json": nil}},
		"tables":                {files: map[string][]byte{"readme.txt": nil, "Thumbs.db": nil, "labels/1.txt": nil}},
		"a loose picture":       {files: map[string][]byte{"cover.png": good}},
		"the same part, empty":  {files: map[string][]byte{"Training/.keep": nil, "Testing/a.txt": nil}},
		"the same, later":       {files: map[string][]byte{"training/.keep": nil, "testing/a.txt": nil}},
		"pictures":              {files: map[string][]byte{"extra/1.png": good}, says: "DIR/extra has pictures and is no part of the split: move it into test or train, or out of DIR"},
		"pictures, deep":        {files: map[string][]byte{"extra/b/c/1.png": good}, says: "DIR/extra has pictures and is no part"},
		"nearly a part":         {files: map[string][]byte{"Tests/e/1.png": good}, says: `DIR/Tests has pictures and is no part of the split (did you mean "test"?)`},
		"a link to pictures":    {links: map[string]string{"latest": "test"}, says: "DIR/latest has pictures and is no part"},
		"a link to another part's class": {links: map[string]string{"test/e": "../train/a"},
			says: "DIR/train/a: the link DIR/test/e leads here, and is read already"},
		"a link to another part": {links: map[string]string{"val": "train"}, says: "DIR/val: the link leads to DIR/train, which is read already"},
		"a third part":           {files: map[string][]byte{"dev/a/1.png": good}, says: "have classes in common"},
	} {
		files := map[string][]byte{"train/a/1.png": good, "train/a/2.png": good, "train/b/1.png": good, "test/d/1.png": good}
		for path, raw := range c.files {
			files[path] = raw
		}
		dir := write(t, files)
		for from, to := range c.links {
			link(t, to, filepath.Join(dir, from))
		}
		var told []string
		o := data.Options{Progress: func(line string) { told = append(told, line) }}
		parts, err := data.FolderParts(t.Context(), dir, o)
		if c.says != "" {
			expect(t, err, "data: ", strings.ReplaceAll(c.says, "DIR", dir))
			if c.says != "have classes in common" {
				_, err = data.Folder(t.Context(), dir, o)
				expect(t, err, strings.ReplaceAll(c.says, "DIR", dir))
			}
			continue
		}
		if err != nil || !slices.Equal(parts.Train.Classes(), []string{"a", "b"}) || !slices.Equal(parts.Test.Classes(), []string{"d"}) || parts.Train.Len() != 3 {
			t.Errorf("beside %s: %+v, %v", name, parts, err)
		}
		if all, err := data.Folder(t.Context(), dir, o); err != nil || all.Len() != 4 {
			t.Errorf("all beside %s: %v", name, err)
		}
		if said := strings.Contains(strings.Join(told, "\n"), `in no part of the split: "cover.png"`); said != (name == "a loose picture") {
			t.Errorf("beside %s: told %q", name, told)
		}
	}
}

// A split further down is refused, where its parts would be learnt from alike; a single name of a part is a class.
func TestSplitFurtherDown(t *testing.T) {
	good := plainPNG(t, 7)
	for name, c := range map[string]struct {
		names []string
		says  string
	}{
		"unpacked":          {[]string{"photos/train/a", "photos/test/b"}, "DIR/photos has folders for the test and the training part, and a split is of the folder that is given: give DIR/photos, or"},
		"deep":              {[]string{"x/y/Training/a", "x/y/val/b", "z"}, "DIR/x/y has folders for the training and the validation part"},
		"below the classes": {[]string{"Anna/train", "Anna/test", "Bea/train", "Bea/test"}, "DIR/Anna has folders for the test and the training part"},
		"a class":           {[]string{"vehicles/train", "vehicles/bus", "signs/test"}, ""},
	} {
		files := map[string][]byte{}
		for _, class := range c.names {
			files[class+"/1.png"] = good
		}
		dir := write(t, files)
		for how, read := range map[string]func() error{
			"FolderParts": func() error { _, err := data.FolderParts(t.Context(), dir, data.Options{Undivided: true}); return err },
			"Folder":      func() error { _, err := data.Folder(t.Context(), dir, data.Options{}); return err },
		} {
			err := read()
			if c.says != "" {
				expect(t, err, "data: ", strings.ReplaceAll(c.says, "DIR", dir))
			} else if err != nil {
				t.Errorf("%s of %s: %v", how, name, err)
			}
		}
	}
}

// Classes may be called as parts are, if their pictures lie in them and other classes are beside them.
func TestClassesNamedAsParts(t *testing.T) {
	files := map[string][]byte{"test/.keep": nil}
	want := []string{"bike", "boat", "bus", "car", "plane", "ship", "train", "tram"}
	for _, class := range want {
		files[class+"/1.png"], files[class+"/2.png"] = plainPNG(t, 1), plainPNG(t, 2)
	}
	parts, err := data.FolderParts(t.Context(), write(t, files), data.Options{Undivided: true})
	if err != nil || parts.Undivided == nil || !slices.Equal(parts.Undivided.Classes(), want) {
		t.Errorf("%+v, %v", parts, err)
	}
}

// odd makes a folder with a picture, and beside it what is none: each must be refused or left out by its name.
func odd(t *testing.T) (dir string, names []string) {
	t.Helper()
	dir = write(t, map[string][]byte{"a/1.png": plainPNG(t, 1), "b\xff/1.png": plainPNG(t, 1), "c/\xff.png": plainPNG(t, 1), "c/\xff.txt": nil})
	listener, err := net.Listen("unix", filepath.Join(dir, "a", "socket.png"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	link(t, "/dev/zero", filepath.Join(dir, "a", "device.png"))
	link(t, "nowhere", filepath.Join(dir, "a", "broken.png"))
	link(t, "..", filepath.Join(dir, "a", "loop"))
	link(t, "a", filepath.Join(dir, "again"))
	if err := syscall.Mkfifo(filepath.Join(dir, "a", "pipe.png"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir, []string{
		"a/broken.png: stat DIR/a/broken.png: no such file or directory",
		"a/device.png: this is a device, not a regular file",
		"a/loop: the link leads back to a folder that it lies in",
		"a/pipe.png: this is a pipe, not a regular file",
		"a/socket.png: this is a socket, not a regular file",
		"again: the link leads to DIR/a, which is read already",
		`b\xff": the name is not in UTF-8`,
		`c/\xff.png": the name is not in UTF-8`,
	}
}

// With Skip, what cannot be read is named once each and left out; without, the first of it is the error.
func TestSkipInFolders(t *testing.T) {
	dir, want := odd(t)
	for _, in := range []string{"", "split"} {
		root := dir
		if in == "split" { // the same as a part of a split
			root = t.TempDir()
			if err := errors.Join(os.Rename(dir, filepath.Join(root, "train")), os.Mkdir(filepath.Join(root, "notes"), 0o777)); err != nil {
				t.Fatal(err)
			}
			dir = filepath.Join(root, "train")
		}
		var left []string
		o := data.Options{Undivided: true, Skip: func(path string, reason error) {
			left = append(left, strings.TrimPrefix(strings.Trim(path, `"`), dir+"/")+map[bool]string{true: `"`}[strings.HasPrefix(path, `"`)]+": "+reason.Error())
		}}
		parts, err := data.FolderParts(t.Context(), root, o)
		if err != nil {
			t.Fatal(err)
		}
		set := parts.Undivided
		if in == "split" {
			set = parts.Train
		}
		if set.Len() != 1 || !slices.Equal(set.Classes(), []string{"a"}) {
			t.Errorf("%d images of %q", set.Len(), set.Classes())
		}
		for i, line := range want {
			if i >= len(left) || left[i] != strings.ReplaceAll(line, "DIR", dir) {
				t.Errorf("left out %q, want %q", left, line)
				break
			}
		}
		if len(left) != len(want) {
			t.Errorf("left out %q", left)
		}
		_, err = data.FolderParts(t.Context(), root, data.Options{})
		expect(t, err, "data: ", "a/broken.png", "--skip-bad")
	}
}

// Each of them alone is refused by its name.
func TestOddFilesAreRefused(t *testing.T) {
	for i, want := range func() []string { _, names := odd(t); return names }() {
		dir, all := odd(t)
		for j, other := range all {
			name, _, _ := strings.Cut(other, ":")
			name = strings.ReplaceAll(strings.TrimSuffix(name, `"`), `\xff`, "\xff")
			if i != j {
				if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, err := data.Folder(t.Context(), dir, data.Options{})
		_, reason, _ := strings.Cut(want, ": ")
		name, _, _ := strings.Cut(want, ":")
		expect(t, err, "data: ", name, strings.ReplaceAll(reason, "DIR", dir), "; repair or remove it, or skip it (--skip-bad)")
	}
}

// A chain of folders, each with two links to the next, has 2^60 ways through it, and is left after one.
func TestManyLinks(t *testing.T) {
	files := map[string][]byte{}
	for i := range 60 {
		files[strings.Repeat("x", i+1)+"/1.png"] = plainPNG(t, 1)
	}
	dir := write(t, files)
	for i := range 59 {
		for _, name := range []string{"one", "two"} {
			link(t, "../"+strings.Repeat("x", i+2), filepath.Join(dir, strings.Repeat("x", i+1), name))
		}
	}
	count := 0
	ds, err := data.Folder(t.Context(), dir, data.Options{Skip: func(string, error) { count++ }})
	if err != nil || ds.Len() != 60 || count != 2*59 {
		t.Errorf("%v, left out %d", err, count)
	}
}
