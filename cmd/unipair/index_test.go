package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// indexed exports an index of 400 images by a network of so many numbers, and returns its directory and an image to look for.
func indexed(t *testing.T, dim string) (dir, query string) {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
	run := filepath.Join(t.TempDir(), "run")
	if code, _, messages := call(t, little(run, "--dim", dim)...); code != 0 {
		t.Fatal(messages)
	}
	dir = filepath.Join(t.TempDir(), "index")
	if code, _, messages := call(t, "export", "--checkpoint", run, "--data", "glyphs", "--out", dir); code != 0 {
		t.Fatal(messages)
	}
	_, query = pictures(t, []string{"x"}, 1)
	return dir, query
}

// change replaces a text in a file.
func change(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%s has no %q: %v", path, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Nothing of an index is another than it was written with. What an index from before its sums were kept says of its files is compared with
// them before there is room for it.
func TestIndexIsAsItWasWritten(t *testing.T) {
	from, query := indexed(t, "16")
	other, _ := indexed(t, "8")
	manifests, err := filepath.Glob(filepath.Join(from, "models", "1", "step-*"))
	if err != nil || len(manifests) != 1 {
		t.Fatal(manifests, err)
	}
	network := strings.TrimPrefix(manifests[0], from+"/")
	write := func(name, text string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666) }
	}
	replace := func(name, old, new string) func(dir string) error {
		return func(dir string) error { change(t, filepath.Join(dir, name), old, new); return nil }
	}
	flip := func(name string) func(dir string) error {
		return func(dir string) error {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err == nil {
				raw[len(raw)/2] ^= 1
				err = os.WriteFile(filepath.Join(dir, name), raw, 0o666)
			}
			return err
		}
	}
	pipe := func(name string) func(dir string) error {
		return func(dir string) error {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
			return syscall.Mkfifo(filepath.Join(dir, name), 0o666)
		}
	}
	foreign := func(dir string) error { // another network
		if err := os.RemoveAll(filepath.Join(dir, "models")); err != nil {
			return err
		}
		return os.CopyFS(filepath.Join(dir, "models"), os.DirFS(filepath.Join(other, "models")))
	}
	const again = ": export it again"
	for _, try := range []struct {
		about  string
		old    bool // without sums
		change func(dir string) error
		want   string
	}{
		{"dim", false, replace("index.json", `"dim": 16`, `"dim": 17`), "index.json is not as it was written" + again},
		{"views", false, replace("index.json", `"tta": false`, `"tta": true`), "index.json is not as it was written" + again},
		{"vectors", false, flip("embeddings.npy"), "embeddings.npy is not as it was written" + again},
		{"rows", false, flip("images.csv"), "images.csv is not as it was written" + again},
		{"manifest", false, replace(network+"/manifest.json", `"size": 16`, `"size": 17`), "manifest.json is not as it was written" + again},
		{"network", false, foreign, "manifest.json"},
		{"cut", false, func(dir string) error { return os.Truncate(filepath.Join(dir, "embeddings.npy"), 1000) }, "embeddings.npy is not as it was written" + again},

		{"old network", true, foreign, "has embeddings of 16 numbers, and its networks make 8" + again},
		{"turned", true, replace("embeddings.npy", "(400, 16)", "(16, 400)"), "embeddings.npy: it has the shape [16, 400], and index.json says [400, 16]" + again},
		{"flat", true, replace("embeddings.npy", "(400, 16)", "(6400,)  "), "want rows of float32" + again},
		{"whole numbers", true, replace("embeddings.npy", "<f4", "<i4"), "want rows of float32" + again},
		{"columns first", true, replace("embeddings.npy", "False, 'shape': (400, 16)", "True, 'shape': (400, 16) "), "want rows of float32" + again},
		{"no array", true, write("embeddings.npy", "no array at all"), "embeddings.npy: this is no NumPy file (.npy)" + again},
		{"cut array", true, func(dir string) error { return os.Truncate(filepath.Join(dir, "embeddings.npy"), 1000) }, "embeddings.npy: the NumPy file declares the shape (400, 16), more than its 1000 bytes" + again},
		{"cut head", true, func(dir string) error { return os.Truncate(filepath.Join(dir, "embeddings.npy"), 50) }, "embeddings.npy: its head is cut: unexpected EOF" + again},
		{"2^40 images", true, func(dir string) error {
			change(t, filepath.Join(dir, "index.json"), `"images": 400`, `"images": 1099511627776`)
			change(t, filepath.Join(dir, "embeddings.npy"), "(400, 16), }       ", "(1099511627776, 16)}")
			return nil
		}, "the NumPy file declares the shape (1099511627776, 16), more than its 25681 bytes" + again},
		{"overflow", true, func(dir string) error {
			change(t, filepath.Join(dir, "index.json"), `"images": 400`, `"images": 4611686018427387904`)
			change(t, filepath.Join(dir, "embeddings.npy"), "'shape': (400, 16), }       ", "'shape':(4611686018427387904, 16)}"[:28])
			return nil
		}, "the head of the NumPy file is not read"},
		{"-1 images", true, replace("index.json", `"images": 400`, `"images": -1`), "says -1 images of 16 numbers by 1 networks"},
		{"dim 0", true, replace("index.json", `"dim": 16`, `"dim": 0`), "says 400 images of 0 numbers"},
		{"dim 2^40", true, replace("index.json", `"dim": 16`, `"dim": 1099511627776`), "it has the shape [400, 16], and index.json says [400, 1099511627776]"},
		{"words", true, replace("index.json", `"dim": 16`, `"dim": "16"`), "index.json: dim must be a whole number, got text" + again},
		{"fewer rows", true, write("images.csv", "index,class,path\n0,a,b\n"), "images.csv: it has 1 images, and index.json says 400" + again},
		{"another index", true, write("images.csv", "index,class,path\n7,a,b\n"), "images.csv: line 2: want the index 0, got \"7\"" + again},
		{"other columns", true, write("images.csv", "index,class\n"), "wrong number of fields" + again},
		{"no rows", true, write("images.csv", ""), "images.csv: the file is empty" + again},
		{"long rows", true, func(dir string) error { return os.Truncate(filepath.Join(dir, "images.csv"), 1<<36) }, "too large" + again},
		{"long list", true, func(dir string) error { return os.Truncate(filepath.Join(dir, "index.json"), 1<<36) }, "too large"},
		{"pipe", true, pipe("index.json"), "index.json is a pipe"},
		{"pipe of vectors", true, pipe("embeddings.npy"), "embeddings.npy is a pipe"},
		{"pipe of rows", true, pipe("images.csv"), "images.csv is a pipe"},
		{"pipe of a network", true, pipe(network + "/manifest.json"), "manifest.json is a pipe"},
	} {
		dir := filepath.Join(t.TempDir(), "index")
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		if try.old {
			text, err := os.ReadFile(filepath.Join(dir, "index.json"))
			before := regexp.MustCompile(`(?s),\n  "sha256": \{.*?\}`).ReplaceAll(text, nil)
			if err != nil || bytes.Equal(text, before) {
				t.Fatalf("%s, %v", text, err)
			}
			if err := os.WriteFile(filepath.Join(dir, "index.json"), before, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := try.change(dir); err != nil {
			t.Fatal(err)
		}
		var start, end runtime.MemStats
		runtime.ReadMemStats(&start)
		began := time.Now()
		code, out, messages := call(t, "search", "--index", dir, "--query", query)
		runtime.ReadMemStats(&end)
		if code != 1 || out != "" || !strings.Contains(messages, try.want) || strings.Count(messages, "\n") != 1 {
			t.Errorf("%s: exit %d, wrote %q, said %q, want %q", try.about, code, out, messages, try.want)
		}
		if made := end.TotalAlloc - start.TotalAlloc; made > 64<<20 || time.Since(began) > 10*time.Second {
			t.Errorf("%s took %d bytes and %v", try.about, made, time.Since(began))
		}
	}
}

// An index is whole or absent, and where it cannot be is told before any work.
func TestExportIsWholeOrAbsent(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	parent := t.TempDir()
	run := filepath.Join(parent, "run")
	if code, _, messages := call(t, little(run)...); code != 0 {
		t.Fatal(messages)
	}
	if err := os.Symlink("nowhere", filepath.Join(parent, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"run", "link", "run/run.yaml", "run/run.yaml/index"} {
		code, out, messages := call(t, "export", "--checkpoint", run, "--data", "glyphs", "--out", filepath.Join(parent, name))
		if code != 1 || out != "" || strings.Count(messages, "\n") != 1 { // the backend was not opened
			t.Errorf("--out %s: exit %d, wrote %q, said %q", name, code, out, messages)
		}
	}
	before := syscall.Umask(0o027)
	defer syscall.Umask(before)
	index := filepath.Join(parent, "[a] new", "index")
	if code, _, messages := call(t, "export", "--checkpoint", run, "--data", "glyphs", "--out", index); code != 0 {
		t.Fatal(messages)
	}
	for name, want := range map[string]os.FileMode{"": 0o750, "index.json": 0o640, "embeddings.npy": 0o640, "models/1": 0o750} {
		if info, err := os.Stat(filepath.Join(index, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
	if text, err := os.ReadFile(filepath.Join(index, "index.json")); err != nil || strings.Count(string(text), "manifest.json\": \"") != 1 {
		t.Errorf("the network's manifest is not summed: %s, %v", text, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(index)); err != nil || len(entries) != 1 {
		t.Errorf("beside the index: %v, %v", entries, err)
	}
}
