package losses_test

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// four are four vectors in the plane: two of each class, the second of class 0 nearer to class 1.
var four = [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}

// show prints a loss of the four vectors under pair-wise labels.
func show(loss losses.Loss, sim losses.Similarity) {
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		return losses.Mean.Of(loss, losses.Pairs(labels, embeddings, sim))
	})
}

// showClasses prints a loss of the four vectors against two class weights.
func showClasses(loss losses.Loss, sim losses.Similarity) {
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		weights := graph.Const(embeddings.Graph(), [][]float64{{1, 0.2}, {-0.2, 1}})
		return losses.Mean.Of(loss, losses.Classes(labels, embeddings, weights, sim))
	})
}

func print4(f func(labels, embeddings *graph.Node) *graph.Node) {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	value, err := graph.MustNewExec(backend, f).Call([]int32{0, 0, 1, 1}, four)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", tensors.ToScalar[float64](value[0]))
}

func ExampleCircle() {
	show(losses.DefaultCircle(), losses.Cosine)
	// Output: 16.9733
}

func ExampleCircle_classLevel() {
	showClasses(losses.Circle{Margin: 0.25, Gamma: 256}, losses.Cosine)
	// Output: 24.6091
}

func ExampleUnified() {
	show(losses.Unified{Margin: 0.2, Gamma: 16}, losses.Cosine)
	// Output: 2.4124
}

func ExampleSoftmax() {
	showClasses(losses.Softmax{}, losses.Dot)
	// Output: 0.3792
}

func ExampleNormFace() {
	showClasses(losses.DefaultNormFace(), losses.Cosine)
	// Output: 0.0473
}

func ExampleAMSoftmax() {
	showClasses(losses.DefaultAMSoftmax(), losses.Cosine)
	// Output: 4.3449
}

func ExampleTriplet() {
	show(losses.Triplet{Margin: 0.2, Mining: losses.MineHard}, losses.Normalized(losses.NegativeL2))
	// Output: 0.1655
}

func ExampleContrastive() {
	show(losses.DefaultContrastive(), losses.Normalized(losses.NegativeL2))
	// Output: 0.8553
}

func ExampleMargin() {
	show(losses.DefaultMargin(), losses.Normalized(losses.NegativeL2))
	// Output: 0.1613
}

func ExampleLiftedStructure() {
	show(losses.DefaultLiftedStructure(), losses.Normalized(losses.NegativeL2))
	// Output: 1.9703
}

func ExampleGeneralizedLifted() {
	show(losses.DefaultGeneralizedLifted(), losses.Normalized(losses.NegativeL2))
	// Output: 1.2413
}

func ExampleNPair() {
	show(losses.NPair{}, losses.Cosine)
	// Output: 0.8006
}

func ExampleNTXent() {
	show(losses.DefaultNTXent(), losses.Cosine)
	// Output: 0.9019
}

func ExampleSupCon() {
	show(losses.DefaultSupCon(), losses.Cosine)
	// Output: 0.7083
}

func ExampleNCA() {
	show(losses.DefaultNCA(), losses.Normalized(losses.NegativeSquaredL2))
	// Output: 0.6429
}

func ExampleMultiSimilarity() {
	show(losses.DefaultMultiSimilarity(), losses.Cosine)
	// Output: 0.4089
}

func ExampleAngular() {
	show(losses.DefaultAngular(), losses.Cosine)
	// Output: 0.8470
}

func ExampleArcFace() {
	showClasses(losses.ArcFace{Margin: 0.5, Gamma: 4}, losses.Cosine)
	// Output: 0.4250
}

func ExampleLargeMarginSoftmax() {
	showClasses(losses.LargeMarginSoftmax{Margin: 2}, losses.Cosine)
	// Output: 0.4939
}

func ExampleSphereFace() {
	showClasses(losses.SphereFace{Margin: 2, Lambda: losses.SphereFaceLambda(1000)}, losses.Cosine)
	// Output: 0.3941
}

func ExampleL2Softmax() {
	showClasses(losses.L2Softmax{Alpha: 4}, losses.UnitDot)
	// Output: 0.1496
}

func ExampleProxyNCA() {
	showClasses(losses.DefaultProxyNCA(), losses.Normalized(losses.NegativeSquaredL2))
	// Output: 0.2412
}

func ExampleProxyAnchor() {
	showClasses(losses.DefaultProxyAnchor(), losses.Cosine)
	// Output: 17.0066
}

func ExampleP2SGrad() {
	showClasses(losses.P2SGrad{}, losses.Cosine)
	// Output: 0.0979
}

func ExampleDCL() {
	show(losses.DefaultDCL(), losses.Cosine)
	// Output: -2.2979
}

func ExampleSigLIP() {
	show(losses.DefaultSigLIP(), losses.Cosine)
	// Output: 3.1364
}

func ExampleTupletMargin() {
	show(losses.DefaultTupletMargin(), losses.Cosine)
	// Output: 1.9770
}

func ExampleHistogram() {
	show(losses.DefaultHistogram(), losses.Cosine)
	// Output: 0.2500
}

func ExampleFastAP() {
	show(losses.DefaultFastAP(), losses.Cosine)
	// Output: 0.2500
}

