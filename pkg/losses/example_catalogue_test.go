package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Every loss of the package on one batch, each in its default setting and with the similarity of its paper. Class-level losses compare with
// two class vectors, or with several copies of them if they have several centers per class.
func ExampleCatalogue() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	labels := []int32{0, 0, 1, 1}
	embeddings := [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}
	for _, entry := range losses.Catalogue() {
		loss := entry.Default
		value, err := graph.CallOnce(backend, func(labels, embeddings *graph.Node) *graph.Node {
			if entry.Labels == losses.PairLabels {
				return losses.Mean.Of(loss, losses.Pairs(labels, embeddings, entry.Similarity))
			}
			var weights [][]float64
			for _, class := range [][]float64{{1, 0.2}, {-0.2, 1}} {
				for range losses.CentersOf(loss) {
					weights = append(weights, class)
				}
			}
			classWeights := graph.Const(labels.Graph(), weights)
			return losses.Mean.Of(loss, losses.Classes(labels, embeddings, classWeights, losses.Measure(loss, entry.Similarity)))
		}, labels, embeddings)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-27s %-22v %8.4f\n", entry.Name, entry.Similarity, value.Value())
	}
	// Output:
	// softmax                     dot                      0.3792
	// normface                    cosine                   0.0473
	// am-softmax                  cosine                   4.3449
	// l2-softmax                  unit-dot                 0.0613
	// large-margin-softmax        cosine                   0.8093
	// sphereface                  cosine                   0.8052
	// arcface                     cosine                   5.3194
	// sub-center-arcface          cosine                   5.3194
	// soft-triple                 cosine                   0.0567
	// proxy-nca                   normalized-l2-squared    0.2412
	// proxy-anchor                cosine                  17.0066
	// p2sgrad                     cosine                   0.0979
	// unified                     cosine                  14.4000
	// triplet                     normalized-l2            0.0827
	// contrastive                 normalized-l2            0.8553
	// snr-contrastive             normalized-snr           9.4986
	// margin                      normalized-l2            0.1613
	// lifted-structure            normalized-l2            1.9703
	// generalized-lifted          normalized-l2            1.2413
	// n-pair                      cosine                   0.8006
	// nt-xent                     cosine                   0.9019
	// sup-con                     cosine                   0.7083
	// nca                         normalized-l2-squared    0.6429
	// angular                     cosine                   0.8470
	// multi-similarity            cosine                   0.4089
	// dcl                         cosine                  -2.2979
	// siglip                      cosine                   3.1364
	// tuplet-margin               cosine                   1.9770
	// histogram                   cosine                   0.2500
	// fast-ap                     cosine                   0.2500
	// smooth-ap                   cosine                   0.2083
	// pnp                         cosine                   0.2083
	// ranked-list                 normalized-l2            0.1655
	// threshold-consistent-margin cosine                   0.3500
	// intra-pair-variance         cosine                   0.1258
	// vicreg                      l2-squared              18.2982
	// circle                      cosine                  16.9733
}
