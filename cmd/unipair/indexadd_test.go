package main

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/index"
)

// grown is an index of some pictures, and a folder with more of them.
type grown struct{ run, folder, index, one string }

// growing writes an index of three pictures of each of six classes, in the format, and puts a fourth and two classes beside them.
func growing(t *testing.T, format string) grown {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
	there := t.TempDir()
	folder, one := pictures(t, scripts, 4)
	g := grown{filepath.Join(there, "run"), folder, filepath.Join(there, "index"), one}
	aside := filepath.Join(there, "aside")
	for c, class := range scripts {
		moved := []string{filepath.Join(class, "image 3.png")}
		if c >= 6 {
			moved = []string{class}
		}
		for _, name := range moved {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(aside, name)), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(folder, name), filepath.Join(aside, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, words := range [][]string{
		{"train", "--data", "folder:" + folder, "--out", g.run, "--steps", "2", "--size", "16", "--width", "2", "--dim", "8",
			"--classes", "3", "--per-class", "2"},
		{"export", "--checkpoint", g.run, "--data", "folder:" + folder, "--part", "all", "--out", g.index, "--format", format},
	} {
		if code, _, messages := call(t, words...); code != 0 {
			t.Fatal(messages)
		}
	}
	if err := os.CopyFS(folder, os.DirFS(aside)); err != nil {
		t.Fatal(err)
	}
	return g
}

// add returns the words that add the folder.
func (g grown) add(more ...string) []string {
	return append([]string{"index", "add", "--index", g.index, "--data", "folder:" + g.folder}, more...)
}

// TestIndexAdd: an index that grew answers as one that is made of all pictures, and has a picture once.
func TestIndexAdd(t *testing.T) {
	for _, format := range index.Formats {
		t.Run(format, func(t *testing.T) {
			g := growing(t, format)
			code, out, messages := call(t, g.add("--checkpoint", g.run)...)
			if want := "14 images of folder:" + g.folder + " added, 18 left out whose files it has already; the index has 32\n"; code != 0 || out != want {
				t.Fatalf("exit %d, wrote %q, said %q, want %q", code, out, messages, want)
			}
			if code, out, messages := call(t, g.add()...); code != 0 || !strings.HasPrefix(out, "0 images of ") || !strings.Contains(out, ", 32 left out") {
				t.Errorf("again: exit %d, wrote %q, said %q", code, out, messages)
			}
			anew := g.index + "2"
			code, _, messages = call(t, "export", "--checkpoint", g.run, "--data", "folder:"+g.folder, "--part", "all", "--out", anew, "--format", format)
			if code != 0 {
				t.Fatal(messages)
			}
			rows, of := byPath(t, g.index), byPath(t, anew)
			if len(rows) != 32 || len(of) != 32 {
				t.Fatalf("%d rows, and anew %d", len(rows), len(of))
			}
			for path, row := range rows {
				for i, x := range row {
					if !(math.Abs(float64(x-of[path][i])) <= 1e-6) {
						t.Fatalf("%s: %v, and anew %v", path, row, of[path])
					}
				}
			}
			if a, b := answers(t, g.index, g.one), answers(t, anew, g.one); !slices.Equal(a, b) {
				t.Errorf("it finds %v, and one that is made anew %v", a, b)
			}
			for _, table := range []string{"embeddings.csv", "embeddings.parquet"} {
				a, wrong := os.Stat(filepath.Join(g.index, table))
				b, missing := os.Stat(filepath.Join(anew, table))
				if (wrong == nil) != (missing == nil) || wrong == nil && math.Abs(float64(a.Size()-b.Size())) > 64 {
					t.Errorf("%s: %v %v, and anew %v %v", table, a, wrong, b, missing)
				}
			}
			if left, err := filepath.Glob(filepath.Join(g.index, ".*")); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

// byPath reads an index's rows by the paths of their pictures.
func byPath(t *testing.T, dir string) map[string][]float32 {
	t.Helper()
	x, err := index.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string][]float32)
	for i, image := range x.Images {
		rows[image.Path+" of "+image.Class] = x.Set.Embeddings[i*x.Dim : (i+1)*x.Dim]
	}
	return rows
}

// answers lists what is most like a picture.
func answers(t *testing.T, dir, query string) (paths []string) {
	t.Helper()
	code, out, messages := call(t, "search", "--index", dir, "--query", query, "--json")
	var all []found
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
		t.Fatalf("exit %d, said %q: %v", code, messages, err)
	}
	for _, hit := range all[0].Hits {
		paths = append(paths, hit.Class+" "+hit.Path)
	}
	return paths
}

// TestIndexAddFromElsewhere: relative paths are of the folder in which they were given, so that pictures of another one are others.
func TestIndexAddFromElsewhere(t *testing.T) {
	g := growing(t, "npy")
	there, name := filepath.Split(g.folder)
	g.index += "2"
	t.Chdir(there)
	if code, _, messages := call(t, "export", "--checkpoint", g.run, "--data", "folder:"+name, "--part", "all", "--out", g.index); code != 0 {
		t.Fatal(messages)
	}
	t.Chdir(t.TempDir())
	if err := os.CopyFS(name, os.DirFS(g.folder)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ folder, want string }{
		{g.folder, "0 images of folder:" + g.folder + " added, 32 left out whose files it has already; the index has 32\n"},
		{name, "32 images of folder:" + name + " added; the index has 64\n"},
		{name, "0 images of folder:" + name + " added, 32 left out whose files it has already; the index has 64\n"},
	} {
		code, out, messages := call(t, "index", "add", "--index", g.index, "--data", "folder:"+c.folder)
		if code != 0 || out != c.want {
			t.Errorf("exit %d, wrote %q, said %q, want %q", code, out, messages, c.want)
		}
	}
	t.Chdir(there)
	want := "0 images of folder:" + name + " added, 32 left out whose files it has already; the index has 64\n"
	if code, out, messages := call(t, "index", "add", "--index", g.index, "--data", "folder:"+name); code != 0 || out != want {
		t.Errorf("exit %d, wrote %q, said %q, want %q", code, out, messages, want)
	}
}

// TestIndexAddRefuses: what is of another network or another kind is refused in a line, and the index is as it was.
func TestIndexAddRefuses(t *testing.T) {
	g := growing(t, "npy")
	there := t.TempDir()
	other := filepath.Join(there, "other")
	if code, _, messages := call(t, little(other)...); code != 0 {
		t.Fatal(messages)
	}
	before := answers(t, g.index, g.one)
	if code, _, messages := call(t, "index", "add", "--index", g.index, "--data", "glyphs", "--part", "test"); code != 0 {
		t.Fatal(messages)
	}
	features := filepath.Join(g.index, "embeddings.npy")
	labels := filepath.Join(there, "labels.csv")
	if err := os.WriteFile(labels, []byte("label\n"+strings.Repeat("a\n", 418)), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"index"}, 2, "say what to do: unipair index add"},
		{[]string{"index", "ad", "--index", g.index, "--data", "glyphs"}, 2, `index: unknown word "ad": did you mean add?`},
		{[]string{"index", "add", "--data", "glyphs"}, 2, "add to what? --index takes"},
		{[]string{"index", "add", "--index", g.index}, 2, "which data?"},
		{[]string{"index", "add", "--index", g.index, "--data", "glyhps"}, 2, "did you mean glyphs?"},
		{[]string{"index", "add", "--index", g.index, "--data", "glyphs", "--part", "tset"}, 2, "unknown part"},
		{[]string{"index", "add", "--index", g.folder, "--data", "glyphs"}, 1, "there is no index.json"},
		{[]string{"index", "add", "--index", filepath.Join(there, "none"), "--data", "glyphs"}, 1, "there is no index.json"},
		{[]string{"index", "add", "--index", g.index, "--data", "glyphs", "--part", "test"}, 1, "has glyphs, evaluation already"},
		{[]string{"index", "add", "--index", g.index, "--data", "npy:" + features + "," + labels}, 1, "the network takes pictures, and"},
		{g.add("--checkpoint", other), 1, "is of other networks than " + other},
		{g.add("--checkpoint", there), 1, "holds no checkpoint"},
	} {
		code, out, messages := call(t, c.args...)
		lines := strings.Split(strings.TrimSpace(messages), "\n")
		if code != c.code || out != "" || !strings.Contains(lines[len(lines)-1], c.want) {
			t.Errorf("%v: exit %d, wrote %q, said %q, want %q", c.args, code, out, messages, c.want)
		}
	}
	held := flock.New(g.index, flock.SetFlag(os.O_RDONLY))
	if free, err := held.TryLock(); err != nil || !free {
		t.Fatal(free, err)
	}
	if code, _, messages := call(t, g.add()...); code != 1 || !strings.Contains(messages, "another program adds to it") {
		t.Errorf("held: exit %d, said %q", code, messages)
	}
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	if x, err := index.Open(g.index); err != nil || x.Count != 18+400 || len(answers(t, g.index, g.one)) != len(before) {
		t.Errorf("%v, %v", x, err)
	}
}

// TestIndexAddKilled: whenever the program is killed, the index is the old one or the new one, and the next add ends what was begun.
func TestIndexAddKilled(t *testing.T) {
	g, program := growing(t, "csv"), buildProgram(t)
	add := func(after time.Duration) {
		command := exec.Command(program, g.add()...)
		command.Env = append(os.Environ(), backend.Variable+"=go")
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if after > 0 {
			time.AfterFunc(after, func() { _ = command.Process.Kill() })
		}
		_ = command.Wait() // killed, most times
	}
	counts := map[int]int{}
	for i := range 30 {
		add(time.Duration(i+1) * 4 * time.Millisecond)
		x, err := index.Open(g.index)
		if err != nil || x.Count != 18 && x.Count != 32 {
			t.Fatalf("killed after %d × 4 ms: %+v, %v", i+1, x, err)
		}
		counts[x.Count]++
	}
	add(0)
	if x, err := index.Open(g.index); err != nil || x.Count != 32 {
		t.Errorf("at last: %+v, %v", x, err)
	}
	if left, err := filepath.Glob(filepath.Join(g.index, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	t.Logf("found with so many images, so many times: %v", counts)
}
