package datasets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// TestPlacesOfFeatures: names with commas are divided where there is a file on both sides.
func TestPlacesOfFeatures(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("a,b", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a,b/x.npy", "a,b/y.npy", "x,1.npy", "x,1_labels.npy", "mine, labels.csv", "x.npy", "y.npy"} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for place, want := range map[string][]string{
		"x.npy":                      {"x.npy"},
		"x.npy,y.npy":                {"x.npy", "y.npy"},
		"x,1.npy":                    {"x,1.npy"},
		"a,b/x.npy":                  {"a,b/x.npy"},
		"a,b/x.npy,a,b/y.npy":        {"a,b/x.npy", "a,b/y.npy"},
		"x,1.npy,mine, labels.csv":   {"x,1.npy", "mine, labels.csv"},
		"a,b/x.npy,x,1.npy":          {"a,b/x.npy", "x,1.npy"},
		"a,b/x.npy,none.npy":         {"a,b/x.npy", "none.npy"},
		"a,b/none.NPY,y.npy":         {"a,b/none.NPY", "y.npy"},
		"none,y.npy":                 {"none", "y.npy"},
		"none":                       {"none"},
		"a,b/none.npy":               {"a,b/none.npy"},
		"x.npy,":                     {"x.npy", ""},
		"none.npy,a,b/none, too.csv": {"none.npy", "a,b/none, too.csv"},
	} {
		if got := featuresAndLabels(place); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", place, got, want)
		}
	}
}

// A word that is none, and a place that is not there, are wrong words of a call, and say what would be right.
func TestFindRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my photos")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	list, rows := filepath.Join(dir, "list.csv"), filepath.Join(dir, "x.NPY")
	for _, name := range []string{list, rows} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, word, want string }{
		{"nothing", "", "which data? --data takes folder:PLACE, your pictures in a folder per class; "},
		{"a typing mistake", "fashion-minst", `unknown data set "fashion-minst": did you mean fashion-mnist?`},
		{"a folder without its kind", dir, "did you mean 'folder:" + dir + "'?"},
		{"a table without its kind", list, "did you mean 'csv:" + list + "'?"},
		{"an array without its kind", rows, "did you mean 'npy:" + rows + "'?"},
		{"what is not there", filepath.Join(dir, "none"), "`unipair data` lists the names; your own pictures are folder:PLACE"},
		{"a kind without a place", "folder:", "folder: needs a place after the colon: images in a folder per class"},
		{"a place that is not there", "folder:" + dir + "/none", "no such file or directory; folder:PLACE is images in a folder per class"},
		{"labels that are not there", "npy:" + rows + ",none.npy", "stat none.npy: no such file"},
	} {
		if _, err := Find(c.word); err == nil || !usage.Is(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want wrong words with %q", c.name, err, c.want)
		}
	}
}

// Every word is found. The help of a flag has the kinds of places once, and one name for all.
func TestWords(t *testing.T) {
	for _, word := range Words() {
		place := strings.HasSuffix(word.Name, ":PLACE")
		if described := strings.Count(Help(), word.Name+" ("+word.About); place != (described == 1) {
			t.Errorf("%s is in the help %d times: %s", word.Name, described, Help())
		}
		if place {
			continue
		}
		if set, err := Find(word.Name); err != nil || set.Name != word.Name || set.Place {
			t.Errorf("%s: %+v, %v", word.Name, set, err)
		}
	}
}

// Part chooses what is measured, and says what else there is.
func TestPart(t *testing.T) {
	glyphs, err := Find("glyphs")
	if err != nil {
		t.Fatal(err)
	}
	learnt := map[string]bool{}
	for _, c := range []struct {
		name, part, want string // want is the name of the queries, or of an error
		classes          int
	}{
		{"by default", "", "glyphs, evaluation", 20},
		{"the test", "test", "glyphs, evaluation", 20},
		{"what is learnt from", "training", "glyphs, training", 40},
		{"all", "all", "glyphs", 60},
		{"none", "validation", "glyphs has no validation part: give --part test or --part training", 0},
	} {
		part, err := glyphs.Part(t.Context(), c.part, learnt, data.Options{})
		if c.classes == 0 {
			if err == nil || err.Error() != c.want || !usage.Is(err) {
				t.Errorf("%s: error %v, want wrong words %q", c.name, err, c.want)
			}
			continue
		}
		if err != nil || part.Queries.Name() != c.want || len(part.Queries.Classes()) != c.classes || part.Gallery != nil ||
			part.Pairs != nil {
			t.Errorf("%s: %+v, %v; want %d classes of %s", c.name, part, err, c.classes, c.want)
		}
		if part.Warning(learnt) != "" {
			t.Errorf("%s: %s", c.name, part.Warning(learnt))
		}
	}
	all, err := glyphs.Part(t.Context(), "all", learnt, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	learnt[all.Queries.Classes()[3]] = true
	want := "warning: 1 of the 60 classes of glyphs, such as " + all.Queries.Classes()[3]
	if got := all.Warning(learnt); !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}
