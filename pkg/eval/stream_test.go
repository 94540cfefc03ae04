package eval

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
)

// drawn returns vectors in so many classes, a fifth of them twice, some scaled far out, the last ones in classes of their own.
func drawn(n, classes, dim int, seed uint64) Set {
	random := rand.New(rand.NewPCG(seed, 0))
	set := Set{Dim: dim}
	for i := range n {
		label := int32(random.IntN(classes))
		if i >= n-2 {
			label = -int32(seed)*10 - int32(i)
		}
		set.Labels = append(set.Labels, label)
		for j := range dim {
			x := float32(label) + float32(random.NormFloat64())*3
			switch {
			case i%5 == 4:
				x = set.Embeddings[(i-1)*dim+j]
			case i%97 == 0:
				x *= 1e4
			}
			set.Embeddings = append(set.Embeddings, x)
		}
	}
	return set
}

// stream reads a set as if it were on a disk, and counts how often.
func stream(set Set, reads *int) Stream {
	return Stream{Dim: set.Dim, Labels: set.Labels, Read: func(first int, rows []float32) error {
		*reads++
		copy(rows, set.Embeddings[first*set.Dim:])
		return nil
	}}
}

// What is read in blocks gives every score to the last bit as what is in memory, by every backend, for blocks and groups of every size.
func TestRetrieveStreamed(t *testing.T) {
	references, queries := drawn(1501, 12, 9, 1), drawn(203, 14, 9, 2) // some classes of the queries are in no reference
	same := func(t *testing.T, device compute.Backend) {
		for _, o := range []Options{{}, {Neighbours: 5}, {RecallAt: []int{3, 900}, Neighbours: 100}, {Neighbours: 2000}} {
			want, err := RetrieveFrom(queries, references, o)
			if err != nil {
				t.Fatal(err)
			}
			o.Backend = device
			for _, size := range []struct{ rows, atOnce int }{{streamRows, mostAtOnce}, {700, 9000}, {101, 1}} {
				if device != nil && size.atOnce == 1 {
					continue // a graph for each query
				}
				reads := 0
				got, err := retrieveStreamed(queries, stream(references, &reads), o, size.rows, size.atOnce)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%+v, %+v:\ngot  %+v\nwant %+v", o, size, got.Metrics, want.Metrics)
				}
				if size.rows == streamRows && reads != 3 {
					t.Errorf("read %d times, want 3", reads)
				}
			}
		}
	}
	t.Run("alone", func(t *testing.T) { same(t, nil) })
	backendtest.Each(t, same)
}

// What is wrong is refused as it is in memory, and what Read says is said.
func TestRetrieveStreamedRefuses(t *testing.T) {
	references, queries := drawn(50, 3, 4, 1), drawn(10, 3, 4, 2)
	reads, broken := 0, errors.New("the disk is gone")
	other, none, fails := stream(references, &reads), stream(Set{Dim: 4}, &reads), stream(references, &reads)
	other.Dim = 3
	fails.Read = func(int, []float32) error { return broken }
	infinite := references
	infinite.Embeddings = append([]float32(nil), references.Embeddings...)
	infinite.Embeddings[4*31+2] = float32(math.Inf(1))
	for _, c := range []struct {
		queries    Set
		references Stream
		options    Options
		want       string
	}{
		{Set{Dim: 4}, stream(references, &reads), Options{}, "queries: eval: a set must have"},
		{queries, other, Options{}, "same dimension, got 4 and 3"},
		{queries, none, Options{}, "references: eval: a set must have"},
		{queries, fails, Options{}, "references: the disk is gone"},
		{queries, stream(infinite, &reads), Options{}, "got +Inf in row 31, column 2"},
		{queries, stream(references, &reads), Options{RecallAt: []int{0}}, "K of recall@K"},
		{queries, stream(references, &reads), Options{Neighbours: -1}, "Neighbours must be"},
	} {
		if _, err := RetrieveStreamed(c.queries, c.references, c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
