package losses_test

import "github.com/unipair/unipair/pkg/losses"

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
}
