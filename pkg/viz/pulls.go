package viz

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Pulls holds what a loss asks of each pair of a batch. The matrices are [batch][batch] and symmetric: the weight of a pair is at both of
// its places.
type Pulls struct {
	Similarity [][]float64 // as the loss measures it
	Positive   [][]bool    // pairs of one class, each image with itself left out
	Weight     [][]float64 // ∂L/∂s_ij + ∂L/∂s_ji: below 0 the pair is pulled together, above 0 it is pushed apart
}

// PairWeights differentiates a loss of a whole batch on the similarities of its pairs, in float64. The loss may be any,
// one that looks beyond its row too; miners narrow the pairs first. It refuses a loss that looks at vectors and not at similarities.
func PairWeights(b compute.Backend, loss losses.Loss, reduce losses.Reduction, labels []int32, embeddings [][]float64,
	sim losses.Similarity, miners ...losses.Miner) (Pulls, error) {
	if err := checkBatch("PairWeights", labels, embeddings); err != nil {
		return Pulls{}, err
	}
	build := func(inputs []*graph.Node) []*graph.Node {
		scores := losses.ByAutodiff(losses.Pairs(inputs[0], inputs[1], sim)) // the derivative is one by Similarity
		mined := scores
		for _, mine := range miners {
			mined = mine(mined)
		}
		value := reduce.Of(loss, mined)
		return []*graph.Node{value, scores.Similarity, graph.Gradient(value, scores.Similarity)[0]}
	}
	exec, err := graph.NewExec(b, build)
	if err != nil {
		return Pulls{}, fmt.Errorf("viz.PairWeights: %w", err)
	}
	defer exec.Finalize()
	results, err := exec.Call(labels, embeddings)
	if err != nil {
		return Pulls{}, fmt.Errorf("viz.PairWeights: %T: %w", loss, err)
	}
	value, similarity, gradient := results[0].Value().(float64), results[1].Value().([][]float64), results[2].Value().([][]float64)
	p := Pulls{Similarity: similarity}
	total := value
	for i := range labels {
		p.Positive, p.Weight = append(p.Positive, make([]bool, len(labels))), append(p.Weight, make([]float64, len(labels)))
		for j := range labels {
			p.Positive[i][j] = i != j && labels[i] == labels[j]
			p.Weight[i][j] = gradient[i][j] + gradient[j][i]
			total += gradient[i][j]
		}
		p.Weight[i][i] = 0
	}
	if math.IsNaN(total) || math.IsInf(total, 0) {
		return Pulls{}, fmt.Errorf("viz.PairWeights: %T: value %g or its gradient is not finite%s",
			loss, value, because(culprit(b, build, labels, embeddings)))
	}
	return p, nil
}

// checkBatch returns an error unless there is a label for each of some embeddings of one length, all numbers.
func checkBatch(where string, labels []int32, embeddings [][]float64) error {
	if err := checkSome(where, "embeddings", len(embeddings)); err != nil {
		return err
	}
	if len(labels) != len(embeddings) {
		return fmt.Errorf("viz.%s: want a label for each embedding, got %d for %d", where, len(labels), len(embeddings))
	}
	for i, row := range embeddings {
		if len(row) == 0 || len(row) != len(embeddings[0]) {
			return fmt.Errorf("viz.%s: embedding %d must have %d numbers, at least 1, as the first, got %d",
				where, i, len(embeddings[0]), len(row))
		}
		if err := checkNumbers(where, fmt.Sprintf("embedding %d", i), row...); err != nil {
			return err
		}
	}
	return nil
}

// pair is two images of a batch, the first before the second.
type pair struct {
	first, second int
	weight        float64
	positive      bool
}

func (p Pulls) pairs() []pair {
	var all []pair
	for i, row := range p.Weight {
		for j := i + 1; j < len(row); j++ {
			all = append(all, pair{i, j, row[j], p.Positive[i][j]})
		}
	}
	return all
}

// Strongest returns the greatest weight of a pair, without its sign.
func (p Pulls) Strongest() float64 {
	top := 0.0
	for _, q := range p.pairs() {
		top = max(top, math.Abs(q.weight))
	}
	return top
}

// CountAtLeast counts the pairs whose weight is at least a share of the strongest pair's, as 0.01, and is not 0.
func (p Pulls) CountAtLeast(share float64) (positives, negatives int) {
	top := p.Strongest()
	for _, q := range p.pairs() {
		switch {
		case q.weight == 0 || math.Abs(q.weight) < share*top:
		case q.positive:
			positives++
		default:
			negatives++
		}
	}
	return positives, negatives
}

// Effective returns how many equal pairs would share the weight as broadly: e to the entropy of the pairs' shares. It is 1 when one pair
// has all the weight, and 0 when none has any.
func (p Pulls) Effective() float64 {
	total := p.sum(func(pair) bool { return true })
	if total == 0 {
		return 0
	}
	entropy := 0.0
	for _, q := range p.pairs() {
		if share := math.Abs(q.weight) / total; share > 0 {
			entropy -= share * math.Log(share)
		}
	}
	return math.Exp(entropy)
}

// PositiveShare returns the positives' part of the sum of all weights without their signs, in [0, 1]; 0 when that is 0.
func (p Pulls) PositiveShare() float64 {
	total := p.sum(func(pair) bool { return true })
	if total == 0 {
		return 0
	}
	return p.sum(func(q pair) bool { return q.positive }) / total
}

// ShareOf returns the part of the sum of all weights without their signs that an image's pairs carry, in [0, 1]; 0 when that is 0.
func (p Pulls) ShareOf(image int) float64 {
	total := p.sum(func(pair) bool { return true })
	if total == 0 {
		return 0
	}
	return p.sum(func(q pair) bool { return q.first == image || q.second == image }) / total
}

func (p Pulls) sum(of func(pair) bool) (sum float64) {
	for _, q := range p.pairs() {
		if of(q) {
			sum += math.Abs(q.weight)
		}
	}
	return sum
}
