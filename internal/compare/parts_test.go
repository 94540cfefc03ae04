package compare

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// picture writes a small picture that is like no other.
func picture(t *testing.T, path string, n int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.SetGray(i%8, i/8, color.Gray{Y: uint8(n*37 + i*i)})
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Parts that cannot answer, and losses that the parts cannot be trained with, are refused by name before any work.
func TestPartsRefused(t *testing.T) {
	dir := t.TempDir()
	n := 0
	folder := func(name string, classes, each int) string {
		for class := range classes {
			for i := range each {
				n++
				picture(t, filepath.Join(dir, name, fmt.Sprint("class", class), fmt.Sprint(i, ".png")), n)
			}
		}
		return "folder:" + filepath.Join(dir, name)
	}
	table := func(name string, lines ...string) string {
		path := filepath.Join(dir, name+".csv")
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		return "csv:" + path
	}
	folder("few", 7, 3)
	split := []string{"path,label,split"}
	several, testSeveral := []string{"path,labels,split"}, []string{"path,labels,split"}
	oneEach, oneCamera := []string{"path,label,split"}, []string{"path,label,split,camera"}
	for class := range 7 {
		part := []string{"train", "train", "val", "val", "test", "test", "test"}[class]
		for i := range 3 {
			path := fmt.Sprintf("few/class%d/%d.png", class, i)
			split, several = append(split, fmt.Sprintf("%s,c%d,%s", path, class, part)), append(several, fmt.Sprintf("%s,c%d;d%d,%s", path, class, i, part))
			oneCamera = append(oneCamera, fmt.Sprintf("%s,c%d,%s,%d", path, class, part, class))
			labels := fmt.Sprint("c", class)
			if part == "test" {
				labels += fmt.Sprint(";d", i)
			}
			testSeveral = append(testSeveral, fmt.Sprintf("%s,%s,%s", path, labels, part))
			if part != "test" {
				oneEach = append(oneEach, fmt.Sprintf("%s,c%d,%s", path, class, part))
			} else if i == 0 {
				oneEach = append(oneEach, fmt.Sprintf("%s,c%d,test", path, class))
			}
		}
	}
	both := append(append([]string{}, split...), "more/x.png,c0,test", "more/y.png,c0,test")
	picture(t, filepath.Join(dir, "more", "x.png"), 1000)
	picture(t, filepath.Join(dir, "more", "y.png"), 1001)
	for _, c := range []struct {
		name, data string
		change     func(*Settings)
		want       string // empty: they are taken
	}{
		{"a split of one's own", table("split", split...), func(s *Settings) { s.Config.Classes = 2 }, ""},
		{"ten classes", folder("ten", 10, 3), nil, ""},
		{"seven classes without a split", folder("few", 0, 0), nil, "has no test part: three parts"},
		{"several labels", table("several", several...), nil, "have several labels each"},
		{"several labels in the test alone", table("test-several", testSeveral...), nil, "have several labels each"},
		{"a camera for each class", table("cameras", oneCamera...), nil, "cameras.csv, test, has 0 classes"},
		{"a class to learn from and to ask", table("both", both...), nil, "classes in common: "},
		{"nothing to find in the test", table("one", oneEach...), nil, "the test part"},
		{"two pictures per class", folder("two", 12, 2), nil, "have 2 images or fewer (\"class1"},
		{"two pictures per class, in such batches", folder("two", 12, 2), func(s *Settings) { s.Config.PerClass = 2 }, ""},
		{"more classes per batch than there are", folder("ten", 10, 3), func(s *Settings) { s.Config.Classes = 50 }, "--classes must be at most 6"},
		{"class vectors of two classes", table("split", split...), func(s *Settings) { s.Losses, s.Config.Classes = []string{"softmax"}, 2 },
			"softmax learns a vector of each class"},
		{"a network for features", folder("ten", 10, 3), func(s *Settings) {
			s.Config.Network.Architecture, s.Config.Size, s.Config.Width = "linear", 0, 0
		}, "is for features"},
	} {
		set, err := datasets.Find(c.data)
		if err != nil {
			t.Fatal(err)
		}
		s := small("circle")
		if c.change != nil {
			c.change(&s)
		}
		p, err := Divide(t.Context(), set, data.Options{})
		if err == nil {
			err = p.fits(s)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !usage.Is(err) && !strings.HasPrefix(err.Error(), "data: ") || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want wrong words with %q", c.name, err, c.want)
		}
	}
}

func TestDivide(t *testing.T) {
	p := glyphs(t)
	if got, want := p.String(), "learnt from: 30 classes (600 images); chosen by: 10 others (200); asked at the end: 20 classes (400 images)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := (data.Parts{Train: p.Train, Validation: p.Validation, Test: p.Test.Queries}).Disjoint(); err != nil {
		t.Error(err)
	}
}
