package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// strokes is a data set whose classes are bars at different places, with noise.
type strokes struct{ classes, perClass, size int }

func (s strokes) Name() string { return "strokes" }
func (s strokes) Len() int     { return s.classes * s.perClass }
func (s strokes) Classes() (names []string) {
	for i := range s.classes {
		names = append(names, fmt.Sprint("bar ", i))
	}
	return names
}
func (s strokes) Label(i int) int   { return i % s.classes }
func (strokes) Format() data.Format { return data.Format{Channels: 1} }

func (s strokes) Image(i int) (data.Image, error) {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	image := data.Image{Width: s.size, Height: s.size, Pixels: make([]float32, s.size*s.size)}
	for j := range image.Pixels {
		image.Pixels[j] = r.Float32()
	}
	row, upright := 2+(i%s.classes)/2*2, i%2 == 0
	for j := 2; j < s.size-2; j++ {
		at := row*s.size + j
		if upright {
			at = j*s.size + row
		}
		image.Pixels[at] = 1
	}
	return image, nil
}

var bars = strokes{classes: 8, perClass: 6, size: 16}

// tiny is a run of seconds on the slowest backend.
func tiny() train.Config {
	c := train.DefaultConfig()
	c.Network = train.Network{Size: 16, Width: 4, Dim: 8}
	c.Classes, c.PerClass, c.Steps, c.Warmup, c.LearningRate = 4, 3, 24, 2, 1e-2
	c.Augment = data.Augment{}
	return c
}

func run(t *testing.T, b compute.Backend, c train.Config, options train.Options) *train.Result {
	t.Helper()
	result, err := train.Run(t.Context(), b, c, bars, options)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func embed(t *testing.T, e *train.Embedder) eval.Set {
	t.Helper()
	set, err := e.EmbedSet(bars)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestRunLearns(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		c := tiny()
		untrained, err := train.NewEmbedder(b, c.Network, c.Seed)
		if err != nil {
			t.Fatal(err)
		}
		result := run(t, b, c, train.Options{})
		h := result.History
		if len(h) != c.Steps || h[0].Step != 1 || h[len(h)-1].Step != c.Steps {
			t.Fatalf("%d records, want %d from step 1 on", len(h), c.Steps)
		}
		first, last := h[0], h[len(h)-1]
		if !(last.Loss < first.Loss/2) {
			t.Errorf("loss %v at first, %v at last: want less than half", first.Loss, last.Loss)
		}
		if !(last.Positive.Mean-last.Negative.Mean > first.Positive.Mean-first.Negative.Mean+0.2) {
			t.Errorf("s_p %v, s_n %v at last; %v, %v at first", last.Positive.Mean, last.Negative.Mean, first.Positive.Mean, first.Negative.Mean)
		}
		before, err := eval.Retrieve(embed(t, untrained), eval.Options{})
		if err != nil {
			t.Fatal(err)
		}
		after, err := eval.Retrieve(embed(t, result.Embedder), eval.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !(after.MAPAtR > before.MAPAtR+0.1 && after.MAPAtR > 0.8) {
			t.Errorf("MAP@R %v before, %v after", before.MAPAtR, after.MAPAtR)
		}
		for i, x := range h {
			p := x.Positive
			if !slices.IsSorted([]float64{-1.001, p.Q05, p.Q25, p.Q50, p.Q75, p.Q95, 1.001}) || i > 0 && !(x.ImagesPerSecond > 0) {
				t.Errorf("record %d: %+v", i, x)
			}
		}
	})
}

func TestEveryLossTakesAStep(t *testing.T) {
	b := backendtest.Go(t)
	for _, entry := range losses.Catalogue() {
		c := tiny()
		c.Loss, c.Steps, c.Warmup = entry.Name, 2, 0
		result, err := train.Run(t.Context(), b, c, bars, train.Options{})
		if err != nil {
			t.Errorf("%s: %v", entry.Name, err)
			continue
		}
		if loss := result.History[1].Loss; math.IsNaN(loss) || loss == result.History[0].Loss {
			t.Errorf("%s: loss %v after %v", entry.Name, loss, result.History[0].Loss)
		}
	}
}

// interrupt returns options that cancel the context after a step.
func interrupt(dir string, step int) (context.Context, train.Options) {
	ctx, cancel := context.WithCancel(context.Background())
	return ctx, train.Options{Dir: dir, Progress: func(r train.Record) {
		if r.Step == step {
			cancel()
		}
	}}
}

func TestResumedRunIsTheSame(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, loss := range []string{"circle", "am-softmax"} {
			c := tiny()
			c.Loss, c.Steps, c.Augment = loss, 8, data.DefaultAugment()
			whole := run(t, b, c, train.Options{})

			dir := t.TempDir()
			ctx, options := interrupt(dir, 4)
			if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "after step 4") {
				t.Fatalf("%s: interrupted run: %v", loss, err)
			}
			resumed := run(t, b, c, train.Options{Dir: dir})
			if resumed.Resumed != 4 || len(resumed.History) != 8 {
				t.Errorf("%s: resumed after %d with %d records, want 4 with 8", loss, resumed.Resumed, len(resumed.History))
			}
			for i, record := range whole.History {
				got := resumed.History[i]
				got.ImagesPerSecond, record.ImagesPerSecond = 0, 0
				if got != record {
					t.Errorf("%s: step %d: %+v, want %+v", loss, i+1, got, record)
				}
			}
			if got, want := embed(t, resumed.Embedder), embed(t, whole.Embedder); !slices.Equal(got.Embeddings, want.Embeddings) {
				t.Errorf("%s: the resumed run embeds differently", loss)
			}
		}
	})
}

