package losses_test

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

var goldenPairLosses = map[string]published{
	"circle_m0.4_g80":    {circle, pairs(losses.Cosine), losses.Mean},
	"circle_m0.25_g256":  {losses.Circle{Margin: 0.25, Gamma: 256}, pairs(losses.Cosine), losses.Mean},
	"circle_m0.25_g64":   {losses.Circle{Margin: 0.25, Gamma: 64}, pairs(losses.Cosine), losses.MeanNonZero},
	"circle_mean":        {circle, pairs(losses.Cosine), losses.MeanAll},
	"circle_sum":         {circle, pairs(losses.Cosine), losses.Sum},
	"circle_ref":         {circle, against(losses.Cosine), losses.Mean},
	"triplet":            {triplet(0.05), pairs(unitL2), losses.MeanNonZero},
	"triplet_m0.2":       {triplet(0.2), pairs(unitL2), losses.MeanNonZero},
	"triplet_m0.2_mean":  {triplet(0.2), pairs(unitL2), losses.MeanTerms},
	"triplet_smooth":     {losses.Triplet{Soft: true, Mining: losses.MineAll}, pairs(unitL2), losses.MeanNonZero},
	"triplet_cos":        {triplet(0.2), pairs(losses.Cosine), losses.MeanNonZero},
	"triplet_l2sq":       {triplet(0.2), pairs(unitSquaredL2), losses.MeanNonZero},
	"triplet_batch_hard": {losses.Triplet{Margin: 0.3, Mining: losses.MineHard}, pairs(unitL2), losses.MeanNonZero},
	"triplet_semihard":   {losses.Triplet{Margin: 0.2, Mining: losses.MineSemiHard}, pairs(unitL2), losses.MeanNonZero},
	"triplet_ref":        {triplet(0.2), against(unitL2), losses.MeanNonZero},

	"contrastive":          {losses.DefaultContrastive(), pairs(unitL2), losses.MeanNonZero},
	"contrastive_cos":      {losses.Contrastive{PositiveMargin: -1, NegativeMargin: 0}, pairs(losses.Cosine), losses.MeanNonZero},
	"contrastive_l2sq":     {losses.Contrastive{PositiveMargin: 0.1, NegativeMargin: 1.5}, pairs(unitSquaredL2), losses.MeanNonZero},
	"contrastive_raw":      {losses.DefaultContrastive(), pairs(losses.NegativeL2), losses.MeanNonZero},
	"contrastive_mean":     {losses.DefaultContrastive(), pairs(unitL2), losses.MeanTerms},
	"contrastive_ref":      {losses.DefaultContrastive(), against(unitL2), losses.MeanNonZero},
	"lifted":               {losses.DefaultLiftedStructure(), pairs(unitL2), losses.MeanTerms},
	"lifted_cos":           {losses.LiftedStructure{PositiveMargin: -1, NegativeMargin: 0}, pairs(losses.Cosine), losses.MeanTerms},
	"gen_lifted":           {losses.DefaultGeneralizedLifted(), pairs(unitL2), losses.MeanAll},
	"multi_similarity":     {losses.DefaultMultiSimilarity(), pairs(losses.Cosine), losses.MeanAll},
	"multi_similarity_ref": {losses.DefaultMultiSimilarity(), against(losses.Cosine), losses.MeanAll},
	"ntxent_t0.07":         {losses.NTXent{Temperature: 0.07}, pairs(losses.Cosine), losses.MeanTerms},
	"ntxent_t0.5":          {losses.NTXent{Temperature: 0.5}, pairs(losses.Cosine), losses.MeanTerms},
	"ntxent_t0.01":         {losses.NTXent{Temperature: 0.01}, pairs(losses.Cosine), losses.MeanTerms},
	"ntxent_ref":           {losses.NTXent{Temperature: 0.07}, against(losses.Cosine), losses.MeanTerms},
	"supcon_t0.1":          {losses.SupCon{Temperature: 0.1}, pairs(losses.Cosine), losses.Mean},
	"supcon_ref":           {losses.SupCon{Temperature: 0.1}, against(losses.Cosine), losses.Mean},
	"nca":                  {losses.NCA{Scale: 1}, pairs(unitSquaredL2), losses.Mean},
	"nca_s10":              {losses.NCA{Scale: 10}, pairs(unitSquaredL2), losses.Mean},
	"snr_contrastive":      {losses.DefaultContrastive(), pairs(losses.Normalized(losses.NegativeSNR)), losses.MeanNonZero},
	"tuplet_margin":        {losses.DefaultTupletMargin(), pairs(losses.Cosine), losses.MeanTerms},
	"histogram_100":        {losses.DefaultHistogram(), pairs(losses.Cosine), losses.Mean},
	"histogram_20":         {losses.Histogram{Bins: 20}, pairs(losses.Cosine), losses.Mean},
	"fast_ap":              {losses.DefaultFastAP(), pairs(losses.Cosine), losses.Mean},
	"circle_ms_miner":      {circle, mined(pairs(losses.Cosine), losses.MultiSimilarityPairs(0.1)), losses.MeanNonZero},
	"circle_batch_hard":    {circle, mined(pairs(losses.Cosine), losses.HardestPairs), losses.MeanNonZero},
	"multi_similarity_a2_b40_l0.5_miner": {
		losses.MultiSimilarity{Alpha: 2, Beta: 40, Base: 0.5}, mined(pairs(losses.Cosine), losses.MultiSimilarityPairs(0.1)), losses.MeanAll,
	},
	"contrastive_pair_miner": {losses.DefaultContrastive(), mined(pairs(unitL2), losses.PairsBeyond(0.2, 0.8)), losses.MeanNonZero},

	"contrastive_per_anchor": {losses.DefaultContrastive(), pairs(unitL2), losses.MeanAll},
	"contrastive_threshold":  {losses.DefaultContrastive(), pairs(unitL2), losses.MeanBetween(0.1, 0.9)},
	"triplet_swap":           {losses.Triplet{Margin: 0.2, Mining: losses.MineAll, Swap: true}, pairs(unitL2), losses.MeanNonZero},
	"triplet_easy_pos_semihard": {
		losses.Triplet{Margin: 0.2, Mining: losses.MineEasyPositive}, pairs(unitL2), losses.MeanNonZero,
	},
	"margin_fixed_beta":   {losses.Margin{Alpha: 0.2, Beta: float64(float32(1.2))}, pairs(unitL2), losses.ReductionFunc(perTriplet)},
	"angular_a40":         {losses.Angular{Angle: 40}, rawNegatives, losses.MeanTerms},
	"angular_a45":         {losses.Angular{Angle: 45}, rawNegatives, losses.MeanTerms},
	"npairs":              {losses.NPair{}, firstPairs(losses.Cosine), losses.MeanTerms},
	"npairs_raw":          {losses.NPair{}, firstPairs(losses.Dot), losses.MeanTerms},
	"pnp_O":               {penalised(losses.PenaltyO), withSelf, losses.Mean},
	"pnp_Ds":              {penalised(losses.PenaltyDs), withSelf, losses.Mean},
	"pnp_Dq":              {penalised(losses.PenaltyDq), withSelf, losses.Mean},
	"pnp_Iu":              {penalised(losses.PenaltyIu), withSelf, losses.Mean},
	"pnp_Ib":              {penalised(losses.PenaltyIb), withSelf, losses.Mean},
	"smooth_ap":           {losses.DefaultSmoothAP(), withSelf, losses.Mean},
	"ranked_list":         {losses.DefaultRankedList(), pairs(unitL2), losses.MeanAll},
	"tcm":                 {losses.DefaultThresholdConsistentMargin(), pairs(losses.Cosine), losses.MeanTerms},
	"intra_pair_variance": {losses.DefaultIntraPairVariance(), pairs(losses.Cosine), losses.MeanTerms},
	"vicreg":              {losses.DefaultVICReg(), views(losses.NegativeSquaredL2), losses.Mean},

	"selfsup_NTXentLoss_asym":          {losses.DefaultNTXent(), views(losses.Cosine), losses.MeanTerms},
	"selfsup_TripletMarginLoss_asym":   {triplet(0.05), views(unitL2), losses.MeanNonZero},
	"selfsup_CircleLoss_asym":          {circle, views(losses.Cosine), losses.MeanNonZero},
	"selfsup_MultiSimilarityLoss_asym": {losses.DefaultMultiSimilarity(), views(losses.Cosine), losses.MeanAll},
	"selfsup_NTXentLoss_sym":           {losses.DefaultNTXent(), bothViews(losses.Cosine), losses.MeanTerms},
	"selfsup_TripletMarginLoss_sym":    {triplet(0.05), bothViews(unitL2), losses.MeanNonZero},
	"selfsup_CircleLoss_sym":           {circle, bothViews(losses.Cosine), losses.MeanNonZero},
	"selfsup_MultiSimilarityLoss_sym":  {losses.DefaultMultiSimilarity(), bothViews(losses.Cosine), losses.MeanAll},
}

