package train

import (
	"math"
	"slices"
)

// Record is a step of a history, one line of history.jsonl.
type Record struct {
	Step         int     `json:"step"` // from 1
	Loss         float64 `json:"loss"` // of the step's batch, before its update
	LearningRate float64 `json:"learning_rate"`
	// The cosine similarities of the batch's pairs, whatever the loss measures with; of the first 1,024 images' if it has more.
	Positive Summary `json:"s_p"` // within a class
	Negative Summary `json:"s_n"` // between classes
	// Recall is recall@1 among the same images: how many of those that have another of their class have one as the nearest. An image that
	// comes twice in a batch is neither a pair nor a neighbour of itself.
	Recall float64 `json:"recall_at_1"`
	// Validation is set in the steps after which the held-out classes were asked.
	Validation Scores `json:"validation,omitzero"`
	// ImagesPerSecond is the speed since the record before, batches included; 0 in a run's first, which has the compilation.
	ImagesPerSecond float64 `json:"images_per_second"`
}

// Scores are retrieval among classes that are not trained on, fractions of 1; see package eval.
type Scores struct {
	RecallAt1  float64 `json:"recall_at_1"`
	RPrecision float64 `json:"r_precision"`
	MAPAtR     float64 `json:"map_at_r"`
}

// watched is how many images of a batch the history looks at: their pairs grow with the square, and a batch may be one that is streamed
// because its pairs do not fit into memory. Classes are drawn in no order, so the first are as good as any.
const watched = 1024

// Summary is the mean and the quantiles of similarities.
type Summary struct {
	Mean float64 `json:"mean"`
	Q05  float64 `json:"q05"`
	Q25  float64 `json:"q25"`
	Q50  float64 `json:"q50"`
	Q75  float64 `json:"q75"`
	Q95  float64 `json:"q95"`
}

// summarize takes the mean and the quantiles, linear between neighbours. It sorts values.
func summarize(values []float32) Summary {
	if len(values) == 0 {
		return Summary{}
	}
	slices.Sort(values)
	total := 0.0
	for _, v := range values {
		total += float64(v)
	}
	quantile := func(q float64) float64 {
		whole, part := math.Modf(q * float64(len(values)-1))
		low := values[int(whole)]
		high := values[min(int(whole)+1, len(values)-1)]
		return float64(low) + part*(float64(high)-float64(low))
	}
	return Summary{total / float64(len(values)), quantile(.05), quantile(.25), quantile(.5), quantile(.75), quantile(.95)}
}

// pairs sorts the similarities [n, n] of a batch into those within a class and those between classes, each pair once.
func pairs(similarities []float32, of rows) (positive, negative []float32) {
	n := len(of.classes)
	for i := range n {
		for j := range i {
			switch {
			case of.classes[i] != of.classes[j]:
				negative = append(negative, similarities[i*n+j])
			case !of.same(i, j):
				positive = append(positive, similarities[i*n+j])
			}
		}
	}
	return positive, negative
}

// recallAt1 is the fraction of a batch's images whose most similar other one is of their class, among those that have another; the
// first of equals counts. It is 0 where none has.
func recallAt1(similarities []float32, of rows) float64 {
	n, hits, asked := len(of.classes), 0, 0
	for i := range n {
		nearest, findable := -1, false
		for j := range n {
			if of.same(i, j) {
				continue
			}
			findable = findable || of.classes[i] == of.classes[j]
			if nearest < 0 || similarities[i*n+j] > similarities[i*n+nearest] {
				nearest = j
			}
		}
		if !findable {
			continue
		}
		asked++
		if of.classes[nearest] == of.classes[i] {
			hits++
		}
	}
	return float64(hits) / float64(max(1, asked))
}
