package train_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/rankstest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// together trains on so many ranks, and returns what each gives. Options of a rank are those that its function makes.
func together(t *testing.T, b compute.Backend, size int, c train.Config, options func(g ranks.Group) train.Options) ([]*train.Result, []error) {
	t.Helper()
	results := make([]*train.Result, size)
	errs := rankstest.Errors(size, func(g ranks.Group) (err error) {
		o := train.Options{}
		if options != nil {
			o = options(g)
		}
		o.Ranks = g
		results[g.Rank()], err = train.Run(t.Context(), b, c, bars, o)
		return err
	})
	return results, errs
}

// sgd is a run whose first steps show its gradients, and not their signs alone as those of AdamW.
func sgd() train.Config {
	c := tiny()
	c.Optimizer, c.Steps, c.Warmup, c.LearningRate = train.OptimizerSGD, 3, 0, 0.1
	c.Schedule = train.ScheduleConstant
	return c
}

// Two, three and four ranks learn what one process learns that takes the batch in as many pieces, moments of batch normalisation included: losses
// of half of the matrix, of rows, of rows by terms, that look beyond their rows, with class weights, a predictor, a memory, in pieces of
// pieces. Five ranks have shares of a batch that does not divide. All ranks have the same bits.
func TestRanksLearnTheSame(t *testing.T) {
	b := backendtest.Go(t)
	// Beside one process that takes the batch whole: a step so small that sums in another order do not choose another pixel of a maximum.
	frozen := func(c *train.Config) { c.FrozenNorm, c.LearningRate = true, 1e-3 }
	for _, test := range []struct {
		name   string
		sizes  []int
		change func(c *train.Config)
	}{
		{"circle", []int{2, 3, 4}, func(*train.Config) {}},
		{"circle, shares that differ", []int{5}, frozen},
		{"margin by terms", []int{3}, func(c *train.Config) { c.Loss, c.Reduction = "margin", "mean-nonzero" }},
		{"triplet, shares that differ", []int{5}, func(c *train.Config) { c.Loss = "triplet"; frozen(c) }},
		{"beyond the row", []int{2}, func(c *train.Config) { c.Loss = "histogram" }},
		{"classes", []int{2}, func(c *train.Config) { c.Loss = "am-softmax" }},
		{"classes in blocks", []int{2, 3, 4}, func(c *train.Config) { c.Loss, c.ClassBlock = "am-softmax", 2 }},
		{"centers in blocks", []int{3}, func(c *train.Config) { c.Loss, c.ClassBlock = "soft-triple", 2 }},
		{"all classes sampled", []int{2, 3}, func(c *train.Config) { c.Loss, c.ClassSample.Ratio = "am-softmax", 1 }},
		{"all classes sampled, unbiased", []int{2}, func(c *train.Config) {
			c.Loss, c.ClassSample = "am-softmax", train.ClassSample{Ratio: 1, Unbiased: true}
		}},
		{"a predictor", []int{2}, func(c *train.Config) { c.Predictor = 5 }},
		{"a memory", []int{3}, func(c *train.Config) { c.CrossBatch = 30 }},
		{"clipped, averaged, with momentum", []int{2}, func(c *train.Config) { c.ClipNorm, c.Average, c.Momentum = 0.5, 0.5, 0.9 }},
	} {
		for _, size := range test.sizes {
			c := sgd()
			test.change(&c)
			c.Steps = 1
			learnTheSame(t, test.name, b, size, c, 1e-6)
			c.Steps = 3
			learnTheSame(t, test.name, b, size, c, 1e-5) // rounding grows from step to step
		}
	}
}

// learnTheSame fails unless so many ranks learn what one process learns, and all have the same bits.
func learnTheSame(t *testing.T, name string, b compute.Backend, size int, c train.Config, tolerance float64) {
	t.Helper()
	one := c
	if one.ClassSample = (train.ClassSample{}); 12%size == 0 { // all of them are the whole loss
		one.Pieces = size
	}
	want := run(t, b, one, train.Options{})
	results, errs := together(t, b, size, c, nil)
	if err := errors.Join(errs...); err != nil {
		t.Errorf("%s, %d ranks: %v", name, size, err)
		return
	}
	for i, record := range want.History {
		if got := results[0].History[i]; !(math.Abs(got.Loss-record.Loss) <= tolerance*(1+math.Abs(record.Loss))) || got.Recall != record.Recall {
			t.Errorf("%s, %d ranks, step %d: loss %.9g, want %.9g", name, size, i+1, got.Loss, record.Loss)
		}
	}
	first := embed(t, results[0].Embedder).Embeddings
	if !almost(first, embed(t, want.Embedder).Embeddings, tolerance) {
		t.Errorf("%s, %d ranks, %d steps: another network", name, size, c.Steps)
	}
	for rank, result := range results {
		if !slices.Equal(embed(t, result.Embedder).Embeddings, first) {
			t.Errorf("%s: rank %d of %d has another network", name, rank, size)
		}
	}
}

