package eval

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/rankstest"
)

// partOf returns a rank's share of so many references.
func partOf(g ranks.Group, references int) *Part {
	from, to := ranks.ShareOf(g, references)
	return &Part{
		From: from, To: to,
		Sum:      func(numbers []float64) ([]float64, error) { return ranks.Sums(g, numbers) },
		Greatest: func(number float64) (float64, error) { return ranks.Greatest(g, number) },
	}
}

// Parts of the references give every rank each score to the last bit as one process has it: of a set in itself, in another, across cameras, by
// labels that are shared, read in blocks; for any number of parts, some without a reference, by every backend.
func TestRetrieveInParts(t *testing.T) {
	references, queries := drawn(401, 12, 9, 1), drawn(103, 14, 9, 2)
	few := Set{Dim: 9, Embeddings: references.Embeddings[:3*9], Labels: []int32{4, 5, 4}}
	cameras := func(set Set) (all []int) {
		for i := range set.Labels {
			all = append(all, i%3)
		}
		return all
	}
	labels := func(set Set) (all [][]int) {
		for i, label := range set.Labels {
			all = append(all, []int{int(label) + 100, 1000 + i%40})
		}
		return all
	}
	searches := map[string]struct {
		among int
		run   func(o Options) (Retrieval, error)
	}{
		"itself":   {references.Len(), func(o Options) (Retrieval, error) { return Retrieve(references, o) }},
		"another":  {references.Len(), func(o Options) (Retrieval, error) { return RetrieveFrom(queries, references, o) }},
		"three":    {few.Len(), func(o Options) (Retrieval, error) { return RetrieveFrom(queries, few, o) }},
		"streamed": {references.Len(), func(o Options) (Retrieval, error) { return RetrieveStreamed(queries, references.stream(), o) }},
		"cameras": {references.Len(), func(o Options) (Retrieval, error) {
			return RetrieveAcrossCameras(queries, references, cameras(queries), cameras(references), o)
		}},
		"shared": {references.Len(), func(o Options) (Retrieval, error) { return RetrieveShared(references, labels(references), o) }},
		"shared from": {references.Len(), func(o Options) (Retrieval, error) {
			return RetrieveSharedFrom(queries, references, labels(queries), labels(references), o)
		}},
	}
	same := func(t *testing.T, device compute.Backend, sizes ...int) {
		for name, search := range searches {
			for _, o := range []Options{{}, {Neighbours: 5}, {RecallAt: []int{3, 90}, Neighbours: 100}} {
				want, err := search.run(o)
				if err != nil {
					t.Fatal(err)
				}
				o.Backend = device
				for _, size := range sizes {
					rankstest.Together(t, size, func(g ranks.Group) error {
						mine := o
						mine.Part = partOf(g, search.among)
						got, err := search.run(mine)
						if err == nil && !reflect.DeepEqual(got, want) {
							err = fmt.Errorf("%s, %+v:\ngot  %+v\nwant %+v", name, o, got.Metrics, want.Metrics)
						}
						return err
					})
				}
			}
		}
	}
	t.Run("alone", func(t *testing.T) { same(t, nil, 1, 2, 3, 5) })
	backendtest.Each(t, func(t *testing.T, device compute.Backend) { same(t, device, 2) })
}

// A part that is not of the references, or that does not know the others, is refused.
func TestPartRefused(t *testing.T) {
	set := drawn(50, 3, 4, 1)
	sum, greatest := func(x []float64) ([]float64, error) { return x, nil }, func(x float64) (float64, error) { return x, nil }
	for name, part := range map[string]Part{
		"from -1 to 50": {-1, 50, sum, greatest}, "from 0 to 51": {0, 51, sum, greatest}, "from 9 to 8": {9, 8, sum, greatest},
		"from 0 to 25": {0, 25, nil, greatest}, "from 25 to 50": {25, 50, sum, nil},
	} {
		want := "eval: a part must be of 50 references, and know the others; got those " + name
		if _, err := Retrieve(set, Options{Part: &part}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
