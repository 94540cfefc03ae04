package eval_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/eval"
)

// line is a set of points on a line.
func line(labels []int32, points ...float32) eval.Set {
	return eval.Set{Dim: 1, Embeddings: points, Labels: labels}
}

func random(seed uint64, n, dim, classes int) eval.Set {
	r := rand.New(rand.NewPCG(seed, 0))
	s := eval.Set{Dim: dim, Embeddings: make([]float32, n*dim), Labels: make([]int32, n)}
	for i := range s.Embeddings {
		s.Embeddings[i] = float32(r.IntN(4)) // coarse, so that there are ties
	}
	for i := range s.Labels {
		s.Labels[i] = int32(r.IntN(classes))
	}
	return s
}

// naive ranks all references of each query by sorting, and takes the metrics from the list of hits.
func naive(queries, references eval.Set, same bool) (scores eval.Metrics, lone int) {
	scores.RecallAt = map[int]float64{3: 0}
	count := 0.0
	for q, label := range queries.Labels {
		var order []int
		distance := make([]float64, references.Len())
		for r := range references.Labels {
			for j := range queries.Dim {
				d := float64(queries.Embeddings[q*queries.Dim+j]) - float64(references.Embeddings[r*queries.Dim+j])
				distance[r] += d * d
			}
			if !same || r != q {
				order = append(order, r)
			}
		}
		sort.SliceStable(order, func(a, b int) bool { return distance[order[a]] < distance[order[b]] })
		var hits []bool
		total := 0
		for _, r := range order {
			hits = append(hits, references.Labels[r] == label)
			if references.Labels[r] == label {
				total++
			}
		}
		if total == 0 {
			lone++
			continue
		}
		count++
		seen, first := 0, len(hits)
		for i, hit := range hits {
			if !hit {
				continue
			}
			seen++
			first = min(first, i)
			scores.MAP += float64(seen) / float64(i+1) / float64(total)
			if i < total {
				scores.RPrecision += 1 / float64(total)
				scores.MAPAtR += float64(seen) / float64(i+1) / float64(total)
			}
		}
		scores.MRR += 1 / float64(first+1)
		if first < 3 {
			scores.RecallAt[3]++
		}
		if first == 0 {
			scores.PrecisionAt1++
		}
	}
	for _, x := range []*float64{&scores.MAP, &scores.RPrecision, &scores.MAPAtR, &scores.MRR, &scores.PrecisionAt1} {
		*x /= count
	}
	scores.RecallAt[3] /= count
	return scores, lone
}

func TestRetrieveAgainstSorting(t *testing.T) {
	for seed := range uint64(20) {
		set, other := random(seed, 40+int(seed), 3, 12), random(seed+100, 50, 3, 9)
		got, err := eval.Retrieve(set, eval.Options{RecallAt: []int{3}})
		if err != nil {
			t.Fatal(err)
		}
		want, lone := naive(set, set, true)
		compare(t, "Retrieve", got, want, lone)
		if got, err = eval.RetrieveFrom(set, other, eval.Options{RecallAt: []int{3}}); err != nil {
			t.Fatal(err)
		}
		want, lone = naive(set, other, false)
		compare(t, "RetrieveFrom", got, want, lone)
	}
}

func compare(t *testing.T, name string, got eval.Retrieval, want eval.Metrics, lone int) {
	t.Helper()
	if got.Lone != lone {
		t.Errorf("%s: Lone = %d, want %d", name, got.Lone, lone)
	}
	wanted := want.List()
	for i, metric := range got.List() {
		if math.Abs(metric.Value-wanted[i].Value) > 1e-12 {
			t.Errorf("%s: %s = %v, want %v", name, metric.Name, metric.Value, wanted[i].Value)
		}
	}
}