// Ranks whose backends round differently have the same network all the same, that of rank 0, which is said.
func TestRanksOfTwoKinds(t *testing.T) {
	backends := []compute.Backend{backendtest.Go(t), backendtest.XLA(t)}
	networks, said := make([]bytes.Buffer, 2), ""
	rankstest.Together(t, 2, func(g ranks.Group) error {
		o := train.Options{Ranks: g, Noted: func(line string) { said += line }}
		result, err := train.Run(t.Context(), backends[g.Rank()], sgd(), bars, o)
		if err != nil {
			return err
		}
		return result.Embedder.WriteWeights(&networks[g.Rank()])
	})
	if !strings.Contains(said, "rank 1 computes with another backend or processor than rank 0") {
		t.Errorf("said %q", said)
	}
	if networks[0].Len() == 0 || !bytes.Equal(networks[0].Bytes(), networks[1].Bytes()) {
		t.Error("the ranks have different networks")
	}
}

// Pieces of one process are shared: four of two ranks are those of one process.
func TestRanksTakePieces(t *testing.T) {
	b, c := backendtest.Go(t), sgd()
	c.Pieces = 4
	want := embed(t, run(t, b, c, train.Options{}).Embedder).Embeddings
	results, errs := together(t, b, 2, c, nil)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if !almost(embed(t, results[1].Embedder).Embeddings, want, 2e-6) {
		t.Error("two ranks with two pieces each learn otherwise than one process with four")
	}
}

