package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// The cosine of an ensemble is the mean of its members'.
func TestEnsemble(t *testing.T) {
	b := backendtest.Go(t)
	var members train.Ensemble
	for seed, dim := range []int{8, 5} {
		n := tiny().Network
		n.Dim = dim
		e, err := train.NewEmbedder(b, n, uint64(seed))
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, e)
	}
	set, err := members.EmbedSet(bars)
	if err != nil || set.Dim != 13 || set.Validate() != nil || set.Labels[3] != 3 {
		t.Fatal(set.Dim, err)
	}
	first, second := embed(t, members[0]), embed(t, members[1])
	for _, pair := range [][2]int{{0, 0}, {0, 1}, {5, 40}} {
		i, j := pair[0], pair[1]
		want := (dot(first.Embeddings[i*8:i*8+8], first.Embeddings[j*8:j*8+8]) + dot(second.Embeddings[i*5:i*5+5], second.Embeddings[j*5:j*5+5])) / 2
		if got := dot(set.Embeddings[i*13:i*13+13], set.Embeddings[j*13:j*13+13]); math.Abs(got-want) > 1e-6 {
			t.Errorf("the cosine of images %d and %d is %v, want %v", i, j, got, want)
		}
	}
	if _, err := (train.Ensemble{}).Embed(); err == nil || !strings.Contains(err.Error(), "at least one network") {
		t.Errorf("nobody: error %v", err)
	}
}

// A network with views gives the direction of the sum of the views' unit vectors.
func TestViews(t *testing.T) {
	b := backendtest.Go(t)
	e, err := train.NewEmbedder(b, tiny().Network, 3)
	if err != nil {
		t.Fatal(err)
	}
	image, err := bars.Image(3)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, 8)
	for _, view := range append(data.SmallViews(), data.View{}) {
		row, err := e.Embed(view.Apply(image))
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range row {
			want[i] += x
		}
	}
	length := math.Sqrt(dot(want, want))
	plain := embed(t, e)
	e.Views = data.SmallViews()
	got, err := e.Embed(image)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if math.Abs(float64(got[i])-float64(want[i])/length) > 1e-5 {
			t.Fatalf("number %d is %v, want %v", i, got[i], float64(want[i])/length)
		}
	}
	viewed := embed(t, e)
	if slices.Equal(plain.Embeddings, viewed.Embeddings) || !slices.Equal(viewed.Embeddings[3*8:4*8], got) {
		t.Error("a set is embedded without the views")
	}
	head, err := train.NewEmbedder(b, train.Network{Architecture: train.ArchitectureLinear, Features: 12, Dim: 8}, 1)
	if err != nil {
		t.Fatal(err)
	}
	head.Views = data.SmallViews()
	if _, err := head.EmbedSet(bags{bars}); err == nil || !strings.Contains(err.Error(), "cannot be viewed") {
		t.Errorf("views of features: error %v", err)
	}
}