func TestTiesRankByIndex(t *testing.T) {
	// The query at 0 is as far from 1 (another class, index 1) as from −1 (its own class, index 2).
	got, err := eval.RetrieveFrom(line([]int32{7}, 0), line([]int32{8, 8, 7}, 5, 1, -1), eval.Options{})
	if err != nil || got.PrecisionAt1 != 0 || got.MRR != 0.5 {
		t.Errorf("own class after an equal: precision@1 %v, MRR %v, want 0, 0.5 (%v)", got.PrecisionAt1, got.MRR, err)
	}
	got, err = eval.RetrieveFrom(line([]int32{7}, 0), line([]int32{8, 7, 8}, 5, 1, -1), eval.Options{})
	if err != nil || got.PrecisionAt1 != 1 {
		t.Errorf("own class before an equal: precision@1 %v, want 1 (%v)", got.PrecisionAt1, err)
	}
}

func TestSelfIsLeftOutByIndex(t *testing.T) {
	// The first two are at one place and of one class: each is the other's nearest, though at distance 0. Of class 2 only the
	// one at 4 has a stranger nearest.
	got, err := eval.Retrieve(line([]int32{1, 1, 2, 2}, 3, 3, 4, 9), eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Classes[0].PrecisionAt1 != 1 || got.PrecisionAt1 != 0.75 {
		t.Errorf("precision@1 = %v (class 1: %v), want 0.75 (1)", got.PrecisionAt1, got.Classes[0].PrecisionAt1)
	}
}

func TestResultDoesNotDependOnTheRun(t *testing.T) {
	set := random(5, 300, 4, 20)
	first, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if again, _ := eval.Retrieve(set, eval.Options{}); !reflect.DeepEqual(first, again) {
			t.Fatalf("a second run gave %v, want %v", again.List(), first.List())
		}
	}
}

