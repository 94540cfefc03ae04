package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/unipair/unipair/internal/parallel"
)

// sweeps bounds how often k-means moves its centres; it stops earlier once no vector changes its cluster.
const sweeps = 100

// Cluster puts the vectors into k clusters by k-means (Lloyd's algorithm from k-means++ centres) and returns the cluster of each vector,
// from 0. The same seed gives the same clusters. A cluster that falls empty starts anew at the vector farthest from its centre.
func Cluster(set Set, k int, seed uint64) ([]int32, error) {
	if err := set.Validate(); err != nil {
		return nil, err
	}
	if k < 1 || k > set.Len() {
		return nil, fmt.Errorf("eval: the number of clusters must be in [1, %d], the number of vectors, got %d", set.Len(), k)
	}
	vectors := set.precise()
	centres := firstCentres(vectors, set.Dim, k, rand.New(rand.NewPCG(seed, uint64(k))))
	clusters, distances := make([]int32, set.Len()), make([]float64, set.Len())
	for i := range clusters {
		clusters[i] = -1
	}
	for range sweeps {
		if !assignAll(vectors, centres, set.Dim, clusters, distances) {
			break
		}
		centres = means(vectors, set.Dim, k, clusters, distances)
	}
	return clusters, nil
}

// firstCentres draws k vectors, each with a probability proportional to its squared distance from those already drawn.
func firstCentres(vectors []float64, dim, k int, random *rand.Rand) []float64 {
	n := len(vectors) / dim
	at := func(i int) []float64 { return vectors[i*dim : (i+1)*dim] }
	centres := append(make([]float64, 0, k*dim), at(random.IntN(n))...)
	distances := make([]float64, n)
	for i := range distances {
		distances[i] = math.Inf(1)
	}
	for len(centres) < k*dim {
		total := 0.0
		for i := range distances {
			distances[i] = min(distances[i], squaredDistance(at(i), centres[len(centres)-dim:]))
			total += distances[i]
		}
		chosen, left := random.IntN(n), random.Float64()*total // all vectors equal: total is 0, any will do
		for i, d := range distances {
			if d > 0 {
				chosen = i
				if left -= d; left < 0 {
					break
				}
			}
		}
		centres = append(centres, at(chosen)...)
	}
	return centres
}

// assignAll gives each vector its nearest centre and reports whether any changed.
func assignAll(vectors, centres []float64, dim int, clusters []int32, distances []float64) bool {
	n := len(clusters)
	changes := make([]bool, n)
	parallel.For((n+block-1)/block, func(b int) {
		for i := b * block; i < min((b+1)*block, n); i++ {
			nearest, distance := nearestOf(vectors[i*dim:(i+1)*dim], centres)
			changes[i] = clusters[i] != int32(nearest)
			clusters[i], distances[i] = int32(nearest), distance
		}
	})
	return slices.Contains(changes, true)
}

// means returns the centre of each cluster.
func means(vectors []float64, dim, k int, clusters []int32, distances []float64) []float64 {
	centres, counts := make([]float64, k*dim), make([]int, k)
	for i, c := range clusters {
		counts[c]++
		for j := range dim {
			centres[int(c)*dim+j] += vectors[i*dim+j]
		}
	}
	for c, count := range counts {
		centre := centres[c*dim : (c+1)*dim]
		if count == 0 {
			far := 0
			for i, d := range distances {
				if d > distances[far] {
					far = i
				}
			}
			distances[far] = 0 // two empty clusters do not start at one vector
			copy(centre, vectors[far*dim:(far+1)*dim])
			continue
		}
		for j := range centre {
			centre[j] /= float64(count)
		}
	}
	return centres
}

// ClusterNMI clusters a set into as many clusters as it has classes and returns the [NMI] of clusters and classes.
func ClusterNMI(set Set, seed uint64) (float64, error) {
	classes := make(map[int32]bool)
	for _, label := range set.Labels {
		classes[label] = true
	}
	clusters, err := Cluster(set, len(classes), seed)
	if err != nil {
		return 0, err
	}
	return NMI(clusters, set.Labels)
}
