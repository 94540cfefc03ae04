package losses_test

import (
	"maps"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/pmlgolden"
	"github.com/unipair/unipair/pkg/losses"
)

// published maps a variant of pytorch-metric-learning to the same loss here.
type published struct {
	loss   losses.Loss
	scores scoring
	reduce losses.Reduction
}

var (
	unitL2        = losses.Normalized(losses.NegativeL2)
	unitSquaredL2 = losses.Normalized(losses.NegativeSquaredL2)
	circle        = losses.Circle{Margin: 0.4, Gamma: 80}
)

func triplet(margin float64) losses.Triplet {
	return losses.Triplet{Margin: margin, Mining: losses.MineAll}
}

// deviations lists where the values or gradients differ on purpose, and why; a test of the better behaviour stands beside
// each of them.
var deviations = map[string]string{
	"triplet_batch_hard/duplicates":        "the hardest pairs tie: here they share the gradient, there the first takes it all (TestTiesShare)",
	"ntxent_t0.01/*/f32":                   "there a tiny number added inside the logarithm caps the loss at 87.3 with no gradient (TestNTXentAtLowTemperature)",
	"gen_lifted/same":                      "an anchor without negatives has nothing to learn here; there its positives alone make a loss (TestNothingToLearnIsZero)",
	"gen_lifted/distinct":                  "an anchor without positives has nothing to learn here (TestNothingToLearnIsZero)",
	"gen_lifted/singleton":                 "as gen_lifted/distinct",
	"nca/distinct":                         "there NaN, the mean of no anchors; 0 here (TestNothingToLearnIsZero)",
	"nca_s10/distinct":                     "as nca/distinct",
	"triplet_easy_pos_semihard/duplicates": "as triplet_batch_hard/duplicates",
	"smooth_ap/duplicates":                 "there the batch is cut into groups of the wrong size, unless it has as many classes as rows a class (TestSmoothAPByHand)",
	"smooth_ap/same":                       "without negatives the loss is 0; there a rounding error of float32 (TestSmoothAPByHand)",
	"ranked_list/*":                        "there 1e-5 is added to each weight of the mean, 0 or not, and a negative at distance 0 is left out (TestRankedListByHand)",
	"angular_a40/large":                    "cosines are bounded, and the sums are made for that; there negatives keep a length of 1024 (TestAngularByHand)",
	"angular_a45/large":                    "as angular_a40/large",
	"circle_batch_hard/duplicates":         "pairs that tie stay together here, there the first is taken (TestMinersByHand)",
	"tuplet_margin/duplicates":             "there NaN, an arc cosine of more than 1 (TestDegenerateBatchesStayFinite)",
	"p2sgrad/*":                            "there weights are brought to length 1 − 5e-8 in place, and their gradient leaves that out (TestP2SGradByHand)",
	"contrastive_cos/duplicates/f32":       "whether 1 − s of equal vectors counts as above 0 is rounding, in both",
}

// absent lists the variants that have no counterpart here, and why.
var absent = map[string]string{
	"instance":            "there the target is the label's rank taken for a column of the batch: right only for labels 0, 1, 2 …, where it is the row itself",
	"dynamic_soft_margin": "there its histogram keeps the graph, so that a second step raises, and a distance difference above 1.6 is out of its range",
	"manifold_K4":         "a random walk over learnt proxies with a matrix inverse in float32: no function of similarity scores, and its gradient is not its value's",
}

// elsewhere lists the variants that a test of their own compares.
var elsewhere = map[string]string{
	"triplet_class_weighted": "TestGoldenClassWeights", "margin_beta_per_class": "TestGoldenBetaPerClass",
	"xbm_ContrastiveLoss_m10": "TestGoldenMemory", "xbm_TripletMarginLoss_m10": "TestGoldenMemory",
	"xbm_CircleLoss_m10": "TestGoldenMemory", "xbm_NTXentLoss_m10": "TestGoldenMemory",
}

// Nothing of the file is left out in silence.
func TestGoldenIsWhole(t *testing.T) {
	for variant := range pmlgolden.Read().Variants {
		_, pair := goldenPairLosses[variant]
		_, class := goldenClassLosses[variant]
		if !pair && !class && absent[variant] == "" && elsewhere[variant] == "" {
			t.Errorf("%s is neither compared nor named", variant)
		}
	}
}

// differs reports whether a result is listed: by variant and case (or *), and perhaps type.
func differs(want pmlgolden.Result) bool {
	for _, key := range []string{"/" + want.Case, "/" + want.Case + "/" + want.Type, "/*", "/*/" + want.Type} {
		if _, listed := deviations[want.Variant+key]; listed {
			return true
		}
	}
	return false
}

