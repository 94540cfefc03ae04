package data_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// published returns options for a test that needs a published file, which may be in $UNIPAIR_DATA or in the user's cache; without
// it the test is skipped, and fails in CI.
func published(t *testing.T, name string) data.Options {
	t.Helper()
	// A test must neither download a file nor remove one.
	options := data.Options{BaseURL: "http://127.0.0.1:1/", Cache: t.TempDir()}
	if os.Getenv(data.EnvFolder) != "" {
		return options
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("CI must set %s to the folder with the published files", data.EnvFolder)
	}
	cache, err := os.UserCacheDir()
	if err == nil {
		_, err = os.Stat(filepath.Join(cache, "unipair", "omniglot", name))
	}
	if err != nil {
		t.Skipf("%s is not set and the cache has no %s: the published file is not tested", data.EnvFolder, name)
	}
	t.Setenv(data.EnvFolder, filepath.Join(cache, "unipair"))
	return options
}

func TestOmniglotSmall1(t *testing.T) {
	ds, err := data.OmniglotSmall1(t.Context(), published(t, "images_background_small1.zip"))
	if err != nil {
		t.Fatal(err)
	}
	characters := map[string]int{}
	for _, class := range ds.Classes() {
		alphabet, character, ok := strings.Cut(class, "/")
		if !ok || !strings.HasPrefix(character, "character") {
			t.Fatalf("class %q is not Alphabet/characterNN", class)
		}
		characters[alphabet]++
	}
	for alphabet, want := range map[string]int{"Balinese": 24, "Early_Aramaic": 22, "Greek": 24, "Korean": 40, "Latin": 26} {
		if characters[alphabet] != want {
			t.Errorf("%s has %d characters, want %d", alphabet, characters[alphabet], want)
		}
	}
	if len(ds.Classes()) != 136 || ds.Len() != 2720 {
		t.Fatalf("%d characters, %d images; want 136, 2720", len(ds.Classes()), ds.Len())
	}
	perClass, ink := make([]int, 136), 0.0
	for i := range ds.Len() {
		perClass[ds.Label(i)]++
		m, err := ds.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		if m.Width != 105 || m.Height != 105 {
			t.Fatalf("image %d has %d × %d pixels", i, m.Width, m.Height)
		}
		for _, p := range m.Pixels {
			if p != 0 && p != 1 {
				t.Fatalf("image %d has a pixel %g", i, p)
			}
			ink += 1 - float64(p)
		}
	}
	if slices.Min(perClass) != 20 || slices.Max(perClass) != 20 {
		t.Errorf("classes have %d to %d images, want 20", slices.Min(perClass), slices.Max(perClass))
	}
	// Paper taken for ink would give 0.92.
	if mean := ink / float64(ds.Len()*105*105); mean < 0.05 || mean > 0.12 {
		t.Errorf("%.3f of the pixels are ink, want about 0.08", mean)
	}
}

// TestOneShotRuns reproduces a published number, so that the images, their orientation, their pairing and the answers
// are the official ones: the nearest neighbour by modified Hausdorff distance errs in 38.75 % of the trials.
func TestOneShotRuns(t *testing.T) {
	runs, err := data.OneShotRuns(t.Context(), published(t, "all_runs.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 20 {
		t.Fatalf("%d runs, want 20", len(runs))
	}
	wrong := make([]int, len(runs))
	var all sync.WaitGroup
	for i, run := range runs {
		if sorted := slices.Sorted(slices.Values(run.Answer)); !slices.Equal(sorted, sequence(20)) {
			t.Errorf("run %d: answers are no permutation of 0 to 19: %v", i, run.Answer)
		}
		all.Go(func() { wrong[i] = hausdorffErrors(run) })
	}
	all.Wait()
	total := 0
	for _, n := range wrong {
		total += n
	}
	if total != 155 {
		t.Errorf("modified Hausdorff distance errs in %d of 400 trials, want 155 (38.75 %%); by run %v", total, wrong)
	}
}

func sequence(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
