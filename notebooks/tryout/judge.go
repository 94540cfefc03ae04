package tryout

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Judge retrieves among the alphabets that were held out: each drawing looks for its likes.
func (t Trained) Judge() (eval.Metrics, error) {
	_, judge, err := Sets()
	if err != nil {
		return eval.Metrics{}, err
	}
	set, err := t.Embedder.EmbedSet(judge)
	if err != nil {
		return eval.Metrics{}, err
	}
	retrieval, err := eval.Retrieve(set, eval.Options{})
	return retrieval.Metrics, err
}

// Table judges trained recipes, a row each, as text.
func Table(trained ...Trained) (header []string, rows [][]string, err error) {
	for _, t := range trained {
		scores, err := t.Judge()
		if err != nil {
			return nil, nil, err
		}
		row := []string{t.Name, "–", "–", "–"}
		if n := len(t.History); n > 0 {
			first, last := t.History[0], t.History[n-1]
			row = []string{t.Name, fmt.Sprintf("%.3g → %.3g", first.Loss, last.Loss), mean(last.Positive), mean(last.Negative)}
		}
		rows = append(rows, append(row, fmt.Sprintf("%.1f %%", 100*scores.PrecisionAt1), fmt.Sprintf("%.1f %%", 100*scores.MAPAtR)))
	}
	return []string{"training", "value", "s_p at last", "s_n at last", "precision@1, new alphabets", "MAP@R"}, rows, nil
}

// mean is that of a batch's pairs of a kind, as text: a dash where the batch had none.
func mean(s train.Summary) string {
	if s == (train.Summary{}) {
		return "–"
	}
	return fmt.Sprintf("%.2f", s.Mean)
}

// Alone is the fraction of the images in a recipe's batches that have no other of their class beside them.
func (r Recipe) Alone() (float64, error) {
	learn, err := r.learns()
	if err != nil {
		return 0, err
	}
	c, alone, all := r.Config(), 0, 0
	batches := data.PairBatches{Dataset: learn, Classes: c.Classes, PerClass: c.PerClass, Random: c.Sampling == train.SampleRandom,
		Size: 1, Seed: c.Seed, Steps: c.Steps} // what is drawn depends on neither size nor augmentation
	for batch, err := range batches.Iter() {
		if err != nil {
			return 0, err
		}
		labels, err := tensors.CopyFlatData[int32](batch.Labels[0])
		if err != nil {
			return 0, err
		}
		count := map[int32]int{}
		for _, label := range labels {
			count[label]++
		}
		for _, label := range labels {
			if count[label] == 1 {
				alone++
			}
		}
		all += len(labels)
	}
	return float64(alone) / float64(all), nil
}

// Extremes are what a loss with a large γ listens to: of each image of random batches of the learnt alphabets, 24 characters × 4
// drawings as in training, the least similar of its likes and the most similar of the rest.
func (t Trained) Extremes() ([]viz.ScorePair, error) {
	learn, _, err := Sets()
	if err != nil {
		return nil, err
	}
	set, err := t.Embedder.EmbedSet(learn)
	if err != nil {
		return nil, err
	}
	return extremes(set, len(learn.Classes()), 5), nil
}

func extremes(set eval.Set, classes, batches int) (points []viz.ScorePair) {
	random := rand.New(rand.NewPCG(1, 0))
	members := make([][]int, classes)
	for i, label := range set.Labels {
		members[label] = append(members[label], i)
	}
	for range batches {
		var batch []int
		for _, class := range random.Perm(classes)[:min(24, classes)] {
			for _, k := range random.Perm(len(members[class]))[:min(4, len(members[class]))] {
				batch = append(batch, members[class][k])
			}
		}
		for _, i := range batch {
			point := viz.ScorePair{Sn: -1, Sp: 1}
			for _, j := range batch {
				switch s := cosine(set, i, j); {
				case i == j:
				case set.Labels[i] == set.Labels[j]:
					point.Sp = min(point.Sp, s)
				default:
					point.Sn = max(point.Sn, s)
				}
			}
			points = append(points, point)
		}
	}
	return points
}

// cosine is that of two vectors of length 1.
func cosine(set eval.Set, i, j int) float64 {
	x, y, s := set.Embeddings[i*set.Dim:(i+1)*set.Dim], set.Embeddings[j*set.Dim:(j+1)*set.Dim], 0.0
	for k := range x {
		s += float64(x[k]) * float64(y[k])
	}
	return min(max(s, -1), 1)
}

// Cloud sums up points in the plane of scores.
type Cloud struct {
	Centre, Spread viz.ScorePair // mean and standard deviation of each score
	Along, Across  float64       // standard deviation along the diagonal s_p = s_n, which a loss of s_n − s_p cannot see, and across it
	Right          float64       // fraction with s_p > s_n
}

// CloudOf sums up points.
func CloudOf(points []viz.ScorePair) Cloud {
	var sn, sp, along, across []float64
	right := 0.0
	for _, p := range points {
		sn, sp = append(sn, p.Sn), append(sp, p.Sp)
		along, across = append(along, (p.Sn+p.Sp)/math.Sqrt2), append(across, (p.Sp-p.Sn)/math.Sqrt2)
		if p.Sp > p.Sn {
			right++
		}
	}
	var c Cloud
	c.Centre.Sn, c.Spread.Sn = Spread(sn)
	c.Centre.Sp, c.Spread.Sp = Spread(sp)
	_, c.Along = Spread(along)
	_, c.Across = Spread(across)
	c.Right = right / float64(len(points))
	return c
}

// Spread is the mean and the standard deviation (n − 1) of values; one value alone has 0.
func Spread(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation / math.Max(1, float64(len(values)-1)))
}
