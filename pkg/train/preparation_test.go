package train_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// omniglot is background small 1, where it is.
func omniglot(t *testing.T) data.Dataset {
	t.Helper()
	if os.Getenv(data.EnvFolder) == "" {
		t.Skipf("$%s is not set: a test downloads nothing", data.EnvFolder)
	}
	small, err := data.OmniglotSmall1(t.Context(), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return small
}

// save writes a picture as PNG.
func save(t *testing.T, path string, m image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err == nil {
		err = png.Encode(file, m)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// drawn is an image as the standard library has it, gray or in colour.
func drawn(m data.Image) image.Image {
	at := func(i int) uint8 { return uint8(255*m.Pixels[i] + 0.5) }
	if m.Channels() == 1 {
		out := image.NewGray(image.Rect(0, 0, m.Width, m.Height))
		for i := range m.Pixels {
			out.Pix[i] = at(i)
		}
		return out
	}
	out := image.NewRGBA(image.Rect(0, 0, m.Width, m.Height))
	for i := range m.Width * m.Height {
		out.SetRGBA(i%m.Width, i/m.Width, color.RGBA{at(3 * i), at(3*i + 1), at(3*i + 2), 255})
	}
	return out
}

// folderOf writes a set as a folder of PNG files and reads that.
func folderOf(t *testing.T, set data.Dataset) data.Dataset {
	t.Helper()
	dir := t.TempDir()
	for i := range set.Len() {
		m, err := set.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		save(t, filepath.Join(dir, fmt.Sprintf("%03d", set.Label(i)), fmt.Sprintf("%05d.png", i)), drawn(m))
	}
	return folder(t, dir)
}

func folder(t *testing.T, dir string) data.Dataset {
	t.Helper()
	set, err := data.Folder(t.Context(), dir, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// sorted is the embeddings of a set class by class, as a folder has them.
func sorted(t *testing.T, e *train.Embedder, set data.Dataset) (rows [][]float32) {
	t.Helper()
	embedded, err := e.EmbedSet(set)
	if err != nil {
		t.Fatal(err)
	}
	order := make([]int, set.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return set.Label(a) - set.Label(b) })
	for _, i := range order {
		rows = append(rows, embedded.Embeddings[i*embedded.Dim:(i+1)*embedded.Dim])
	}
	return rows
}

// strips is a set in colour of pictures that are not square.
type strips struct{ strokes }

func (strips) Format() data.Format { return data.Format{Channels: 3} }
func (s strips) Image(i int) (data.Image, error) {
	m := data.Image{Width: 24, Height: 16, Pixels: make([]float32, 3*24*16)}
	for j := range m.Pixels {
		m.Pixels[j] = float32((7*i+j*j)%256) / 255
	}
	return m, nil
}

// TestAPictureIsTheSameWhereverItComesFrom: the same network makes the same embeddings, to the bit, of a data set and of its own files
// in a folder.
func TestAPictureIsTheSameWhereverItComesFrom(t *testing.T) {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 5, PerClass: 4, Size: 28})
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]func(t *testing.T) (set, files data.Dataset){
		"omniglot": func(t *testing.T) (set, files data.Dataset) {
			small := omniglot(t)
			archive, err := zip.OpenReader(filepath.Join(os.Getenv(data.EnvFolder), "omniglot", "images_background_small1.zip"))
			if err != nil {
				t.Fatal(err)
			}
			defer archive.Close()
			dir := t.TempDir()
			for _, f := range archive.File {
				if f.FileInfo().IsDir() || !strings.Contains(f.Name, "/Greek/character0") {
					continue
				}
				path := filepath.Join(dir, f.Name)
				from, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				raw, err := io.ReadAll(from)
				if err == nil {
					err = os.MkdirAll(filepath.Dir(path), 0o777)
				}
				if err == nil {
					err = os.WriteFile(path, raw, 0o666)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			of := func(class string) bool { return strings.HasPrefix(class, "Greek/character0") }
			return data.Subset(small, "omniglot small 1, in part", of), folder(t, dir)
		},
		"glyphs":  func(t *testing.T) (set, files data.Dataset) { return glyphs, folderOf(t, glyphs) },
		"gray":    func(t *testing.T) (set, files data.Dataset) { return rounded{bars}, folderOf(t, rounded{bars}) },
		"colours": func(t *testing.T) (set, files data.Dataset) { return strips{bars}, folderOf(t, strips{bars}) },
		"fashion-mnist": func(t *testing.T) (set, files data.Dataset) {
			omniglot(t) // or the test is skipped
			parts, err := data.Open(t.Context(), "fashion-mnist", data.Options{})
			if err != nil {
				t.Skip(err)
			}
			some := firstOfEach{parts.Test, 6}
			return some, folderOf(t, some)
		},
	}
	for name, both := range sets {
		t.Run(name, func(t *testing.T) {
			set, files := both(t)
			for _, n := range []train.Network{
				{Size: 16, Width: 2, Dim: 4}, {Size: 20, Width: 2, Dim: 4, Channels: 3, Fit: data.FitPad}, {Size: 16, Width: 2, Dim: 4, Invert: data.InvertOn, Fit: data.FitCrop},
			} {
				n, err := n.For(set.Format())
				if err != nil {
					t.Fatal(err)
				}
				e, err := train.NewEmbedder(backendtest.Go(t), n, 1)
				if err != nil {
					t.Fatal(err)
				}
				if set, files := sorted(t, e, set), sorted(t, e, files); !reflect.DeepEqual(set, files) {
					t.Errorf("%+v: other embeddings of the files", n)
				}
				e.Views = data.SmallViews()[:1]
				if set, files := sorted(t, e, set), sorted(t, e, files); !reflect.DeepEqual(set, files) {
					t.Errorf("%+v: other embeddings of the files, viewed twice", n)
				}
			}
		})
	}
}

// rounded is a set whose numbers are those of bytes.
type rounded struct{ strokes }

func (r rounded) Image(i int) (data.Image, error) {
	m, err := r.strokes.Image(i)
	for j, x := range m.Pixels {
		m.Pixels[j] = float32(uint8(255*x)) / 255
	}
	return m, err
}

// firstOfEach is the first images of a set.
type firstOfEach struct {
	data.Dataset
	n int
}

func (f firstOfEach) Len() int { return f.n * len(f.Classes()) }

// One drawing is one picture, however it is saved: gray, in colour, with 16 bits, by a palette, or as ink on transparent paper.
func TestADrawingIsThePictureItIsSavedAs(t *testing.T) {
	const side = 24
	box := image.Rect(0, 0, side, side)
	ink := func(x, y int) bool { return x > 4 && x < 9 || y > 12 && y < 15 && x < 20 }
	kinds := map[string]func() image.Image{
		"gray":    func() image.Image { return filled(image.NewGray(box), ink, color.White, color.Black) },
		"gray 16": func() image.Image { return filled(image.NewGray16(box), ink, color.White, color.Black) },
		"colour":  func() image.Image { return filled(image.NewRGBA(box), ink, color.White, color.Black) },
		"colour 16": func() image.Image {
			return filled(image.NewRGBA64(box), ink, color.White, color.Black)
		},
		"transparent": func() image.Image { return filled(image.NewNRGBA(box), ink, color.Transparent, color.Black) },
		"palette": func() image.Image {
			return filled(image.NewPaletted(box, color.Palette{color.White, color.Black, color.RGBA{R: 255, A: 255}}), ink, color.White, color.Black)
		},
	}
	dir := t.TempDir()
	want := make([]float32, side*side)
	for i := range want {
		if !ink(i%side, i/side) {
			want[i] = 1
		}
	}
	e, err := train.NewEmbedder(backendtest.Go(t), train.Network{Size: 16, Width: 2, Dim: 4, Invert: data.InvertOn}, 1)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := e.Embed(data.Image{Width: side, Height: side, Pixels: want})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range kinds {
		path := filepath.Join(dir, name+".png")
		save(t, path, m())
		read, err := data.ReadImage(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Embed(read); err != nil || !reflect.DeepEqual(got, wanted) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, wanted)
		}
	}
}

func filled(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, ink func(x, y int) bool, paper, black color.Color) image.Image {
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			m.Set(x, y, paper)
			if ink(x, y) {
				m.Set(x, y, black)
			}
		}
	}
	return m
}