// A checkpoint knows no ranks: what two began, three go on with, and one ends. Validation, whose images they share, chooses the same network.
func TestRanksGoOn(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Steps, c.FrozenNorm, c.LearningRate = 9, true, 1e-3
	c.Validation = train.Validation{Fraction: 0.3, Every: 2}
	c.HardClasses, c.Classes = 4, 3
	want := run(t, b, c, train.Options{})
	for until, size := range map[int]int{3: 2} {
		ctx, stop := interrupt(dir, until)
		for rank, err := range rankstest.Errors(size, func(g ranks.Group) error {
			o := stop
			o.Ranks = g
			if g.Rank() > 0 {
				o.Dir = "/nobody/sees/this"
			}
			_, err := train.Run(ctx, b, c, bars, o)
			return err
		}) {
			if err == nil || !strings.Contains(err.Error(), "after step 3; the same settings with") {
				t.Fatalf("rank %d: %v", rank, err)
			}
		}
	}
	results, errs := together(t, b, 3, c, func(g ranks.Group) train.Options {
		if g.Rank() > 0 {
			return train.Options{}
		}
		return train.Options{Dir: dir}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for rank, got := range results {
		if got.Resumed != 3 || len(got.History) != 9 || got.Best.Step != want.Best.Step {
			t.Errorf("rank %d: resumed after %d, %d records, the best is of step %d, want %d", rank, got.Resumed, len(got.History), got.Best.Step,
				want.Best.Step)
		}
		if !almost(embed(t, got.Embedder).Embeddings, embed(t, want.Embedder).Embeddings, 1e-4) {
			t.Errorf("rank %d gives another network", rank)
		}
	}
	again := run(t, b, c, train.Options{Dir: dir})
	if !slices.Equal(embed(t, again.Embedder).Embeddings, embed(t, results[0].Embedder).Embeddings) {
		t.Error("the checkpoint of three ranks gives another network")
	}
}

// Class weights that ranks share by classes are whole in a checkpoint: what two began three go on with, two again, and one ends, with the losses of
// a run on one. Blocks of what is exchanged are smaller than what a rank has.
func TestRanksShareClassWeights(t *testing.T) {
	b, dir := backendtest.Go(t), t.TempDir()
	for loss, rows := range map[string]int{"am-softmax": 1, "sub-center-arcface": 4} {
		dir := filepath.Join(dir, loss)
		c := tiny()
		c.Loss, c.Steps, c.ClassBlock, c.FrozenNorm, c.LearningRate = loss, 8, 2, true, 1e-3
		want := run(t, b, c, train.Options{}).History
		defer train.ExchangeAtOnce(4 * 8 * rows)()
		for until, size := range []int{0, 0, 2, 0, 3, 0, 2} {
			if size == 0 {
				continue
			}
			ctx, stop := interrupt(dir, until)
			for rank, err := range rankstest.Errors(size, func(g ranks.Group) error {
				o := stop
				o.Ranks = g
				_, err := train.Run(ctx, b, c, bars, o)
				return err
			}) {
				if err == nil || !strings.Contains(err.Error(), "the same settings with") {
					t.Fatalf("%s, rank %d: %v", loss, rank, err)
				}
			}
		}
		alike(t, loss, run(t, b, c, train.Options{Dir: dir}).History, want)
	}
}

// Ranks that sample some of their own classes learn, twice the same, and so where two break off and go on; one process goes on with what they
// have. Centers of a class stay together.
func TestRanksSampleClasses(t *testing.T) {
	b := backendtest.Go(t)
	for _, loss := range []string{"am-softmax", "sub-center-arcface"} {
		c := tiny()
		c.Loss, c.Classes, c.Steps = loss, 2, 24
		c.ClassSample = train.ClassSample{Ratio: 0.75, Unbiased: loss == "sub-center-arcface"}
		sample := func(size, until int, dir string) []train.Record {
			t.Helper()
			var history []train.Record
			ctx, stop := interrupt(dir, until)
			errs := rankstest.Errors(size, func(g ranks.Group) error {
				o := stop
				o.Ranks = g
				result, err := train.Run(ctx, b, c, bars, o)
				if err == nil && g.Rank() == 0 {
					history = result.History
				}
				return err
			})
			if until == 0 && errors.Join(errs...) != nil {
				t.Fatal(errors.Join(errs...))
			}
			return history
		}
		whole := sample(2, 0, "")
		if first, last := whole[0].Loss, whole[len(whole)-1].Loss; !(last < 0.8*first) {
			t.Errorf("%s: the loss is %g at first and %g at last", loss, first, last)
		}
		dir := t.TempDir()
		sample(2, 7, dir)
		resumed := sample(2, 0, dir)
		for i, record := range whole {
			if resumed[i].Loss != record.Loss {
				t.Fatalf("%s, step %d: loss %.9g, and %.9g without a break", loss, i+1, resumed[i].Loss, record.Loss)
			}
		}
		dir = t.TempDir()
		sample(2, 7, dir)
		if one := sample(1, 0, dir); one[6].Loss != whole[6].Loss || !(one[23].Loss < 0.8*whole[0].Loss) {
			t.Errorf("%s: one process goes on from %g to %g", loss, one[6].Loss, one[23].Loss)
		}
	}
}

// counting counts the bytes of rows that a rank gives and gets.
type counting struct {
	ranks.Group
	gathered, scattered, reduced map[int]int // how often, by bytes of the whole
}

func (c counting) Gather(part *tensors.Tensor, rows int) (*tensors.Tensor, error) {
	whole, err := c.Group.Gather(part, rows)
	if err == nil {
		c.gathered[int(whole.ByteSize())]++
	}
	return whole, err
}

func (c counting) ReduceScatter(whole *tensors.Tensor) (*tensors.Tensor, error) {
	c.scattered[int(whole.ByteSize())]++
	return c.Group.ReduceScatter(whole)
}

func (c counting) AllReduce(whole *tensors.Tensor) (*tensors.Tensor, error) {
	c.reduced[int(whole.ByteSize())]++
	return c.Group.AllReduce(whole)
}

// A step gathers the embeddings once, reduces their gradients once and the network's once, in one piece; all else is a few numbers.
func TestRanksExchange(t *testing.T) {
	c := sgd()
	c.FrozenNorm = true // whose moments would be gathered too
	network := 4 * (9*4 + 9*4*8 + 9*8*16 + 9*16*16 + 2*(4+8+16+16) + 16*8 + 8)
	embeddings := 4 * 12 * 8
	rankstest.Together(t, 2, func(g ranks.Group) error {
		count := counting{g, map[int]int{}, map[int]int{}, map[int]int{}}
		if _, err := train.Run(t.Context(), backendtest.Go(t), c, bars, train.Options{Ranks: count}); err != nil {
			return err
		}
		if count.gathered[embeddings] != c.Steps || len(count.scattered) != 1 || count.scattered[embeddings] != c.Steps {
			t.Errorf("embeddings of %d bytes: gathered %v, reduced %v", embeddings, count.gathered, count.scattered)
		}
		if few := count.reduced; few[network] != c.Steps || len(slices.DeleteFunc(slices.Collect(maps.Keys(few)), func(n int) bool {
			return n == network || n <= 32
		})) > 0 {
			t.Errorf("a network of %d bytes: reduced %v", network, few)
		}
		return nil
	})
}

// unreadable is a set whose images cannot be read after a while.
type unreadable struct {
	strokes
	left *atomic.Int64
}

func (u unreadable) Image(i int) (data.Image, error) {
	if u.left.Add(-1) < 0 {
		return data.Image{}, errors.New("the disk is gone")
	}
	return u.strokes.Image(i)
}

// What ranks cannot do, or would do differently, is refused on all, by name; what fails on one ends all.
func TestRanksRefuse(t *testing.T) {
	b := backendtest.Go(t)
	for _, test := range []struct {
		name   string
		size   int
		change func(rank int, c *train.Config, o *train.Options)
		want   string
	}{
		{"another seed", 3, func(rank int, c *train.Config, _ *train.Options) { c.Seed = uint64(7 + rank/2) },
			"rank 2 is to train otherwise than rank 0 (seed is 8, not 7)"},
		{"other checkpoints", 2, func(rank int, _ *train.Config, o *train.Options) { o.SaveEvery = 10 + rank },
			"the steps between checkpoints are 11, not 10"},
		{"a wrong word on all", 2, func(_ int, c *train.Config, _ *train.Options) { c.Loss = "circles" }, `unknown loss "circles"`},
		{"a wrong word on one", 2, func(rank int, c *train.Config, _ *train.Options) { c.Seed = uint64(rank); c.Warmup = -rank },
			"rank 1: train: the warm-up must be in [0, steps)"},
		{"fewer images than ranks", 13, func(int, *train.Config, *train.Options) {}, "a batch of 12 images is shared by 13 processes"},
		{"several devices", 2, func(_ int, _ *train.Config, o *train.Options) { o.Devices = 1; o.Memory = -1 }, "must be 0 (the default) or more"},
		{"fewer classes than ranks", 9, func(_ int, c *train.Config, _ *train.Options) { c.Loss, c.ClassBlock = "am-softmax", 2 },
			"8 classes are shared by 9 processes, so that one would have none"},
		{"samples smaller than a batch", 2, func(_ int, c *train.Config, _ *train.Options) { c.Loss, c.ClassSample.Ratio = "am-softmax", 0.5 },
			"rank 0 samples 2 of its 4 classes, and all 4 classes of a batch may be among them"},
	} {
		for rank, err := range rankstest.Errors(test.size, func(g ranks.Group) error {
			c, o := sgd(), train.Options{Ranks: g}
			test.change(g.Rank(), &c, &o)
			_, err := train.Run(t.Context(), b, c, bars, o)
			return err
		}) {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, rank %d: %v, want %q", test.name, rank, err, test.want)
			}
		}
	}
	for rank, err := range rankstest.Errors(2, func(g ranks.Group) error {
		var left atomic.Int64
		left.Store(1 << 20)
		if g.Rank() == 1 {
			left.Store(10)
		}
		_, err := train.Run(t.Context(), b, sgd(), unreadable{bars, &left}, train.Options{Ranks: g, Memory: 1})
		return err
	}) {
		if err == nil || !strings.Contains(err.Error(), "the disk is gone") {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
}

// sources is a network that keeps which files it embeds.
type sources struct{ files *[]string }

func (s sources) EmbedSet(set data.Dataset) (eval.Set, error) {
	for i := range set.Len() {
		*s.files = append(*s.files, data.Source(set, i))
	}
	return eval.Set{Dim: 1, Embeddings: make([]float32, set.Len()), Labels: make([]int32, set.Len())}, nil
}

// Each rank knows the files of its share, by which features that are kept are found.
func TestRanksEmbedFiles(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for i := range 5 {
		path := filepath.Join(dir, "class", fmt.Sprint(i, ".pgm"))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("P2 1 1 255 7"), 0o666)); err != nil {
			t.Fatal(err)
		}
		want = append(want, path)
	}
	set, err := data.Folder(t.Context(), dir, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	each := make([][]string, 2)
	rankstest.Together(t, 2, func(g ranks.Group) error {
		_, err := train.EmbedTogether(g, sources{&each[g.Rank()]}, set)
		return err
	})
	if got := slices.Concat(each...); !slices.Equal(got, want) {
		t.Errorf("the ranks embed %q, want %q", got, want)
	}
}
