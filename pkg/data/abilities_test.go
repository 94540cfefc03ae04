package data_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// wrapper is a set of a program's own round another, which forwards nothing.
type wrapper struct{ data.Dataset }

func (w wrapper) Name() string { return "wrapped " + w.Dataset.Name() }

// renaming is one that names the classes otherwise.
type renaming struct {
	data.Dataset
	as func(string) string
}

func (r renaming) Name() string { return "wrapped and renamed" }

func (r renaming) Classes() (classes []string) {
	for _, class := range r.Dataset.Classes() {
		classes = append(classes, r.as(class))
	}
	return classes
}

// forwarding is one that forwards all abilities.
type forwarding struct{ data.Dataset }

func (f forwarding) Source(i int) string             { return data.Source(f.Dataset, i) }
func (f forwarding) Cameras() ([]int, bool)          { return data.Cameras(f.Dataset) }
func (f forwarding) Origins() ([]data.Origin, error) { return data.Origins(f.Dataset) }

// parenthood says of a turned or mirrored class of which it was made, by its name: what the sets themselves do not do.
func parenthood(class string) string {
	of, _, _ := strings.Cut(class, "@")
	return of
}

// No form of a held-out class is trained on, whatever wraps the set that made the forms: either it is known, or the set is refused.
func TestNoFormLeaks(t *testing.T) {
	all := glyphSet(t)
	plain := data.Subset(all, "without @", func(class string) bool { return class != "@" }) // parenthood could not tell
	turned := data.Rotations(plain)
	quarter := data.Subset(turned, "turned alone", func(class string) bool { return strings.Contains(class, "@") })
	upper := func(class string) string { return "MINE/" + strings.ReplaceAll(class, "@mirror", "@MIRROR") + " (1)" }
	for name, c := range map[string]struct {
		set     data.Dataset
		refused bool
	}{
		"plain":                      {plain, false},
		"wrapped":                    {wrapper{plain}, false},
		"turned":                     {turned, false},
		"turned, forwarded":          {forwarding{turned}, false},
		"forwarded twice":            {forwarding{data.Mirrored(forwarding{turned})}, false},
		"a subset of it":             {data.Subset(forwarding{data.Mirrored(turned)}, "a subset", func(class string) bool { return class != "A" }), false},
		"turned after wrapping":      {data.Rotations(wrapper{plain}), false},
		"turned, wrapped":            {wrapper{turned}, true},
		"mirrored, wrapped":          {wrapper{data.Mirrored(plain)}, true},
		"mirrored, renamed":          {renaming{data.Mirrored(plain), upper}, true},
		"wrapped, then mirrored":     {data.Mirrored(wrapper{turned}), true},
		"wrapped, then a subset":     {data.Subset(wrapper{turned}, "a subset", func(class string) bool { return class != "A" }), true},
		"wrapped, then forwarded":    {forwarding{wrapper{turned}}, true},
		"without the class, wrapped": {wrapper{quarter}, true},
	} {
		for how, split := range map[string]func(data.Dataset) (training, held data.Dataset, err error){
			"HoldOut": func(ds data.Dataset) (training, held data.Dataset, err error) { return data.HoldOut(ds, 0.3, 5) },
			"HoldOutFifth": func(ds data.Dataset) (training, held data.Dataset, err error) {
				parts, err := data.HoldOutFifth(ds)
				if err == nil {
					err = parts.Disjoint()
				}
				return parts.Train, parts.Test, err
			},
		} {
			training, held, err := split(c.set)
			if c.refused {
				expect(t, err, "data: wrapped", "data.OriginSet", "@")
				continue
			}
			if err != nil {
				t.Fatalf("%s of %s: %v", how, name, err)
			}
			leaks := 0
			for _, class := range training.Classes() {
				if slices.Contains(held.Classes(), parenthood(class)) {
					leaks++
				}
			}
			if leaks > 0 || len(held.Classes()) < 10 || strings.Contains(strings.Join(held.Classes(), ""), "@") {
				t.Errorf("%s of %s: %d classes are trained on that are forms of the held-out ones, %q", how, name, leaks, held.Classes())
			}
		}
	}
}