func penalised(penalty losses.Penalty) losses.PNP {
	loss := losses.DefaultPNP()
	loss.Penalty = penalty
	return loss
}

// withSelf counts a row that has a positive among its own positives, as the library does in its losses of ranks.
func withSelf(labels, embeddings, _, _ *graph.Node) losses.Scores {
	s := losses.Pairs(labels, embeddings, losses.Cosine)
	self := graph.Diagonal(labels.Graph(), labels.Shape().Dim(0))
	some := graph.InsertAxes(graph.ReduceLogicalOr(s.Positive, -1), -1)
	s.Positive = graph.LogicalOr(s.Positive, graph.LogicalAnd(self, some))
	return s
}

// views compares a batch with as many reference vectors: row i of both are views of one thing.
func views(sim losses.Similarity) scoring {
	return func(labels, embeddings, others, _ *graph.Node) losses.Scores {
		numbers := graph.Iota(labels.Graph(), labels.Shape(), 0)
		return losses.PairsAgainst(numbers, embeddings, numbers, others, sim)
	}
}

// bothViews puts them in one batch.
func bothViews(sim losses.Similarity) scoring {
	return func(labels, embeddings, others, _ *graph.Node) losses.Scores {
		numbers := graph.Iota(labels.Graph(), labels.Shape(), 0)
		return losses.Pairs(graph.Concatenate([]*graph.Node{numbers, numbers}, 0),
			graph.Concatenate([]*graph.Node{embeddings, others}, 0), sim)
	}
}