func TestCheckpointEmbedsTheSame(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		dir, c := t.TempDir(), tiny()
		c.Steps, c.Warmup = 5, 1
		result := run(t, b, c, train.Options{Dir: dir})
		loaded, err := train.Load(b, dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := embed(t, loaded), embed(t, result.Embedder); !slices.Equal(got.Embeddings, want.Embeddings) {
			t.Error("the loaded network embeds differently")
		}
		untrained, err := train.NewEmbedder(b, c.Network, c.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(embed(t, untrained).Embeddings, embed(t, loaded).Embeddings) {
			t.Error("the loaded network embeds as the untrained one")
		}
		again := run(t, b, c, train.Options{Dir: dir}) // nothing is left to do
		if again.Resumed != 5 || len(again.History) != 5 || again.Embedder == nil {
			t.Errorf("a finished run: resumed after %d, %d records", again.Resumed, len(again.History))
		}
		history, err := train.ReadHistory(dir)
		if err != nil || !slices.Equal(history, result.History) {
			t.Errorf("ReadHistory = %v, %v, want the result's", history, err)
		}
	})
}

func TestWholeCheckpointOfADefaultNetwork(t *testing.T) {
	// Large enough that a reader which takes what it gets in one call would come up short.
	b, dir, c := backendtest.Go(t), t.TempDir(), tiny()
	c.Width, c.Dim, c.Steps, c.Warmup, c.Loss = 32, 128, 1, 0, "am-softmax"
	result := run(t, b, c, train.Options{Dir: dir})
	loaded, err := train.Load(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(embed(t, loaded).Embeddings, embed(t, result.Embedder).Embeddings) {
		t.Error("the loaded network embeds differently")
	}
}

func TestKilledWhileWriting(t *testing.T) {
	b, dir, c := backendtest.Go(t), t.TempDir(), tiny()
	c.Steps, c.Warmup = 6, 0
	ctx, options := interrupt(dir, 3)
	if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// What a kill leaves: half a checkpoint, a half-removed old one, and a history that is ahead.
	for _, name := range []string{".partial-best-00000002/manifest.json", ".partial-step-00000001/checkpoint-n0000000-20260101-000000-initial.bin"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"format`), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	history, err := os.OpenFile(filepath.Join(dir, "history.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(history, `{"step":4,"loss":1}`); err != nil {
		t.Fatal(err)
	}
	if err := history.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Load(b, dir); err != nil {
		t.Fatal(err)
	}
	result := run(t, b, c, train.Options{Dir: dir})
	if result.Resumed != 3 || len(result.History) != 6 || result.History[3].Loss == 1 {
		t.Errorf("resumed after %d with %d records", result.Resumed, len(result.History))
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if want := []string{".lock", "history.jsonl", "step-00000006"}; !slices.Equal(names, want) {
		t.Errorf("the directory holds %v, want %v", names, want)
	}
}
