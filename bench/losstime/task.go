package losstime

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/pkg/losses"
)

// A task says what every contender computes: value and gradient of a loss on a batch.
type task struct {
	loss    string // of [Losses]
	rows    int
	classes int  // of a class-level loss, whose weights get a gradient too; 0: pair-wise
	brief   bool // the slowest peers are left out where another loss has them
}

const (
	dim      = 512
	perClass = 4
)

// subject is a loss that is compared: a name of the catalogue, with settings that all frameworks have.
type subject struct {
	loss       string
	similarity losses.Similarity // the loss's own if nil
	settings   map[string]string
	miners     []losses.Miner // the peers divide by all anchors, those too that a miner leaves without a pair
}

var multiSimilarity = map[string]string{"alpha": "2", "beta": "50", "base": "0.5"}

// subjects are the losses that are compared. Each row of a batch has what the loss needs, so that all means are over the same anchors.
var subjects = map[string]subject{
	"circle":           {loss: "circle", settings: map[string]string{"margin": "0.4", "gamma": "80"}},
	"multi-similarity": {loss: "multi-similarity", settings: multiSimilarity},
	"nt-xent":          {loss: "nt-xent", settings: map[string]string{"temperature": "0.07"}},
	"triplet-hard":     {loss: "triplet", similarity: losses.Cosine, settings: map[string]string{"margin": "0.2", "mining": "hard"}},
	"triplet-hard-l2":  {loss: "triplet", settings: map[string]string{"margin": "0.2", "mining": "hard"}},
	"contrastive-l2":   {loss: "contrastive", settings: map[string]string{"negative-margin": "1.3"}},
	"am-softmax":       {loss: "am-softmax", settings: map[string]string{"margin": "0.35", "gamma": "64"}},

	"multi-similarity-mined": {loss: "multi-similarity", settings: multiSimilarity, miners: []losses.Miner{losses.MultiSimilarityPairs(0.1)}},
}

// PairLosses are the pair-wise losses that can be compared, in the order of the tables.
var PairLosses = []string{"circle", "multi-similarity", "nt-xent", "triplet-hard", "triplet-hard-l2", "contrastive-l2"}

// StreamLosses are those of [Streams].
var StreamLosses = []string{"multi-similarity", "nt-xent", "multi-similarity-mined"}

// ClassLosses are the class-level ones.
var ClassLosses = []string{"am-softmax"}

// bound is the loss of a name as users bind it to a trainer.
type bound struct {
	loss       losses.Loss
	sim        losses.Similarity
	miners     []losses.Miner
	reduce     losses.Reduction
	classLevel bool
}

func bind(name string) (bound, error) {
	subject, ok := subjects[name]
	if !ok {
		return bound{}, fmt.Errorf("bench: no loss %q", name)
	}
	entry, err := losses.Find(subject.loss)
	if err != nil {
		return bound{}, err
	}
	loss, err := entry.With(subject.settings)
	if err != nil {
		return bound{}, err
	}
	sim := cmp.Or(subject.similarity, entry.Similarity)
	reduce := losses.Mean
	if len(subject.miners) > 0 {
		reduce = losses.MeanAll
	}
	return bound{loss, sim, subject.miners, reduce, entry.Labels == losses.ClassLabels}, nil
}

// files hold a batch for every process: rows × dim numbers of float32, as many int32 labels, classes × dim numbers of
// float32, little-endian.
type files struct {
	Embeddings string `json:"embeddings"`
	Labels     string `json:"labels"`
	Weights    string `json:"weights"`
	Rows       int    `json:"rows"`
	Dim        int    `json:"dim"`
	Classes    int    `json:"classes"`
}

// write makes the batch of a task in a directory. Classes are loose clusters, as early in a training, in no order.
func (t task) write(dir string) (files, error) {
	random := rand.New(rand.NewPCG(uint64(t.rows), uint64(t.classes)))
	labels := make([]int32, t.rows)
	if t.classes > 0 {
		for i := range labels {
			labels[i] = random.Int32N(int32(t.classes))
		}
	} else {
		for i, at := range random.Perm(t.rows) {
			labels[at] = int32(i / perClass)
		}
	}
	centers := map[int32][]float32{}
	embeddings := make([]float32, 0, t.rows*dim)
	for _, label := range labels {
		if centers[label] == nil {
			centers[label] = normal(random, dim)
		}
		for i, x := range normal(random, dim) {
			embeddings = append(embeddings, x+0.5*centers[label][i])
		}
	}
	f := files{filepath.Join(dir, "embeddings"), filepath.Join(dir, "labels"), filepath.Join(dir, "weights"), t.rows, dim, t.classes}
	return f, errors.Join(peers.WriteNumbers(f.Embeddings, embeddings), peers.WriteNumbers(f.Labels, labels),
		peers.WriteNumbers(f.Weights, normal(random, t.classes*dim)))
}

func normal(random *rand.Rand, n int) []float32 {
	numbers := make([]float32, n)
	for i := range numbers {
		numbers[i] = float32(random.NormFloat64())
	}
	return numbers
}

// tolerance bounds how far values and gradients may be apart and still be the same, in float32.
const tolerance = 1e-4

// agree returns an error unless value and gradient are those wanted: the gradient in parts of its largest number.
func agree(value, want float64, gradient, wanted []float32) error {
	if !(math.Abs(value-want) <= tolerance*(1+math.Abs(want))) {
		return fmt.Errorf("the value is %g, ours %g", value, want)
	}
	if len(gradient) != len(wanted) {
		return fmt.Errorf("the gradient has %d numbers, ours %d", len(gradient), len(wanted))
	}
	worst, largest := 0.0, 0.0
	for i, x := range wanted {
		worst = max(worst, math.Abs(float64(x)-float64(gradient[i])))
		largest = max(largest, math.Abs(float64(x)))
	}
	if largest == 0 || !(worst <= tolerance*largest) { // NaN is neither
		return fmt.Errorf("the gradients are apart by %.2g, the largest number is %.2g", worst, largest)
	}
	return nil
}
