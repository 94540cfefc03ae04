package views

import (
	"math"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/notebooks/omniglot"
	"github.com/unipair/unipair/notebooks/probe"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// Marks says what an embedding is worth on the alphabets held out, fractions of 1.
type Marks struct {
	PrecisionAt1, MAPAtR float64 // of retrieval
	Probe                float64 // accuracy of a linear classifier fitted to half the drawings, on the other half
}

// Embedded returns what a trained network makes of the alphabets held out, centred.
func Embedded(t omniglot.Trained) (eval.Set, error) {
	held, err := omniglot.Held()
	if err != nil {
		return eval.Set{}, err
	}
	set, err := t.Embedder.EmbedSet(held)
	centre(set)
	return set, err
}

// centre takes their mean from the vectors of a set and brings them to length 1 again. What all images have in common tells none from
// another, but can hide in a cosine what does. A loss that measures after a normalisation over the batch leaves it in.
func centre(set eval.Set) {
	mean := make([]float32, set.Dim)
	for i, x := range set.Embeddings {
		mean[i%set.Dim] += x / float32(set.Len())
	}
	for i := range set.Embeddings {
		set.Embeddings[i] -= mean[i%set.Dim]
	}
	for i := range set.Len() {
		unit(set.Embeddings[i*set.Dim : (i+1)*set.Dim])
	}
}

// Pixels judges the drawings themselves, of 14 × 14 pixels, compared by the cosine after centring: what is there before anything is learnt.
func Pixels() (Result, error) {
	held, err := omniglot.Held()
	if err != nil {
		return Result{}, err
	}
	const side = 14
	set := eval.Set{Dim: side * side}
	for i := range held.Len() {
		image, err := held.Image(i)
		if err != nil {
			return Result{}, err
		}
		set.Embeddings = append(set.Embeddings, data.Resize(image.Inverted(), side).Pixels...)
		set.Labels = append(set.Labels, int32(held.Label(i)))
	}
	centre(set)
	marks, err := judge(set)
	return Result{Name: "pixels", Marks: []Marks{marks}}, err
}

// unit brings a vector to length 1.
func unit(x []float32) {
	square := 0.0
	for _, v := range x {
		square += float64(v) * float64(v)
	}
	for i := range x {
		x[i] /= float32(math.Sqrt(max(square, 1e-12)))
	}
}

// Blank returns the network of a seed before its training.
func Blank(b compute.Backend, seed uint64) (omniglot.Trained, error) {
	return (Method{}).Recipe(seed).Untrained(b)
}

// Untrained judges networks as they are before training, one per seed.
func Untrained(b compute.Backend) (Result, error) {
	result := Result{Name: "untrained"}
	for seed := range Seeds() {
		blank, err := Blank(b, uint64(seed))
		if err != nil {
			return Result{}, err
		}
		marks, err := Judge(blank)
		if err != nil {
			return Result{}, err
		}
		result.Marks = append(result.Marks, marks)
	}
	return result, nil
}

// Judge gives a trained network its marks.
func Judge(t omniglot.Trained) (Marks, error) {
	set, err := Embedded(t)
	if err != nil {
		return Marks{}, err
	}
	return judge(set)
}

func judge(set eval.Set) (Marks, error) {
	retrieval, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		return Marks{}, err
	}
	classes := int32(0)
	for _, label := range set.Labels {
		classes = max(classes, label+1)
	}
	fitted, asked := probe.Halves(set)
	classifier, err := probe.Fit(fitted, int(classes))
	if err != nil {
		return Marks{}, err
	}
	return Marks{PrecisionAt1: retrieval.PrecisionAt1, MAPAtR: retrieval.MAPAtR, Probe: classifier.Accuracy(asked)}, nil
}
