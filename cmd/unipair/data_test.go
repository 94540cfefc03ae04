package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func TestDataLists(t *testing.T) {
	code, out, _ := call(t, "data")
	for _, p := range data.Catalogue() {
		if code != 0 || !strings.Contains(out, p.Name+" ") {
			t.Errorf("exit %d, the list does not have %s", code, p.Name)
		}
	}
	for _, prefix := range []string{"folder:", "csv:", "npy:", "glyphs ", "omniglot "} {
		if !strings.Contains(out, prefix) {
			t.Errorf("the list does not have %s", prefix)
		}
	}
	code, out, _ = call(t, "data", "cub")
	for _, says := range []string{"licence: ", "1150585339 bytes", "SHA-256 0c685d", "https://data.caltech.edu/records/"} {
		if code != 0 || !strings.Contains(out, says) {
			t.Errorf("exit %d, cub is described without %q: %s", code, says, out)
		}
	}
	code, out, _ = call(t, "data", "omniglot-mirrored")
	for _, says := range []string{"omniglot-mirrored: ", "licence: MIT", "all_runs.zip (352787 bytes, SHA-256 "} {
		if code != 0 || !strings.Contains(out, says) {
			t.Errorf("exit %d, omniglot-mirrored is described without %q: %s", code, says, out)
		}
	}
	if code, out, _ = call(t, "data", "--fetch", "glyphs"); code != 0 || !strings.Contains(out, "training  40 classes  800 images  gray") {
		t.Errorf("exit %d, glyphs: %q", code, out)
	}
}

func TestDataRefuses(t *testing.T) {
	photos := filepath.Join(t.TempDir(), "photos")
	if err := os.Mkdir(photos, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		words []string
		want  string
	}{
		{"a typing mistake", []string{"data", "fashion-minst"}, "did you mean fashion-mnist?"},
		{"no set to fetch", []string{"data", "--fetch"}, "which set is to be fetched"},
		{"bad images of nothing", []string{"data", "cub", "--skip-bad"}, "--skip-bad looks for bad images"},
		{"two sets", []string{"data", "cub", "mnist"}, `unexpected argument "mnist"`},
		{"another flag", []string{"data", "cub", "--fecth"}, "unknown flag --fecth: did you mean --fetch?"},
		{"a place that is not there", []string{"data", "folder:" + photos[:len(photos)-2] + "so"}, "did you mean folder:" + photos + "?"},
		{"no place", []string{"data", "folder:"}, "folder: needs a place after the colon"},
		{"no place to learn from", []string{"train", "--data", "npy:", "--out", "x"}, "npy: needs a place after the colon"},
	} {
		if code, _, messages := call(t, c.words...); code != 2 || !strings.Contains(messages, c.want) || strings.Count(messages, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, want %q", c.name, code, messages, c.want)
		}
	}
}

