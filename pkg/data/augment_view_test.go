package data_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func TestView(t *testing.T) {
	m := data.Image{Width: 3, Height: 3, Pixels: []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}}
	for _, c := range []struct {
		view data.View
		want []float32
	}{
		{data.View{}, m.Pixels},
		{data.View{RotationDegrees: 180}, []float32{9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{data.View{ShiftX: 2.0 / 3}, []float32{0, 1, 2, 0, 4, 5, 0, 7, 8}}, // a pixel to the right
		{data.View{ShiftY: -2.0 / 3}, []float32{4, 5, 6, 7, 8, 9, 0, 0, 0}},
	} {
		got := c.view.Apply(m).Pixels
		for i := range got {
			if d := got[i] - c.want[i]; d > 1e-5 || d < -1e-5 {
				t.Errorf("%+v: %v, want %v", c.view, got, c.want)
				break
			}
		}
	}
	seen := map[data.View]bool{{}: true}
	for _, v := range data.SmallViews() {
		if seen[v] {
			t.Errorf("view %+v is there twice", v)
		}
		seen[v] = true
		if slices.Equal(v.Apply(m).Pixels, m.Pixels) {
			t.Errorf("view %+v changes nothing", v)
		}
	}
}

func TestReadImage(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{"none.png": "no such file", "empty.png": "the file is empty", "text.png": "no JPEG, PNG"} {
		path := filepath.Join(dir, name)
		if content := map[string]string{"empty.png": "", "text.png": "hello"}; name != "none.png" {
			if err := os.WriteFile(path, []byte(content[name]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := data.ReadImage(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one with %q and %s", err, want, name)
		}
	}
}