// inked is a set of dark ink on light paper, and turned one that turns it over itself, as sets did before it was the network's.
type (
	inked  struct{ strokes }
	turned struct{ data.Dataset }
)

func (inked) Format() data.Format  { return data.Format{Channels: 1, DarkOnLight: true} }
func (turned) Format() data.Format { return data.Format{Channels: 1} }
func (u turned) Image(i int) (data.Image, error) {
	m, err := u.Dataset.Image(i)
	return m.Inverted(), err
}

// What is learnt is what it was when the set turned its pictures over: to the bit, with augmentation, whose border is 0.
func TestInvertedTrainingIsAsEver(t *testing.T) {
	c := tiny()
	c.Steps, c.Augment = 3, data.DefaultAugment()
	var learnt [3][][]float32
	for i, trial := range []struct {
		set    data.Dataset
		invert data.Inversion
	}{{inked{bars}, data.InvertAsSet}, {turned{bars}, data.InvertOff}, {bars, data.InvertOn}} {
		c.Invert = trial.invert
		result, err := train.Run(t.Context(), backendtest.Go(t), c, trial.set, train.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if on := result.Embedder.Network.Invert == data.InvertOn; on == (i == 1) {
			t.Errorf("run %d: invert is %q", i, result.Embedder.Network.Invert)
		}
		learnt[i] = sorted(t, result.Embedder, trial.set)
	}
	if !reflect.DeepEqual(learnt[0], learnt[1]) || !reflect.DeepEqual(learnt[0], learnt[2]) {
		t.Error("a network that turns pictures over learns otherwise than one of pictures that are turned over")
	}
}

// named is a set under a name.
type named struct {
	data.Dataset
	name string
}

func (n named) Name() string { return n.name }

// A checkpoint keeps what is done to pictures; one from before it was kept saw Omniglot turned over, and all else as it is.
func TestCheckpointsKeepTheInversion(t *testing.T) {
	c := tiny()
	c.Steps, c.Warmup = 1, 0
	for _, trial := range []struct {
		name    string
		old, on bool
	}{
		{"rotations of omniglot small 1", true, true},
		{"omniglot small 2 without Greek and Latin", true, true},
		{"mirrored rotations of omniglot small 1", true, true},
		{"rotations of omniglot split, training", true, true},
		{"omniglot-full, images_background.zip", true, true},
		{"glyphs, training", true, false},
		{"fashion-mnist, training", true, false},
		{"omniglot small 1, training classes", true, true},
		{"omniglot", true, false}, // a folder
		{"omniglot small 1.csv", true, false},
		{"omniglot small 1/train", true, false},
		{"omniglot/train", true, false},
		{"photos of omniglot small 1", true, false},
		{"anything", false, true},
		{"omniglot small 1", false, false},
	} {
		dir := t.TempDir()
		set := named{bars, trial.name}
		c.Invert = data.InvertOff
		if trial.on {
			c.Invert = data.InvertOn
		}
		if _, err := train.Run(t.Context(), backendtest.Go(t), c, set, train.Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
		if trial.old {
			forget(t, filepath.Join(dir, "step-00000001", "manifest.json"))
		}
		m, err := train.ReadManifest(dir)
		if err != nil || (m.Config.Invert == data.InvertOn) != trial.on || m.Config.Invert == data.InvertAsSet {
			t.Errorf("%+v: invert is %q, %v", trial, m.Config.Invert, err)
		}
		e, err := train.Load(backendtest.Go(t), dir)
		if err != nil || e.Network.Invert != c.Invert {
			t.Errorf("%+v: loaded %+v, %v", trial, e, err)
		}
		if _, err := train.Run(t.Context(), backendtest.Go(t), c, set, train.Options{Dir: dir}); err != nil {
			t.Errorf("%+v: not resumed: %v", trial, err)
		}
	}
}

// forget takes out of a manifest what one from before did not have.
func forget(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	config := m["config"].(map[string]any)
	if _, ok := config["invert"].(bool); !ok {
		t.Fatalf("the manifest does not say whether pictures are turned over: %v", config)
	}
	delete(config, "invert")
	delete(m, "sha256")
	if text, err = json.Marshal(m); err == nil {
		err = os.WriteFile(path, text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Networks of an ensemble prepare each their own pictures.
func TestAnEnsemblePreparesForEach(t *testing.T) {
	var members train.Ensemble
	var want [][]float32
	m, err := strips{bars}.Image(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []train.Network{
		{Size: 16, Width: 2, Dim: 4, Invert: data.InvertOn}, {Size: 20, Width: 2, Dim: 4, Channels: 3, Fit: data.FitCrop, Invert: data.InvertOff},
	} {
		e, err := train.NewEmbedder(backendtest.Go(t), n, 1)
		if err != nil {
			t.Fatal(err)
		}
		plain := n
		plain.Invert, plain.Fit = data.InvertOff, ""
		same, err := train.NewEmbedder(backendtest.Go(t), plain, 1)
		if err != nil {
			t.Fatal(err)
		}
		turned := m
		if n.Invert == data.InvertOn {
			turned = m.Inverted()
		}
		row, err := same.Embed(n.Fit.Square(turned))
		if err != nil {
			t.Fatal(err)
		}
		members, want = append(members, e), append(want, row)
	}
	got, err := members.Embed(m)
	if err != nil {
		t.Fatal(err)
	}
	joined := eval.Set{Dim: 4, Embeddings: slices.Concat(want...)}
	for i, x := range got {
		if d := x*x*2 - joined.Embeddings[i]*joined.Embeddings[i]; d > 1e-6 || d < -1e-6 {
			t.Fatalf("%v, want those of each network, over √2: %v", got, joined.Embeddings)
		}
	}
}

func TestFeaturesAreNotTurnedOver(t *testing.T) {
	n := train.Network{Architecture: train.ArchitectureLinear, Features: 12, Dim: 8, Invert: data.InvertOn}
	if err := n.Validate(); err == nil || !strings.Contains(err.Error(), "not turned over") {
		t.Error(err)
	}
	n.Invert = data.InvertAsSet
	if n, err := n.For(data.Format{Channels: 1, Features: 12}); err != nil || n.Invert != data.InvertAsSet {
		t.Error(n, err)
	}
	if err := (train.Network{Size: 16, Width: 2, Dim: 4, Invert: "maybe"}).Validate(); err == nil {
		t.Error("invert may be maybe")
	}
}
