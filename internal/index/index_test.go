package index_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// glyphs returns the parts of the rendered characters.
func glyphs(t *testing.T) data.Parts {
	t.Helper()
	set, err := datasets.Find("glyphs")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := set.Divided(t.Context(), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// written writes an index of 400 images by a network of so many numbers, and returns its directory.
func written(t *testing.T, device compute.Backend, dim int) string {
	t.Helper()
	parts, run, dir := glyphs(t), filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "index")
	c := train.DefaultConfig()
	c.Steps, c.Size, c.Width, c.Dim, c.Classes, c.PerClass = 1, 16, 2, dim, 4, 2
	if _, err := train.Run(t.Context(), device, c, parts.Train, train.Options{Dir: run}); err != nil {
		t.Fatal(err)
	}
	networks, err := ensemble.Read([]string{run}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := index.Write(t.Context(), dir, device, networks, parts.Test, "npy"); err != nil {
		t.Fatal(err)
	}
	return dir
}

// opened opens an index and its networks.
func opened(device compute.Backend, dir string) error {
	x, err := index.Open(dir)
	if err != nil {
		return err
	}
	networks, err := x.Networks()
	if err != nil {
		return err
	}
	_, err = networks.Load(device)
	return err
}

// An image of an index finds itself first, and what is read is what was written.
func TestSearch(t *testing.T) {
	device := backendtest.Go(t)
	x, err := index.Open(written(t, device, 16))
	if err != nil {
		t.Fatal(err)
	}
	networks, err := x.Networks()
	if err != nil {
		t.Fatal(err)
	}
	members, err := networks.Load(device)
	if err != nil {
		t.Fatal(err)
	}
	test := glyphs(t).Test
	again, err := members.EmbedSet(test)
	if err != nil || !slices.Equal(again.Embeddings, x.Set.Embeddings) || x.Data != test.Name() || len(x.Images) != test.Len() {
		t.Errorf("%d images of %s, and embedded again they are others: %v", len(x.Images), x.Data, err)
	}
	var queries []data.Image
	for _, i := range []int{7, 311} {
		image, err := test.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		queries = append(queries, image)
	}
	hits, err := x.Search(members, queries, 3, false)
	if err != nil || len(hits) != 2 || len(hits[0]) != 3 {
		t.Fatal(hits, err)
	}
	for q, i := range []int{7, 311} {
		best := hits[q][0]
		if best.Index != i || best.Rank != 1 || best.Class != test.Classes()[test.Label(i)] || math.Abs(best.Similarity-1) > 1e-6 {
			t.Errorf("image %d finds %+v first, want itself", i, best)
		}
		if second := hits[q][1]; second.Rank != 2 || second.Similarity > best.Similarity {
			t.Errorf("image %d finds %+v after %+v", i, second, best)
		}
	}
	perClass, err := x.Search(members, queries, 3, true)
	if err != nil || len(perClass) != 2 {
		t.Fatal(perClass, err)
	}
	for q, found := range perClass {
		if len(found) != 3 || found[0] != hits[q][0] || found[0].Class == found[1].Class || found[1].Class == found[2].Class || found[2].Rank != 3 ||
			found[0].Class == found[2].Class || found[1].Similarity < found[2].Similarity {
			t.Errorf("per class query %d finds %+v", q, found)
		}
	}
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
func TestOpenRefuses(t *testing.T) {
	device := backendtest.Go(t)
	from, other := written(t, device, 16), written(t, device, 8)
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
		{"manifest", false, replace(network+"/manifest.json", `"size": 16`, `"size": 17`),
			"manifest.json is not as it was written" + again},
		{"network", false, foreign, "manifest.json"},
		{"cut", false, func(dir string) error { return os.Truncate(filepath.Join(dir, "embeddings.npy"), 1000) },
			"embeddings.npy is not as it was written" + again},

		{"old network", true, foreign, "has embeddings of 16 numbers, and its networks make 8" + again},
		{"turned", true, replace("embeddings.npy", "(400, 16)", "(16, 400)"),
			"embeddings.npy: it has the shape [16, 400], and index.json says [400, 16]" + again},
		{"flat", true, replace("embeddings.npy", "(400, 16)", "(6400,)  "), "want rows of float32" + again},
		{"whole numbers", true, replace("embeddings.npy", "<f4", "<i4"), "want rows of float32" + again},
		{"columns first", true, replace("embeddings.npy", "False, 'shape': (400, 16)", "True, 'shape': (400, 16) "),
			"want rows of float32" + again},
		{"no array", true, write("embeddings.npy", "no array at all"), "embeddings.npy: this is no NumPy file (.npy)" + again},
		{"cut array", true, func(dir string) error { return os.Truncate(filepath.Join(dir, "embeddings.npy"), 1000) },
			"embeddings.npy: the NumPy file declares the shape (400, 16), more than its 1000 bytes" + again},
		{"cut head", true, func(dir string) error { return os.Truncate(filepath.Join(dir, "embeddings.npy"), 50) },
			"embeddings.npy: its head is cut: unexpected EOF" + again},
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
		{"dim 2^40", true, replace("index.json", `"dim": 16`, `"dim": 1099511627776`),
			"it has the shape [400, 16], and index.json says [400, 1099511627776]"},
		{"words", true, replace("index.json", `"dim": 16`, `"dim": "16"`), "index.json: dim must be a whole number, got text" + again},
		{"fewer rows", true, write("images.csv", "index,class,path\n0,a,b\n"),
			"images.csv: it has 1 images, and index.json says 400" + again},
		{"another index", true, write("images.csv", "index,class,path\n7,a,b\n"),
			"images.csv: line 2: want the index 0, got \"7\"" + again},
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
		err := opened(device, dir)
		runtime.ReadMemStats(&end)
		if err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: error %v, want %q", try.about, err, try.want)
		}
		if made := end.TotalAlloc - start.TotalAlloc; made > 64<<20 || time.Since(began) > 10*time.Second {
			t.Errorf("%s took %d bytes and %v", try.about, made, time.Since(began))
		}
	}
}

// TestClassify: neighbours above the threshold vote, by how far they are above; without one the class is unknown.
func TestClassify(t *testing.T) {
	hit := func(class string, similarity float64) index.Hit {
		return index.Hit{Similarity: similarity, Image: index.Image{Class: class}}
	}
	for name, c := range map[string]struct {
		hits []index.Hit
		want index.Verdict
	}{
		"none":                     {nil, index.Verdict{Unknown: true}},
		"all below":                {[]index.Hit{hit("a", 0.49)}, index.Verdict{Unknown: true}},
		"one at the threshold":     {[]index.Hit{hit("a", 0.5), hit("b", 0.4)}, index.Verdict{Class: "a", Share: 1}},
		"two of the same weight":   {[]index.Hit{hit("b", 0.75), hit("a", 0.75)}, index.Verdict{Class: "b", Share: 0.5}},
		"many are more than a few": {[]index.Hit{hit("a", 1), hit("b", 0.875), hit("b", 0.875)}, index.Verdict{Class: "b", Share: 0.6}},
		"and one more than many":   {[]index.Hit{hit("a", 1), hit("b", 0.625), hit("b", 0.625)}, index.Verdict{Class: "a", Share: 2. / 3}},
	} {
		got := index.Classify(c.hits, 0.5)
		if got.Class != c.want.Class || got.Unknown != c.want.Unknown || math.Abs(got.Share-c.want.Share) > 1e-12 {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
