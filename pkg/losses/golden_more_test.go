package losses_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/pmlgolden"
	"github.com/unipair/unipair/pkg/losses"
)

// resultsOf are the float64 results of a variant on the batches where the library gave one.
func resultsOf(variant string) []pmlgolden.Result {
	return slices.DeleteFunc(slices.Clone(pmlgolden.Read().Results), func(r pmlgolden.Result) bool {
		return r.Variant != variant || r.Type != "f64" || r.Error != ""
	})
}

func TestGoldenClassWeights(t *testing.T) {
	b := backendtest.Go(t)
	classWeights := pmlgolden.Read().Numbers("class_weights")
	for _, want := range resultsOf("triplet_class_weighted") {
		in := goldenBatch(want)
		weights := make([]float64, len(in.labels))
		for i, label := range in.labels {
			weights[i] = classWeights[label]
		}
		got := evaluate(t, b, dtypes.Float64, in, pairs(unitL2), func(s losses.Scores) *graph.Node {
			return losses.MeanWeighted(graph.Const(s.Similarity.Graph(), weights)).Of(triplet(0.2), s)
		})
		same(t, want.Case, got, goldenResult(want, in), 1e-9, 1e-8)
	}
}

// The boundary β of each class, learnt: the others of the batch are here β itself, one number a class. The library adds ν = 0.01
// times the anchor's β to each triplet.
func TestGoldenBetaPerClass(t *testing.T) {
	b := backendtest.Go(t)
	margin := losses.DefaultMargin()
	for _, want := range resultsOf("margin_beta_per_class") {
		c := pmlgolden.Read().Cases[want.Case]
		in := batch{labels: c.Labels, embeddings: c.Embeddings}
		for _, beta := range pmlgolden.Read().Numbers("beta") {
			in.others = append(in.others, []float64{beta})
		}
		var ofAnchors *graph.Node
		got := evaluate(t, b, dtypes.Float64, in, func(labels, embeddings, betas, _ *graph.Node) losses.Scores {
			ofAnchors = graph.Gather(graph.Squeeze(betas, 1), graph.InsertAxes(labels, -1))
			return margin.WithBeta(losses.Pairs(labels, embeddings, unitL2), ofAnchors)
		}, func(s losses.Scores) *graph.Node {
			sum, count := tripletTerms(margin, s)
			number := func(mask *graph.Node) *graph.Node {
				return graph.ReduceSum(graph.ConvertDType(mask, dtypes.Float64), -1)
			}
			triplets := graph.Mul(number(s.Positive), number(s.Negative))
			regularizer := graph.MulScalar(graph.ReduceAllSum(graph.Mul(triplets, ofAnchors)), 0.01)
			return graph.Div(graph.Add(sum, regularizer), graph.Max(count, graph.OnesLike(count)))
		})
		expected := result{
			loss:       want.Loss(),
			embeddings: want.Decode(want.Gradient, len(in.embeddings)*len(in.embeddings[0])),
			others:     want.Decode(want.Parameter["beta"], len(in.others)),
		}
		same(t, want.Case, got, expected, 1e-9, 1e-8)
	}
}

// Four batches through a memory of ten slots, which they overflow: the value and gradient of the last.
func TestGoldenMemory(t *testing.T) {
	b := backendtest.Go(t)
	for variant, ours := range map[string]published{
		"xbm_ContrastiveLoss_m10":   {losses.DefaultContrastive(), pairs(unitL2), losses.MeanNonZero},
		"xbm_TripletMarginLoss_m10": {triplet(0.05), pairs(unitL2), losses.MeanNonZero},
		"xbm_CircleLoss_m10":        {circle, pairs(losses.Cosine), losses.MeanNonZero},
		"xbm_NTXentLoss_m10":        {losses.DefaultNTXent(), pairs(losses.Cosine), losses.MeanTerms},
	} {
		var sim losses.Similarity = losses.Cosine
		switch ours.loss.(type) {
		case losses.Contrastive, losses.Triplet:
			sim = unitL2
		}
		for _, want := range resultsOf(variant) {
			in := goldenBatch(want)
			rows := len(in.labels) / 4
			step := memoryStep(t, b, model.NewStore(), shapes.Make(dtypes.Float64, 10, len(in.embeddings[0])), 0,
				func(s losses.Scores) *graph.Node { return ours.reduce.Of(ours.loss, s) }, sim)
			var last result
			for i := range 4 {
				last = step(in.labels[i*rows:(i+1)*rows], in.embeddings[i*rows:(i+1)*rows])
			}
			whole := goldenResult(want, in)
			whole.embeddings = whole.embeddings[3*rows*len(in.embeddings[0]):][:len(last.embeddings)]
			learns(t, variant, whole)
			same(t, variant+"/"+want.Case, last, whole, 1e-9, 1e-8)
		}
	}
}

