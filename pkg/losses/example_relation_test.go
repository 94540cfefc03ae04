package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Relations say which pairs are positive (+), negative (-) or neither (.):
//
//   - rows of one class, [losses.SameLabel];
//   - images with several labels each, [losses.SharedLabels]: the first has beach and dog, the second dog, the third car;
//   - a tree of classes, [losses.SameBranch]: one species is positive, another species of the genus neither, another genus negative;
//   - pairs that people have judged, [losses.GivenPairs]: 1 for the same, −1 for different, 0 for those nobody has looked at.
func ExampleRelation() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		related losses.Relation
		labels  any
	}{
		{"SameLabel", losses.SameLabel, []int32{7, 7, 8}},
		{"SharedLabels", losses.SharedLabels, [][]int32{{1, 1, 0}, {0, 1, 0}, {0, 0, 1}}},
		{"SameBranch(1)", losses.SameBranch(1), [][]int32{{0, 0}, {0, 0}, {0, 1}, {1, 0}}},
		{"GivenPairs", losses.GivenPairs, [][]int32{{0, 1, 0}, {1, 0, -1}, {0, -1, 0}}},
	} {
		masks, err := graph.CallOnceN(backend, func(labels *graph.Node) (positive, negative *graph.Node) {
			rows := labels.Shape().Dim(0)
			embeddings := graph.IotaFull(labels.Graph(), shapes.Make(dtypes.Float32, rows, 2))
			s := losses.PairsBy(c.related, labels, embeddings, losses.Dot)
			return s.Positive, s.Negative
		}, c.labels)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.name)
		printPairs(masks[0].Value().([][]bool), masks[1].Value().([][]bool))
	}
	// Output:
	// SameLabel
	// .+-
	// +.-
	// --.
	// SharedLabels
	// .+-
	// +.-
	// --.
	// SameBranch(1)
	// .+.-
	// +..-
	// ...-
	// ---.
	// GivenPairs
	// .+.
	// +.-
	// .-.
}

func printPairs(positive, negative [][]bool) {
	for i := range positive {
		line := ""
		for j := range positive[i] {
			switch {
			case positive[i][j]:
				line += "+"
			case negative[i][j]:
				line += "-"
			default:
				line += "."
			}
		}
		fmt.Println(line)
	}
}
