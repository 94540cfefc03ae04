package viz_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestAnimationCarriesItsFrames(t *testing.T) {
	animation, err := ramps()
	if err != nil {
		t.Fatal(err)
	}
	page, err := animation.HTML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := animation.HTML()
	if err != nil || !bytes.Equal(page, again) {
		t.Errorf("two renderings of the same animation differ (%v)", err)
	}
	match := regexp.MustCompile(`<script type="application/json">(.*)</script>`).FindSubmatch(page)
	if match == nil {
		t.Fatal("no frames in the page")
	}
	var movie struct {
		Still  int
		Frames []struct {
			Label, Caption string
			SVG            [][]byte
		}
	}
	if err := json.Unmarshal(match[1], &movie); err != nil {
		t.Fatal(err)
	}
	if movie.Still != 1 || len(movie.Frames) != 3 {
		t.Fatalf("still %d of %d frames, want 1 of 3", movie.Still, len(movie.Frames))
	}
	for i, frame := range movie.Frames {
		panels, err := animation.Frames[i].Figure.HTML()
		if err != nil {
			t.Fatal(err)
		}
		for part, gzipped := range frame.SVG {
			packed, err := gzip.NewReader(bytes.NewReader(gzipped))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(packed)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(panels, []byte(base64.StdEncoding.EncodeToString(got))) {
				t.Errorf("frame %d: part %d is no panel of its figure", i, part)
			}
		}
		if want := bytes.Count(panels, []byte("<img")); len(frame.SVG) != want {
			t.Errorf("frame %d has %d parts, want the %d panels", i, len(frame.SVG), want)
		}
		if frame.Label != animation.Frames[i].Label || !bytes.Contains(panels, []byte("<figcaption>"+frame.Caption+"</figcaption>")) {
			t.Errorf("frame %d says %q, %q", i, frame.Label, frame.Caption)
		}
	}
	if bytes.Contains(page, []byte(`src="http`)) {
		t.Error("the page asks for something from elsewhere")
	}
}

func TestAnimationStillSaysWhatTheSliderDoes(t *testing.T) {
	animation, err := ramps()
	if err != nil {
		t.Fatal(err)
	}
	still, err := animation.Figure()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"One of 3 pictures over γ", "from γ = 5 to γ = 80; here γ = 20.", "|∂L/∂s_p| / γ is"} {
		if !strings.Contains(still.Alt, want) {
			t.Errorf("Alt = %q, want %q in it", still.Alt, want)
		}
	}
}

func TestAnimationSavesAPage(t *testing.T) {
	animation, err := ramps()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ramps.html")
	if err := animation.Save(path); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(page), "<!DOCTYPE html>") || !strings.Contains(string(page), "<title>γ, the scale of AM-Softmax</title>") {
		t.Errorf("the page begins %.200q", page)
	}
	if err := animation.Save(filepath.Join(t.TempDir(), "none", "ramps.html")); err == nil {
		t.Error("Save into a missing folder: want an error")
	}
}