// The masks of miners, as pairs of rows. Ties stay together here; the batches of the file with ties are not among these.
func TestGoldenMiners(t *testing.T) {
	b := backendtest.Go(t)
	file := pmlgolden.Read()
	miners := goldenMiners()
	for _, want := range file.Miners {
		ours, known := miners[want.Miner]
		if !known {
			if absentMiners[want.Miner] == "" {
				t.Errorf("%s is neither compared nor named", want.Miner)
			}
			continue
		}
		in := file.Cases[want.Case]
		exec := graph.MustNewExec(b, func(labels, embeddings *graph.Node) (*graph.Node, *graph.Node) {
			s := ours.miner(losses.Pairs(labels, embeddings, ours.sim))
			return s.Positive, s.Negative
		})
		out, err := exec.Call(in.Labels, in.Embeddings)
		if err != nil {
			t.Fatal(err)
		}
		positive, negative := pairsOf(want.Indices)
		if got := pairsOfMask(out[0]); !maps.Equal(got, positive) {
			t.Errorf("%s/%s: positives %v, want %v", want.Miner, want.Case, got, positive)
		}
		if got := pairsOfMask(out[1]); !maps.Equal(got, negative) {
			t.Errorf("%s/%s: negatives %v, want %v", want.Miner, want.Case, got, negative)
		}
		exec.Finalize()
	}
}

// absentMiners lists the miners that have no counterpart here, and why.
var absentMiners = map[string]string{
	"angular_20": "there the vectors keep their lengths, though angles of triangles on the sphere are meant",
	"hdc_0.5":    "a share of the batch's pairs: how hard they are depends on the others' classes, not on the anchor",
}

type goldenMiner struct {
	miner losses.Miner
	sim   losses.Similarity
}

func goldenMiners() map[string]goldenMiner {
	miners := map[string]goldenMiner{
		"multi_similarity_e0.1":    {losses.MultiSimilarityPairs(0.1), losses.Cosine},
		"multi_similarity_e0.1_l2": {losses.MultiSimilarityPairs(0.1), unitL2},
		"batch_hard":               {losses.HardestPairs, unitL2},
		"pair_margin":              {losses.PairsBeyond(0.2, 0.8), unitL2},
		"pair_margin_cos":          {losses.PairsBeyond(-0.7, -0.2), losses.Cosine},
	}
	for name, mining := range map[string]losses.Mining{
		"all": losses.MineAll, "hard": losses.MineHard, "semihard": losses.MineSemiHard, "easy": losses.MineEasy,
	} {
		miners["triplet_"+name] = goldenMiner{losses.PairsOfTriplets(0.2, mining), unitL2}
		for other, negatives := range map[string]losses.Mining{
			"all": losses.MineAll, "hard": losses.MineHard, "semihard": losses.MineSemiHard, "easy": losses.MineEasy,
		} {
			miners[fmt.Sprintf("easyhard_%s_%s", name, other)] = goldenMiner{losses.MineBy(mining, negatives), unitL2}
		}
	}
	return miners
}

// pairsOf takes the pairs of an index tuple apart: four lists for pairs, three for triplets.
func pairsOf(indices [][]int) (positive, negative map[[2]int]bool) {
	positive, negative = map[[2]int]bool{}, map[[2]int]bool{}
	others := indices[len(indices)-1]
	for i, a := range indices[0] {
		positive[[2]int{a, indices[1][i]}] = true
	}
	anchors := indices[0]
	if len(indices) == 4 {
		anchors = indices[2]
	}
	for i, a := range anchors {
		negative[[2]int{a, others[i]}] = true
	}
	return positive, negative
}

func pairsOfMask(mask *tensors.Tensor) map[[2]int]bool {
	set := map[[2]int]bool{}
	for a, row := range mask.Value().([][]bool) {
		for j, yes := range row {
			if yes {
				set[[2]int{a, j}] = true
			}
		}
	}
	return set
}

// The matrices of similarities.
func TestGoldenDistances(t *testing.T) {
	file := pmlgolden.Read()
	sims := map[string]losses.Similarity{
		"cosine": losses.Cosine, "dot_normalized(v2 default)": losses.Cosine, "dot": losses.Dot,
		"l2_normalized": unitL2, "l2": losses.NegativeL2, "l2_squared": losses.NegativeSquaredL2,
		"l1": losses.NegativeLp(1), "snr": losses.NegativeSNR, "snr_normalized": losses.Normalized(losses.NegativeSNR),
		"l1_normalized(by l1 norm)": nil, // here vectors are normalised to a length, always that of L2
	}
	for _, want := range file.Distances {
		sim, known := sims[want.Name]
		if !known {
			t.Errorf("%s is neither compared nor named", want.Name)
		}
		if sim == nil {
			continue
		}
		x, y := file.Cases["unbalanced"].Embeddings[:5], file.Vectors("ref_set")
		got, err := graph.MustNewExec(backendtest.Go(t), func(x, y *graph.Node) *graph.Node { return sim.Of(x, y) }).Call(x, y)
		if err != nil {
			t.Fatal(err)
		}
		values := tensors.MustCopyFlatData[float64](got[0])
		if want.Name != "cosine" && want.Name != "dot" && want.Name != "dot_normalized(v2 default)" {
			for i := range values {
				values[i] = -values[i] // a distance is a similarity with a minus sign
			}
		}
		sameNumbers(t, want.Name, values, want.Values(len(x)*len(y)), 1e-12)
	}
}