// The values and gradients of pytorch-metric-learning, on every batch of the file.
func TestGolden(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		byVariant := map[string][]pmlgolden.Result{}
		for _, r := range pmlgolden.Read().Results {
			byVariant[r.Variant+" "+r.Type] = append(byVariant[r.Variant+" "+r.Type], r)
		}
		goldenLosses := maps.Clone(goldenPairLosses)
		maps.Copy(goldenLosses, goldenClassLosses)
		for variant, ours := range goldenLosses {
			for _, kind := range []string{"f64", "f32"} {
				t.Run(variant+"/"+kind, func(t *testing.T) {
					t.Parallel()
					compareGolden(t, b, ours, kind, byVariant[variant+" "+kind])
				})
			}
		}
	})
}

// onXLA are the batches of two of the four shapes: it takes a second to compile a graph for a shape, and that the backends
// agree needs no more.
var onXLA = map[string]bool{"pk": true, "tiny": true, "large": true, "singleton": true, "duplicates": true}

// float32Inside are the losses that the library computes in float32 in part, whatever it is given.
var float32Inside = map[string]bool{"histogram_100": true, "histogram_20": true, "smooth_ap": true}

// compareGolden compares a loss with all results of its variant in one type: eight batches, compiled once a shape.
func compareGolden(t *testing.T, b compute.Backend, ours published, kind string, results []pmlgolden.Result) {
	if len(results) == 0 {
		t.Fatal("the file has no result of it")
	}
	dtype, valueTolerance, gradientTolerance := dtypes.Float64, 1e-9, 1e-8
	if kind == "f32" {
		dtype, valueTolerance, gradientTolerance = dtypes.Float32, 2e-5, 1e-4
	}
	eval := newEvaluator(b, dtype, ours.scores, reduced(ours.loss, ours.reduce))
	defer eval.Finalize()
	if float32Inside[results[0].Variant] {
		valueTolerance, gradientTolerance = max(valueTolerance, 1e-6), max(gradientTolerance, 1e-5)
	}
	for _, want := range results {
		if differs(want) || want.Error != "" || b.Name() == "xla" && !onXLA[want.Case] {
			continue
		}
		in := goldenBatch(want)
		same(t, want.Case, eval.of(t, in), goldenResult(want, in), valueTolerance, gradientTolerance)
	}
}

// layout says how a parameter of the library lies; ours are all [classes, dim].
var layout = map[string]string{
	"W": "[dim, classes]", "fc": "[dim, classes]", "weight": "[dim, classes]", "proxies": "[classes, dim]",
}

// goldenBatch is the batch that a result of the file was computed of.
func goldenBatch(want pmlgolden.Result) batch {
	file := pmlgolden.Read()
	c := file.Cases[want.Case]
	in := batch{labels: c.Labels, embeddings: c.Embeddings}
	switch variant := file.Variants[want.Variant]; variant.Kind {
	case "class":
		for name, key := range variant.Params {
			if in.others = file.Vectors(key); layout[name] == "[dim, classes]" {
				in.others = transposed(in.others)
			}
		}
	case "self", "vicreg":
		in.others = file.Vectors("ref")[:len(in.embeddings)]
	case "ref":
		in.others = file.Vectors("ref_set")
		for _, label := range file.Numbers("ref_labels") {
			in.otherLabel = append(in.otherLabel, int32(label))
		}
	}
	return in
}

// goldenResult decodes a result of the file.
func goldenResult(want pmlgolden.Result, in batch) result {
	dim := len(in.embeddings[0])
	r := result{loss: want.Loss(), embeddings: want.Decode(want.Gradient, len(in.embeddings)*dim)}
	if want.Reference != "" {
		r.others = want.Decode(want.Reference, len(in.others)*dim)
	}
	for name, gradient := range want.Parameter {
		r.others = want.Decode(gradient, len(in.others)*dim)
		if layout[name] == "[dim, classes]" {
			theirs := r.others
			r.others = make([]float64, len(theirs))
			for i := range theirs {
				r.others[i%len(in.others)*dim+i/len(in.others)] = theirs[i]
			}
		}
	}
	return r
}

func transposed(rows [][]float64) [][]float64 {
	columns := make([][]float64, len(rows[0]))
	for _, row := range rows {
		for j, x := range row {
			columns[j] = append(columns[j], x)
		}
	}
	return columns
}