func TestRefused(t *testing.T) {
	nan := line([]int32{1, 1, 2}, 1, float32(math.NaN()), 2)
	good := line([]int32{1, 1, 2}, 1, 2, 3)
	two := eval.Set{Dim: 2, Embeddings: make([]float32, 4), Labels: []int32{1, 1}}
	for name, c := range map[string]struct {
		call func() error
		want string
	}{
		"NaN":         {func() error { _, err := eval.Retrieve(nan, eval.Options{}); return err }, "NaN in row 1, column 0"},
		"NaN cluster": {func() error { _, err := eval.Cluster(nan, 2, 0); return err }, "NaN in row 1"},
		"infinity":    {func() error { return line([]int32{1}, float32(math.Inf(-1))).Validate() }, "-Inf in row 0"},
		"NaN episode": {func() error { _, err := eval.ClassifyOneShot([]eval.Episode{{good, good}, {nan, good}}); return err }, "episode 2: references: eval: embeddings must be finite numbers, got NaN in row 1"},
		"length":      {func() error { return line([]int32{1, 2}, 1).Validate() }, "2 labels × 1 dimensions = 2 numbers, got 1"},
		"dim":         {func() error { return eval.Set{Labels: []int32{1}}.Validate() }, "Dim must be at least 1, got 0"},
		"empty":       {func() error { return eval.Set{Dim: 3}.Validate() }, "at least one vector"},
		"lone only":   {func() error { _, err := eval.Retrieve(line([]int32{1, 2}, 1, 2), eval.Options{}); return err }, "none of the 2 queries"},
		"dimensions":  {func() error { _, err := eval.RetrieveFrom(good, two, eval.Options{}); return err }, "same dimension, got 1 and 2"},
		"recall@0":    {func() error { _, err := eval.Retrieve(good, eval.Options{RecallAt: []int{0}}); return err }, "at least 1, got 0"},
		"neighbours":  {func() error { _, err := eval.Retrieve(good, eval.Options{Neighbours: -1}); return err }, "got -1"},
		"no episode":  {func() error { _, err := eval.ClassifyOneShot(nil); return err }, "at least one episode"},
		"clusters":    {func() error { _, err := eval.Cluster(good, 4, 0); return err }, "in [1, 3], the number of vectors, got 4"},
		"NMI":         {func() error { _, err := eval.NMI([]int32{1}, nil); return err }, "same length"},
	} {
		if err := c.call(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestOneShot(t *testing.T) {
	support := line([]int32{1, 2, 3}, 0, 10, 20)
	got, err := eval.ClassifyOneShot([]eval.Episode{
		{Support: support, Queries: line([]int32{1, 2, 3, 3}, 1, 11, 19, 9)}, // the last is nearest to 2
		{Support: support, Queries: line([]int32{1, 2}, 5, 5)},               // between 1 and 2: the first of equals
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{0.25, 0.5}; !slices.Equal(got.Runs, want) || got.Error != 0.375 {
		t.Errorf("ClassifyOneShot = %v, mean %v, want %v, 0.375", got.Runs, got.Error, want)
	}
}

func TestClusterFindsSeparateGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	set := eval.Set{Dim: 2}
	for i := range 90 {
		group := i % 3
		set.Labels = append(set.Labels, int32(group))
		set.Embeddings = append(set.Embeddings, float32(100*group)+r.Float32(), r.Float32())
	}
	clusters, err := eval.Cluster(set, 3, 42)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := eval.NMI(clusters, set.Labels); math.Abs(got-1) > 1e-12 {
		t.Errorf("NMI of three far groups = %v, want 1", got)
	}
	if again, _ := eval.Cluster(set, 3, 42); !slices.Equal(again, clusters) {
		t.Error("the same seed gave other clusters")
	}
	same := eval.Set{Dim: 1, Embeddings: make([]float32, 5), Labels: make([]int32, 5)}
	if _, err := eval.Cluster(same, 3, 1); err != nil {
		t.Errorf("equal vectors: %v", err)
	}
}

func TestNMI(t *testing.T) {
	// By hand: I = H(x) − H(x|y), and in y's class of three H(x) is log 3 − ⅔·log 2.
	hx, hy := math.Log(3), math.Log(3)/3+math.Log(6)/6+math.Log(2)/2
	mixed := 2 * (hx - 0.5*(math.Log(3)-2.0/3*math.Log(2))) / (hx + hy)
	for name, c := range map[string]struct {
		x, y []int32
		want float64
	}{
		"renamed":     {[]int32{0, 0, 1, 1}, []int32{9, 9, 4, 4}, 1},
		"independent": {[]int32{0, 0, 1, 1}, []int32{0, 1, 0, 1}, 0},
		"constant":    {[]int32{3, 3}, []int32{5, 5}, 1},
		"one against": {[]int32{3, 3}, []int32{5, 6}, 0},
		"mixed":       {[]int32{0, 0, 1, 1, 2, 2}, []int32{0, 0, 1, 2, 2, 2}, mixed},
	} {
		if got, err := eval.NMI(c.x, c.y); err != nil || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: NMI = %v, %v, want %v", name, got, err, c.want)
		}
	}
}

func TestSampleEpisodes(t *testing.T) {
	set := line([]int32{5, 5, 6, 6, 6, 7, 8, 8}, 0, 1, 2, 3, 4, 5, 6, 7)
	episodes, err := eval.SampleEpisodes(set, 3, 50, 1)
	if err != nil || len(episodes) != 50 {
		t.Fatal(len(episodes), err)
	}
	seen := make(map[[2]float32]bool)
	for _, e := range episodes {
		if !slices.Equal(e.Support.Labels, e.Queries.Labels) || slices.Contains(e.Support.Labels, 7) {
			t.Fatalf("support %v, queries %v: want the same three of 5, 6, 8", e.Support.Labels, e.Queries.Labels)
		}
		for i := range e.Support.Labels {
			if e.Support.Embeddings[i] == e.Queries.Embeddings[i] {
				t.Fatal("a query is its own support")
			}
			seen[[2]float32{e.Support.Embeddings[i], e.Queries.Embeddings[i]}] = true
		}
	}
	if len(seen) != 2+6+2 {
		t.Errorf("%d of the 10 pairs were drawn", len(seen))
	}
	if again, _ := eval.SampleEpisodes(set, 3, 50, 1); !reflect.DeepEqual(again, episodes) {
		t.Error("the same seed gave other episodes")
	}
	if _, err := eval.SampleEpisodes(set, 4, 1, 1); err == nil || !strings.Contains(err.Error(), "2 to 3 classes") {
		t.Errorf("four classes of three: error %v", err)
	}
}