func ExampleContrastive_squared() {
	show(losses.Contrastive{NegativeMargin: 1, Squared: true}, losses.Normalized(losses.NegativeL2))
	// Output: 0.6338
}

func ExampleContrastive_signalToNoise() {
	show(losses.DefaultContrastive(), losses.Normalized(losses.NegativeSNR))
	// Output: 9.4986
}

func ExampleSmoothAP() {
	show(losses.DefaultSmoothAP(), losses.Cosine)
	// Output: 0.2083
}

func ExamplePNP() {
	show(losses.DefaultPNP(), losses.Cosine)
	// Output: 0.2083
}

func ExampleRankedList() {
	show(losses.DefaultRankedList(), losses.Normalized(losses.NegativeL2))
	// Output: 0.1655
}

func ExampleThresholdConsistentMargin() {
	show(losses.DefaultThresholdConsistentMargin(), losses.Cosine)
	// Output: 0.3500
}

func ExampleIntraPairVariance() {
	show(losses.DefaultIntraPairVariance(), losses.Cosine)
	// Output: 0.1258
}

func ExampleVICReg() {
	show(losses.DefaultVICReg(), losses.NegativeSquaredL2)
	// Output: 18.2982
}

// Three centers a class: six rows of class weights.
func ExampleSubCenterArcFace() {
	showCenters(losses.SubCenterArcFace{Margin: 0.5, Gamma: 4, Centers: 3})
	// Output: 0.3093
}

func ExampleSoftTriple() {
	showCenters(losses.SoftTriple{Margin: 0.01, Gamma: 20, Temperature: 0.1, Centers: 3})
	// Output: 0.0140
}

func showCenters(loss losses.Centred) {
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		weights := graph.Const(embeddings.Graph(), [][]float64{{1, 0}, {0.8, 0.6}, {0.6, -0.8}, {0, 1}, {-0.6, 0.8}, {-1, 0}})
		return losses.Mean.Of(loss, losses.Classes(labels, embeddings, weights, losses.Measure(loss, losses.Cosine)))
	})
}

// The paper adds the distances between a class's centers with a weight of 0.2.
func ExampleCenterSpread() {
	print4(func(_, embeddings *graph.Node) *graph.Node {
		weights := graph.Const(embeddings.Graph(), [][]float64{{1, 0}, {0, 1}, {0, 1}, {0, 2}})
		return losses.CenterSpread(weights, 2) // of the classes √2 and 0
	})
	// Output: 0.7071
}

// The most similar positive against the most similar negative beyond it.
func ExampleMineBy() {
	miner := losses.MineBy(losses.MineEasy, losses.MineSemiHard)
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		return losses.Mean.Of(losses.DefaultCircle(), miner(losses.Pairs(labels, embeddings, losses.Cosine)))
	})
	// Output: 0.0004
}

// A batch against itself and the batches before it. In a model function, scope is the model's.
func ExampleMemory() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	exec, err := model.NewExec(backend, model.NewStore(), func(scope *model.Scope, labels, embeddings *graph.Node) *graph.Node {
		memory := losses.NewMemory(scope, shapes.Make(dtypes.Float64, 8, 2), 0)
		return losses.Mean.Of(losses.DefaultCircle(), memory.Scores(labels, embeddings, losses.Cosine))
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		value, err := exec.Call([]int32{0, 0, 1, 1}, four)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.4f\n", tensors.ToScalar[float64](value[0]))
	}
	// Output:
	// 16.9733
	// 17.9006
}

// A similarity of one's own: the cosine, but never below 0.
func ExampleSimilarityFunc() {
	show(losses.DefaultNTXent(), losses.SimilarityFunc(func(x, y *graph.Node) *graph.Node {
		return graph.Max(losses.Cosine.Of(x, y), graph.ScalarZero(x.Graph(), x.DType()))
	}))
	// Output: 0.9019
}

func ExampleMeanBetween() {
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		s := losses.Pairs(labels, embeddings, losses.Normalized(losses.NegativeL2))
		return losses.MeanBetween(0, 0.5).Of(losses.DefaultContrastive(), s) // no pair that is off by half or more
	})
	// Output: 0.3675
}

func ExampleMeanWeighted() {
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		ofClasses := graph.Const(labels.Graph(), []float64{1, 3})
		weights := graph.Gather(ofClasses, graph.InsertAxes(labels, -1))
		return losses.MeanWeighted(weights).Of(losses.DefaultNTXent(), losses.Pairs(labels, embeddings, losses.Cosine))
	})
	// Output: 1.2487
}

// A batch too large for the matrix of its similarities, in blocks: here of four rows, which need none.
func ExampleStream() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	stream, err := losses.NewStream(backend, losses.SameLabel, losses.DefaultCircle(), losses.Cosine, losses.Mean)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stream.Finalize()
	labels := tensors.FromValue([]int32{0, 0, 1, 1})
	embeddings := tensors.FromValue([][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {0.8, -0.6}})
	loss, gradient, err := stream.ValueAndGradient(labels, embeddings)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f %s\n", loss, gradient.Shape())
	// Output: 134.4000 (Float64)[4, 2]
}
