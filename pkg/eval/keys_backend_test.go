package eval_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/eval"
)

// clusters are classes of vectors round centres, one of them alone in its class, some twice.
func clusters(n, dim int, seed uint64) eval.Set {
	random := rand.New(rand.NewPCG(seed, 0))
	set := eval.Set{Dim: dim}
	centres := map[int32][]float32{}
	for i := range n {
		label := int32(random.IntN(n / 10))
		if i == 0 {
			label = -1
		}
		if centres[label] == nil {
			for range dim {
				centres[label] = append(centres[label], float32(random.NormFloat64()))
			}
		}
		for j := range dim {
			x := centres[label][j] + float32(random.NormFloat64())
			if i%20 == 19 {
				x = set.Embeddings[(i-1)*dim+j]
			}
			set.Embeddings = append(set.Embeddings, x)
		}
		set.Labels = append(set.Labels, label)
	}
	return set
}

// A backend changes nothing: every score is the same to the last bit, also where blocks are not full.
func TestRetrieveOnABackend(t *testing.T) {
	set, queries := clusters(1500, 16, 1), clusters(333, 16, 2)
	options := []eval.Options{{}, {Neighbours: 5}, {RecallAt: []int{3}, Neighbours: 100}}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, o := range options {
			on := o
			on.Backend = b
			for name, retrieve := range map[string]func(eval.Options) (eval.Retrieval, error){
				"itself": func(o eval.Options) (eval.Retrieval, error) { return eval.Retrieve(set, o) },
				"from":   func(o eval.Options) (eval.Retrieval, error) { return eval.RetrieveFrom(queries, set, o) },
			} {
				want, err := retrieve(o)
				if err != nil {
					t.Fatal(err)
				}
				got, err := retrieve(on)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %d neighbours: got %+v, want %+v", name, o.Neighbours, got.Metrics, want.Metrics)
				}
			}
		}
	})
}

// On XLA and in Go, a set of 6000 among themselves.
func BenchmarkRetrieve(b *testing.B) {
	set := clusters(6000, 64, 1)
	for name, device := range map[string]compute.Backend{"go": nil, "xla": backendtest.XLA(b)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := eval.Retrieve(set, eval.Options{Backend: device}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
