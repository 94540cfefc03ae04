package views

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/notebooks/probe"
	"github.com/unipair/unipair/notebooks/study"
	"github.com/unipair/unipair/notebooks/tryout"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Method is a way to learn an embedding.
type Method struct {
	Name       string
	Loss       losses.Loss
	Predictor  int  // hidden numbers of a predictor before the loss; 0 is none
	Supervised bool // with the labels, 4 drawings of a character to a batch: what they are worth
}

// Recipe is a method's training with a seed: batches of 96, and four times the steps and twice the channels of [tryout.Common].
func (m Method) Recipe(seed uint64) tryout.Recipe {
	r := tryout.Recipe{Name: m.Name, Loss: m.Loss, Change: func(c *train.Config) { c.Predictor, c.Seed = m.Predictor, seed }}
	if !m.Supervised {
		r.Data = Unlabelled
		r = r.And(m.Name, func(c *train.Config) { c.Classes, c.PerClass = 48, 2 })
	}
	return r.Longer(4).Wider(2)
}

// Seeds is how many seeds a method is trained with: 3, and 1 with UNIPAIR_QUICK=1.
func Seeds() int {
	if study.Quick() {
		return 1
	}
	return 3
}

// Marks are what an embedding is worth on the alphabets held out, fractions of 1.
type Marks struct {
	PrecisionAt1, MAPAtR float64 // of retrieval
	Probe                float64 // accuracy of a linear classifier fitted to half the drawings, on the other half
}

// Result is a method's marks, one a seed.
type Result struct {
	Name  string
	Marks []Marks
}

// Compare trains each method with each seed, or finds it trained, and judges it.
func Compare(b compute.Backend, methods ...Method) ([]Result, error) {
	var recipes []tryout.Recipe
	for _, m := range methods {
		for seed := range Seeds() {
			recipes = append(recipes, m.Recipe(uint64(seed)))
		}
	}
	trained, err := tryout.Train(b, recipes...)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(methods))
	for i, t := range trained {
		marks, err := Judge(t)
		if err != nil {
			return nil, fmt.Errorf("views: %s: %w", t.Name, err)
		}
		r := &results[i/Seeds()]
		r.Name, r.Marks = t.Name, append(r.Marks, marks)
	}
	return results, nil
}

// Embedded is what a trained network makes of the alphabets held out, centred.
func Embedded(t tryout.Trained) (eval.Set, error) {
	_, held, err := tryout.Sets()
	if err != nil {
		return eval.Set{}, err
	}
	set, err := t.Embedder.EmbedSet(held)
	centre(set)
	return set, err
}

// centre takes their mean from the vectors of a set and brings them to length 1 again. What all images have in common tells none from
// another, but can hide in a cosine what does; a loss that measures after a normalisation over the batch leaves it in.
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
	_, held, err := tryout.Sets()
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
		set.Embeddings = append(set.Embeddings, data.Resize(image, side).Pixels...)
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

// Blank is the network of a seed before its training.
func Blank(b compute.Backend, seed uint64) (tryout.Trained, error) {
	r := (Method{}).Recipe(seed)
	c := r.Config()
	embedder, err := train.NewEmbedder(b, c.Network, c.Seed)
	return tryout.Trained{Recipe: r, Embedder: embedder}, err
}

// Untrained judges networks as they are before training, one a seed.
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
func Judge(t tryout.Trained) (Marks, error) {
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

// Table is a row a result, as text: means, with the standard deviation over seeds where there are several.
func Table(results ...Result) (header []string, rows [][]string) {
	for _, r := range results {
		row := []string{r.Name, fmt.Sprint(len(r.Marks))}
		for _, of := range []func(Marks) float64{precisionAt1, mapAtR, linear} {
			mean, deviation := tryout.Spread(r.percent(of))
			text := fmt.Sprintf("%.1f", mean)
			if len(r.Marks) > 1 {
				text += fmt.Sprintf(" ± %.1f", deviation)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return []string{"", "seeds", "precision@1 (%)", "MAP@R (%)", "linear probe (%)"}, rows
}

func precisionAt1(m Marks) float64 { return m.PrecisionAt1 }
func mapAtR(m Marks) float64       { return m.MAPAtR }
func linear(m Marks) float64       { return m.Probe }

func (r Result) percent(of func(Marks) float64) (values []float64) {
	for _, m := range r.Marks {
		values = append(values, 100*of(m))
	}
	return values
}

// Intervals are the results' precision@1 and linear probe for a figure: the mean, a bar from the least to the greatest seed, and
// every seed.
func Intervals(results ...Result) (retrieval, linearProbe []viz.Interval) {
	interval := func(r Result, of func(Marks) float64) viz.Interval {
		v := viz.Interval{Name: r.Name, Runs: r.percent(of), Low: math.Inf(1), High: math.Inf(-1)}
		v.Mean, _ = tryout.Spread(v.Runs)
		for _, x := range v.Runs {
			v.Low, v.High = min(v.Low, x), max(v.High, x)
		}
		v.Low, v.High = min(v.Low, v.Mean), max(v.High, v.Mean) // rounding of a mean of one
		return v
	}
	for _, r := range results {
		retrieval, linearProbe = append(retrieval, interval(r, precisionAt1)), append(linearProbe, interval(r, linear))
	}
	return retrieval, linearProbe
}
