package train_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// oneStep trains a step and returns the run's directory and the files of its checkpoint.
func oneStep(t *testing.T, seed uint64) (dir, manifest, index, values string) {
	t.Helper()
	c := tiny()
	c.Steps, c.Warmup, c.Seed = 1, 0, seed
	dir = t.TempDir()
	run(t, backendtest.Go(t), c, train.Options{Dir: dir})
	found, err := filepath.Glob(filepath.Join(dir, "step-00000001", "*"))
	if err != nil || len(found) != 3 {
		t.Fatal(found, err)
	}
	return dir, found[2], found[1], found[0] // checkpoint-….bin, checkpoint-….json, manifest.json
}

// refused loads and resumes a run's checkpoint, each of which must fail with words of damage and a name.
func refused(t *testing.T, about, dir, name string) {
	t.Helper()
	c := tiny()
	c.Steps, c.Warmup = 1, 0
	_, loaded := train.Load(backendtest.Go(t), dir)
	_, resumed := train.Run(t.Context(), backendtest.Go(t), c, bars, train.Options{Dir: dir})
	for way, err := range map[string]error{"Load": loaded, "Run": resumed} {
		if err == nil || !strings.Contains(err.Error(), "is damaged (") || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s: error %v, want one that names %s", about, way, err, name)
		}
	}
}

// No number of a manifest, and no byte of what lies beside it, is another than the checkpoint was written with.
func TestManifestBelongsToItsWeights(t *testing.T) {
	dir, manifest, index, values := oneStep(t, 0)
	_, _, otherIndex, otherValues := oneStep(t, 1) // of the same shapes
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	digits := 0
	key := bytes.Index(text, []byte(`"sha256"`)) // without it the manifest is an old one, and says the same
	for at, letter := range text {               // every digit of the manifest, its sums' too
		if letter >= '0' && letter <= '9' && (at < key || at > key+8) {
			changed := bytes.Clone(text)
			changed[at] = '0' + (letter-'0'+1)%10
			put(t, filepath.Dir(manifest), "manifest.json", string(changed))
			if m, err := train.ReadManifest(dir); err == nil || !strings.Contains(err.Error(), "manifest.json") && m.Format == 1 {
				t.Fatalf("digit %d of %q: %v", at, changed[max(0, at-20):at+1], err)
			}
			digits++
		}
	}
	if digits < 150 {
		t.Errorf("%d digits were tried", digits)
	}
	put(t, filepath.Dir(manifest), "manifest.json", strings.Replace(string(text), `"size": 16`, `"size": 17`, 1))
	refused(t, "another size", dir, "manifest.json")
	put(t, filepath.Dir(manifest), "manifest.json", string(text))

	for _, path := range []string{index, values} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(map[string]string{index: otherIndex, values: otherValues}[path])
		if err != nil {
			t.Fatal(err)
		}
		flipped := bytes.Clone(whole)
		flipped[len(flipped)/2] ^= 1
		for about, changed := range map[string][]byte{
			"a flipped bit": flipped, "cut": whole[:len(whole)-1], "longer": append(bytes.Clone(whole), 0), "none": nil, "another's": other,
		} {
			if about == "another's" && path == index {
				continue // equal: both declare the same
			}
			put(t, filepath.Dir(path), filepath.Base(path), string(changed))
			refused(t, about, dir, filepath.Base(path))
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		refused(t, "removed", dir, filepath.Base(path))
		put(t, filepath.Dir(path), filepath.Base(path), string(whole))
	}
	// A newer pair beside it is not what the manifest belongs to.
	for path, name := range map[string]string{otherIndex: "checkpoint-n0000009-x.json", otherValues: "checkpoint-n0000009-x.bin"} {
		other, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Dir(index), name, string(other))
	}
	b := backendtest.Go(t)
	there, err := train.Load(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	// A checkpoint from before sums were kept loads, and is the same.
	alone, manifest, _, _ := oneStep(t, 0)
	withoutSums(t, manifest)
	old, err := train.Load(b, alone)
	if err != nil || !slices.Equal(embed(t, there).Embeddings, embed(t, old).Embeddings) {
		t.Errorf("without sums: %v", err)
	}
	if err := os.Rename(filepath.Dir(manifest), filepath.Join(alone, "step-00000003")); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Load(b, alone); err == nil || !strings.Contains(err.Error(), "says that it is of step 1") {
		t.Errorf("under another step's name: error %v", err)
	}
}
