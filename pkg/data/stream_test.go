package data_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// reads counts how often images are read.
type reads struct {
	data.Dataset
	count atomic.Int64
}

func (r *reads) Image(i int) (data.Image, error) {
	r.count.Add(1)
	return r.Dataset.Image(i)
}

// TestMemory: a set that does not fit into memory gives the same batches, with another number of readings; and so does it from a later
// step on, with every change there is.
func TestMemory(t *testing.T) {
	augment := data.DefaultAugment()
	augment.Crop, augment.Flip, augment.Brightness, augment.Contrast, augment.Saturation = 0.5, true, 0.2, 0.2, 0.2
	augment.CropLogAspect, augment.Hue, augment.Erase = 0.3, 0.1, 0.5
	counted := &reads{Dataset: coloured{glyphs(t, data.GlyphsConfig{Classes: 10, PerClass: 6, Size: 24})}}
	batches := func(memory int64, start, workers int) []batch {
		counted.count.Store(0)
		return take(t, &data.PairBatches{
			Dataset: counted, Classes: 5, PerClass: 4, Size: 14, Augment: augment, Seed: 7, Start: start, Steps: 30, Memory: memory, Workers: workers,
		}, 0)
	}
	const image = 4 * 3 * 20 * 20 // 14·√2, rounded up, for the crops
	want := batches(0, 0, 1)
	if len(want) != 30 || counted.count.Load() != 60 {
		t.Errorf("all in memory: %d batches, %d readings of 60 images", len(want), counted.count.Load())
	}
	for _, test := range []struct{ memory, least, most int64 }{{1, 590, 600}, {30 * image, 300, 345}, {59 * image, 60, 90}, {60 * image, 60, 60}} {
		for _, workers := range []int{1, 4} {
			if got := batches(test.memory, 0, workers); !slices.EqualFunc(got, want, equal) {
				t.Errorf("%d bytes, %d workers: other batches", test.memory, workers)
			}
			if n := counted.count.Load(); n < test.least || n > test.most {
				t.Errorf("%d bytes, %d workers: %d readings, want %d to %d", test.memory, workers, n, test.least, test.most)
			}
		}
	}
	if got := batches(20*image, 17, 3); !slices.EqualFunc(got, want[17:], equal) {
		t.Error("from step 17 on: other batches")
	}
}

// TestTornImageInAStream: where images are read as they are drawn, one that cannot be read ends the batches at its step.
func TestTornImageInAStream(t *testing.T) {
	broken := newPlain(50, 50)
	broken.broken = 4
	steps := 0
	for _, err := range (&data.PairBatches{Dataset: broken, Classes: 2, PerClass: 2, Size: 2, Memory: 1, Steps: 200}).Iter() {
		if err != nil {
			expect(t, err, "data: plain, image 4 of class a: torn")
			break
		}
		steps++
	}
	if steps == 0 || steps > 50 {
		t.Errorf("it ends after %d steps", steps)
	}
}

func TestPrepare(t *testing.T) {
	counted := &reads{Dataset: newPlain(30, 30)}
	p := &data.PairBatches{Dataset: counted, Classes: 2, PerClass: 2, Size: 2, Steps: 3}
	ctx, cancel := context.WithCancel(t.Context())
	var last atomic.Int64
	err := p.Prepare(ctx, func(done, of int) {
		if last.Store(int64(done)); of != 60 {
			t.Errorf("of %d", of)
		}
		if done == 10 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || last.Load() > 20 {
		t.Errorf("%v after %d", err, last.Load())
	}
	if err := p.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if take(t, p, 0); counted.count.Load() != 60 {
		t.Errorf("%d readings of 60 images", counted.count.Load())
	}
}

// TestKinds: with super-classes, a batch has classes of so many kinds, and each kind, and each of its classes, comes in passes.
func TestKinds(t *testing.T) {
	ds := newPlain(slices.Repeat([]int{3}, 14)...)
	for i := range ds.classes { // 5 of a, 4 of b, 4 of c, and 1 of d, which is too few
		ds.classes[i] = fmt.Sprintf("%c/%02d", "aaaaabbbbccccd"[i], i)
	}
	p := &data.PairBatches{Dataset: ds, Classes: 4, PerClass: 2, SuperClasses: 2, Size: 2, Seed: 5, Steps: 60}
	kinds, classes := map[string]int{}, map[int32]int{}
	for step, b := range take(t, p, 0) {
		drawn := slices.Compact(slices.Clone(b.labels))
		if len(drawn) != 4 {
			t.Fatalf("step %d: classes %v", step, b.labels)
		}
		for k, class := range drawn {
			classes[class]++
			if kind := data.SuperClass(ds.classes[class]); k%2 == 0 {
				kinds[kind]++
			} else if kind != data.SuperClass(ds.classes[drawn[k-1]]) {
				t.Errorf("step %d: kinds of %v", step, drawn)
			}
		}
	}
	if kinds["a"] != 40 || kinds["b"] != 40 || kinds["c"] != 40 || classes[13] != 0 || classes[0] != 16 || classes[5] != 20 {
		t.Errorf("kinds %v, classes %v", kinds, classes)
	}
	for _, c := range []struct {
		name    string
		batches *data.PairBatches
		want    string
	}{
		{"no divisor", &data.PairBatches{Classes: 4, SuperClasses: 3}, "as many classes of each"},
		{"random images", &data.PairBatches{Classes: 4, SuperClasses: 2, Random: true}, "not random images"},
		{"negative", &data.PairBatches{Classes: 4, SuperClasses: -1}, "got 4 classes, Random false"},
		{"too few classes", &data.PairBatches{Classes: 6, SuperClasses: 1}, "has 0 super-classes with at least 6 classes, too few for batches of 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.batches.Dataset, c.batches.PerClass, c.batches.Size = ds, 2, 2
			expect(t, c.batches.Validate(), c.want)
		})
	}
	if got := data.SuperClass("WOMEN/Dresses/id_1"); got != "WOMEN/Dresses" || data.SuperClass("x") != "" {
		t.Error(got)
	}
}

// TestBatchesAreAsEver compares Omniglot's batches with those of the first release, as SHA-256 of 10 of them: published
// results depend on them.
func TestBatchesAreAsEver(t *testing.T) {
	if os.Getenv(data.EnvFolder) == "" || runtime.GOARCH != "amd64" {
		t.Skip("no Omniglot ($" + data.EnvFolder + "), or a processor that fuses multiplication and addition")
	}
	small, err := data.OmniglotSmall1(t.Context(), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := &data.PairBatches{
		Dataset: data.Rotations(data.Subset(small, "Balinese", data.Alphabets("Balinese"))), Classes: 24, PerClass: 4, Size: 28,
		Augment: data.DefaultAugment(), Seed: 3, Start: 5, Steps: 15, Mean: 0.08, Std: 0.2,
	}
	hash := sha256.New()
	for _, b := range take(t, p, 0) {
		if err := errors.Join(binary.Write(hash, binary.LittleEndian, b.pixels), binary.Write(hash, binary.LittleEndian, b.labels)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := fmt.Sprintf("%x", hash.Sum(nil)), "f657df62368dbe43b16d84d68d4214d798398db3510326a451351972a8c7f28c"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
