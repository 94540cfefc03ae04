package data_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

const labelled = "path,labels,split\na b/1.png,outdoor; cat,train\n2.png,cat;cat,train\n3.png,dog,train\n한글.png,cat,test\n"

func TestLabelsOfATable(t *testing.T) {
	parts, err := data.CSVParts(t.Context(), tabled(t, labelled), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names, of, ok := data.Labels(parts.Train)
	if !ok || !slices.Equal(names, []string{"cat", "dog", "outdoor"}) || !slices.EqualFunc(of, [][]int{{0, 2}, {0}, {1}}, slices.Equal) {
		t.Errorf("%q, %v, %v", names, of, ok)
	}
	if want := []string{"cat", "cat;outdoor", "dog"}; !slices.Equal(parts.Train.Classes(), want) {
		t.Errorf("classes %q, want %q", parts.Train.Classes(), want)
	}
	sub := data.Subset(parts.Train, "dogs", func(class string) bool { return class == "dog" })
	if _, of, ok := data.Labels(sub); !ok || !slices.EqualFunc(of, [][]int{{1}}, slices.Equal) {
		t.Errorf("of a subset: %v, %v", of, ok)
	}
	if names, of, ok := data.Labels(data.Mirrored(sub)); !ok || len(names) != 6 || names[4] != "dog@mirror" || !slices.EqualFunc(of, [][]int{{1}, {4}}, slices.Equal) {
		t.Errorf("mirrored: %q, %v, %v", names, of, ok)
	}
	if names, _, ok := data.Labels(parts.Test); !ok || !slices.Equal(names, []string{"cat"}) {
		t.Errorf("of the test: %q, %v", names, ok)
	}
}

// A table with a column label is as it was, whatever its column labels says.
func TestLabelIsAClass(t *testing.T) {
	var told []string
	set, err := data.CSV(t.Context(), tabled(t, "path,labels,label\n2.png,a;b,x\n3.png,,y\n"), data.Options{Progress: func(line string) { told = append(told, line) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := data.Labels(set); ok || !slices.Equal(set.Classes(), []string{"x", "y"}) || !strings.Contains(strings.Join(told, "\n"), `not used: the columns "labels"`) {
		t.Errorf("several %v, classes %q, told %q", ok, set.Classes(), told)
	}
}

func TestLabelsRefuse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an empty label", "path,labels,split\n2.png,cat;,train\n", "line 2: a label is empty: labels are divided by semicolons"},
		{"none", "path,labels,split\n2.png,cat,train\n3.png,,train\n", "line 3: the labels is empty"},
		{"no split", "path,labels\n2.png,cat\n3.png,dog\n", "have several labels, which no division keeps apart: give the table a column split"},
	} {
		_, err := data.CSVParts(t.Context(), tabled(t, c.text), data.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	set := data.Dataset(tagged{newPlain(2, 2, 2)})
	if _, _, err := data.HoldOut(set, 0.5, 1); err == nil || !strings.Contains(err.Error(), "have several labels, which no division keeps apart") {
		t.Errorf("held out: %v", err)
	}
	for want, change := range map[string]func(p *data.PairBatches){
		"near classes or numbers: leave them empty": func(p *data.PairBatches) { p.Numbered = true },
		"too few for batches of 3 × 3":              func(p *data.PairBatches) { p.Classes, p.PerClass = 3, 3 },
	} {
		p := &data.PairBatches{Dataset: set, Classes: 2, PerClass: 2, Size: 2}
		change(p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// tagged gives images two labels: their class, and whether their number is odd.
type tagged struct{ data.Dataset }

func (s tagged) Labels() (names []string, of [][]int, ok bool) {
	names = append(slices.Clone(s.Classes()), "even", "odd")
	for i := range s.Len() {
		of = append(of, []int{s.Label(i), len(s.Classes()) + i%2})
	}
	return names, of, true
}

// Batches by labels have no image twice, say which labels each has, and give nearly every anchor a positive; they are the same wherever an
// iteration begins.
func TestBatchesByLabels(t *testing.T) {
	set := tagged{newPlain(4, 5, 4, 6, 4, 7)}
	_, of, _ := set.Labels()
	for seed := range uint64(20) {
		p := &data.PairBatches{Dataset: set, Classes: 4, PerClass: 3, Size: 2, Seed: seed, Steps: 12}
		whole := take(t, p, 12)
		seen := map[int]bool{}
		for step, b := range whole {
			in := map[int]bool{}
			for k := range 12 {
				i := int(b.pixels[4*k])
				in[i], seen[i] = true, true
				for label, has := range b.labels[8*k : 8*k+8] {
					if (has == 1) != slices.Contains(of[i], label) {
						t.Fatalf("seed %d, step %d, image %d: labels %v, want %v", seed, step, i, b.labels[8*k:8*k+8], of[i])
					}
				}
			}
			if len(in) != 12 || len(b.labels) != 96 {
				t.Fatalf("seed %d, step %d: %d images, %d labels", seed, step, len(in), len(b.labels))
			}
		}
		if len(seen) < set.Len()-3 {
			t.Errorf("seed %d: %d of %d images came", seed, len(seen), set.Len())
		}
		p.Start = 5
		if again := take(t, p, 1)[0]; !slices.Equal(again.labels, whole[5].labels) || !slices.Equal(again.pixels, whole[5].pixels) {
			t.Errorf("seed %d: step 5 is another where the iteration begins with it", seed)
		}
	}
}
