package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Miners choose the pairs that a loss learns from. The last is one of one's own: it drops negatives that point away from the anchor.
func ExampleMiner() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	labels := []int32{0, 0, 1, 1}
	embeddings := [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}
	for _, c := range []struct {
		name  string
		miner losses.Miner
	}{
		{"all pairs", losses.ByAutodiff},
		{"hardest", losses.HardestPairs},
		{"easy, semi-hard", losses.MineBy(losses.MineEasy, losses.MineSemiHard)},
		{"multi-similarity", losses.MultiSimilarityPairs(0.1)},
		{"my own", func(s losses.Scores) losses.Scores {
			near := graph.GreaterThan(s.Similarity, graph.ScalarZero(s.Similarity.Graph(), s.Similarity.DType()))
			s.Negative = graph.LogicalAnd(s.Negative, near)
			return s
		}},
	} {
		lossFn := losses.PairWise(losses.DefaultCircle(), losses.Cosine, losses.Mean, c.miner)
		value, err := graph.CallOnce(backend, func(labels, embeddings *graph.Node) *graph.Node {
			return lossFn([]*graph.Node{labels}, []*graph.Node{embeddings})
		}, labels, embeddings)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-17s %.4f\n", c.name, value.Value())
	}
	// Output:
	// all pairs         16.9733
	// hardest           16.8000
	// easy, semi-hard   0.0004
	// multi-similarity  33.6000
	// my own            22.4000
}