// rawNegatives leaves negatives the lengths they have, as the library's angular loss does.
func rawNegatives(labels, embeddings, _, _ *graph.Node) losses.Scores {
	s := losses.Pairs(labels, embeddings, losses.Cosine)
	s.Similarity = graph.Where(s.Positive, s.Similarity, losses.UnitDot.Of(embeddings, embeddings))
	return s
}

// firstPairs takes one pair a class, its first row with its second, as the library's N-pair loss does.
func firstPairs(sim losses.Similarity) scoring {
	return func(labels, embeddings, _, _ *graph.Node) losses.Scores {
		s := losses.Pairs(labels, embeddings, sim)
		n := labels.Shape().Dim(0)
		same := graph.ConvertDType(s.Positive, dtypes.Int32)
		earlier := graph.ConvertDType(graph.LowerTriangular(labels.Graph(), n), dtypes.Int32)
		before := graph.ReduceSum(graph.Mul(same, earlier), -1)
		all := graph.ReduceSum(same, -1)
		first := graph.LogicalAnd(graph.Equal(before, graph.ZerosLike(before)), graph.GreaterThan(all, graph.ZerosLike(all)))
		second := graph.Equal(before, graph.OnesLike(before))
		pair := graph.LogicalAnd(graph.InsertAxes(first, 1), graph.InsertAxes(second, 0))
		s.Positive, s.Negative = graph.LogicalAnd(s.Positive, pair), graph.LogicalAnd(s.Negative, pair)
		return s
	}
}

// perTriplet counts each pair as often as it is in a triplet, and divides by those above 0, as the library's margin loss does.
func perTriplet(loss losses.Loss, s losses.Scores) *graph.Node {
	sum, count := tripletTerms(loss, s)
	return graph.Div(sum, graph.Max(count, graph.OnesLike(count)))
}

func tripletTerms(loss losses.Loss, s losses.Scores) (sum, count *graph.Node) {
	none := graph.LogicalAnd(s.Positive, s.Negative)
	terms := func(kind losses.Scores, times *graph.Node) (sum, count *graph.Node) {
		number := graph.ReduceSum(graph.ConvertDType(times, s.Similarity.DType()), -1)
		sums, above := loss.(losses.Termwise).Terms(kind)[0](0, math.Inf(1))
		return graph.ReduceAllSum(graph.Mul(sums, number)), graph.ReduceAllSum(graph.Mul(above, number))
	}
	positives, negatives := s, s
	positives.Negative, negatives.Positive = none, none
	sum, count = terms(positives, s.Negative)
	more, further := terms(negatives, s.Positive)
	return graph.Add(sum, more), graph.Add(count, further)
}