// Parts have no class in common if it is turned in one of them.
func TestDisjointOfForms(t *testing.T) {
	all := glyphSet(t)
	of := func(classes ...string) data.Dataset {
		return data.Subset(data.Rotations(all), "forms", func(class string) bool { return slices.Contains(classes, class) })
	}
	if err := (data.Parts{Train: of("A", "A@90"), Test: of("B", "B@90")}).Disjoint(); err != nil {
		t.Error(err)
	}
	err := data.Parts{Train: of("A", "B@90"), Test: of("B", "D")}.Disjoint()
	expect(t, err, `classes in common: "B"`)
	err = data.Parts{Train: of("A", "B"), Test: of("B@90", "D")}.Disjoint()
	expect(t, err, `classes in common: "B@90"`)
	err = data.Parts{Train: wrapper{of("B@90")}, Test: of("B", "D")}.Disjoint()
	expect(t, err, "data.OriginSet")
	err = data.Parts{Train: of("D"), Validation: wrapper{of("B@90")}}.Disjoint()
	expect(t, err, "data.OriginSet")
}

// A set of one's own that says of too few classes what they were made of is refused; names alone do not make files turned ones.
func TestOrigins(t *testing.T) {
	_, _, err := data.HoldOut(few{glyphSet(t)}, 0.3, 5)
	expect(t, err, "has 60 classes and says of 1")
	good := plainPNG(t, 1)
	files := map[string][]byte{}
	for _, class := range []string{"a", "a@90", "b", "b@mirror"} {
		files[class+"/1.png"], files[class+"/2.png"] = good, good
	}
	ds, err := data.Folder(t.Context(), write(t, files), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, held, err := data.HoldOut(ds, 0.5, 1); err != nil || len(held.Classes()) != 2 {
		t.Errorf("folders named as turned classes: %v", err)
	}
}

type few struct{ data.Dataset }

func (few) Origins() ([]data.Origin, error) { return make([]data.Origin, 1), nil }

// Sources and cameras are those of the files through every wrapper that forwards them.
func TestAbilitiesAreForwarded(t *testing.T) {
	file := tabled(t, "path,label,split,camera\n2.png,x,test,3\n3.png,x,test,4\na b/1.png,y,test,-1\n")
	parts, err := data.CSVParts(t.Context(), file, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	y := func(class string) bool { return parenthood(class) == "y" }
	for name, c := range map[string]struct {
		set     data.Dataset
		cameras []int // nil: not known
		last    string
	}{
		"as it is":  {parts.Test, []int{3, 4, -1}, "a b/1.png"},
		"subset":    {data.Subset(parts.Test, "y", y), []int{-1}, "a b/1.png"},
		"forwarded": {data.Subset(forwarding{parts.Test}, "y", y), []int{-1}, "a b/1.png"},
		"mirrored":  {data.Subset(data.Mirrored(forwarding{parts.Test}), "y", y), []int{-1, -1}, "a b/1.png"},
		"turned":    {data.Rotations(parts.Test), []int{3, 4, -1, 3, 4, -1, 3, 4, -1, 3, 4, -1}, "a b/1.png"},
		"wrapped":   {data.Rotations(wrapper{parts.Test}), nil, ""},
		"glyphs":    {glyphSet(t), nil, ""},
	} {
		cameras, ok := data.Cameras(c.set)
		if ok != (c.cameras != nil) || !slices.Equal(cameras, c.cameras) {
			t.Errorf("%s: cameras %v, %v, want %v", name, cameras, ok, c.cameras)
		}
		want := c.last
		if want != "" {
			want = filepath.Join(filepath.Dir(file), want)
		}
		if got := data.Source(c.set, c.set.Len()-1); got != want {
			t.Errorf("%s: the last image is from %q, want %q", name, got, want)
		}
	}
}