// TestDataOfOnesOwn: a folder with a picture that is torn is refused by its name, and read without it where that is asked for.
func TestDataOfOnesOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "내 사진")
	var good bytes.Buffer
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	m.Set(3, 3, color.NRGBA{200, 30, 10, 255})
	if err := png.Encode(&good, m); err != nil {
		t.Fatal(err)
	}
	for _, class := range []string{"train/a b", "train/나", "test/c"} {
		for _, name := range []string{"1.png", "2.png"} {
			path := filepath.Join(dir, class, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, good.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	torn := filepath.Join(dir, "train/나/3.png")
	if err := os.WriteFile(torn, good.Bytes()[:good.Len()-20], 0o666); err != nil {
		t.Fatal(err)
	}
	code, out, messages := call(t, "data", "folder:"+dir, "--skip-bad")
	if code != 0 || !strings.Contains(out, "training  2 classes  4 images  colour") || !strings.Contains(out, "left out: 1 images") ||
		!strings.Contains(messages, torn) {
		t.Errorf("exit %d, wrote %q, said %q", code, out, messages)
	}
	if err := os.WriteFile(torn, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	code, _, messages = call(t, "data", "folder:"+dir)
	if code != 1 || !strings.Contains(messages, torn+": the file is empty (0 bytes)") || !strings.Contains(messages, "--skip-bad") {
		t.Errorf("exit %d, said %q", code, messages)
	}
}

// TestPublishedSetWithABadPicture: it stops the reading of a published set by its name, or is named, counted and left out.
func TestPublishedSetWithABadPicture(t *testing.T) {
	var good, archive bytes.Buffer
	if err := png.Encode(&good, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	const bad = "Market-1501-v15.09.15/query/0001_c2s1_000301_00.jpg"
	packed := zip.NewWriter(&archive)
	for name, raw := range map[string][]byte{
		"Market-1501-v15.09.15/bounding_box_train/0002_c1s1_000451_03.jpg": good.Bytes(), bad: []byte("none"),
		"Market-1501-v15.09.15/query/0003_c2s1_000301_00.jpg":             good.Bytes(),
		"Market-1501-v15.09.15/bounding_box_test/0003_c1s1_000301_00.jpg": good.Bytes(),
	} {
		w, err := packed.Create(name)
		if err == nil {
			_, err = w.Write(raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "market1501", "Market-1501-v15.09.15.zip")
	if err := errors.Join(packed.Close(), os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, archive.Bytes(), 0o666)); err != nil {
		t.Fatal(err)
	}
	t.Setenv(data.EnvFolder, folder)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if code, _, messages := call(t, "data", "market1501", "--fetch"); code != 1 || !strings.Contains(messages, bad+": this is no JPEG") {
		t.Errorf("exit %d, said %q", code, messages)
	}
	code, out, messages := call(t, "data", "market1501", "--fetch", "--skip-bad")
	if code != 0 || !strings.Contains(messages, "left out: "+bad) || !strings.Contains(out, "left out: 1 images") ||
		!strings.Contains(out, "test      1 classes  1 images") {
		t.Errorf("exit %d, wrote %q, said %q", code, out, messages)
	}
}

// TestTrainOnOnesOwn: photographs, cropped and mirrored, of two kinds a batch, and too many for memory.
func TestTrainOnOnesOwn(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, _ := pictures(t, []string{"letters/a", "letters/b", "digits/1", "digits/2", "digits/3"}, 4)
	if err := os.Rename(dir, dir+" "); err != nil { // now below "train", so that all of it is learnt from
		t.Fatal(err)
	}
	if err := errors.Join(os.Mkdir(dir, 0o777), os.Rename(dir+" ", filepath.Join(dir, "train"))); err != nil {
		t.Fatal(err)
	}
	words := func(out string, more ...string) []string {
		return append([]string{"train", "--data", "folder:" + dir, "--out", out, "--steps", "3", "--size", "16", "--width", "2", "--dim", "8",
			"--classes", "4", "--per-class", "2", "--super-classes", "2", "--augment", "photos"}, more...)
	}
	first, second := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "run")
	code, all, messages := call(t, words(first)...)
	if code != 0 || !strings.Contains(messages, "5 classes, 20 images") {
		t.Fatalf("exit %d, said %q", code, messages)
	}
	code, few, messages := call(t, words(second, "--memory", "0.000001")...)
	if code != 0 || strings.Replace(few, second, first, 1) != all {
		t.Errorf("exit %d: %q with little memory, %q with enough; said %q", code, few, all, messages)
	}
	for _, c := range []struct {
		name  string
		words []string
		want  string
	}{
		{"another way to augment", []string{"--augment", "photo"}, "did you mean photos?"},
		{"no memory", []string{"--memory", "-1"}, "want gigabytes above 0"},
		{"4 classes of 3 kinds", []string{"--super-classes", "3"}, "as many classes of each"},
		{"more kinds than there are", []string{"--super-classes", "4"}, "too few for batches of 4;"},
	} {
		if code, _, messages := call(t, words(filepath.Join(t.TempDir(), "run"), c.words...)...); code == 0 || !strings.Contains(messages, c.want) {
			t.Errorf("%s: exit %d, %q, want %q", c.name, code, messages, c.want)
		}
	}
}
