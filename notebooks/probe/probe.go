// Package probe asks what a linear classifier can read off fixed embeddings: softmax regression, fitted to its only minimum.
package probe

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/unipair/unipair/pkg/eval"
)

// Decay is the weight of half the squared weights beside the mean cross-entropy. It makes the minimum unique.
const Decay = 1e-3

// Classifier is softmax regression on embeddings.
type Classifier struct {
	classes int
	weights *mat.Dense // [dim + 1, classes]; the last row is the bias, which does not decay
}

// Fit fits a classifier to a set whose labels are in [0, classes). Vectors of length 1 are brought to components of about 1 first.
func Fit(set eval.Set, classes int) (*Classifier, error) {
	if err := set.Validate(); err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	for i, label := range set.Labels {
		if label < 0 || int(label) >= classes {
			return nil, fmt.Errorf("probe: label %d of vector %d is not in [0, %d)", label, i, classes)
		}
	}
	inputs := inputsOf(set)
	n, rows := inputs.Dims()
	at := func(x []float64) *mat.Dense { return mat.NewDense(rows, classes, x) }
	value := func(x, slope []float64) float64 {
		weights, logits := at(x), mat.NewDense(n, classes, nil)
		logits.Mul(inputs, weights)
		total := 0.0
		for i, label := range set.Labels {
			row := logits.RawRowView(i)
			total -= math.Log(softmax(row, int(label))) / float64(n)
			row[label]--
		}
		var gradient mat.Dense
		if slope != nil {
			gradient.Mul(inputs.T(), logits)
		}
		for k, w := range x {
			decay := Decay
			if k >= (rows-1)*classes {
				decay = 0
			}
			total += decay * w * w / 2
			if slope != nil {
				slope[k] = gradient.RawMatrix().Data[k]/float64(n) + decay*w
			}
		}
		return total
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return value(x, nil) },
		Grad: func(slope, x []float64) { value(x, slope) },
	}
	settings := &optimize.Settings{GradientThreshold: 1e-4, MajorIterations: 200}
	result, err := optimize.Minimize(problem, make([]float64, rows*classes), settings, &optimize.LBFGS{})
	if result == nil { // an error with a result is a line search that finds nothing lower: the minimum, to rounding
		return nil, fmt.Errorf("probe: %w", err)
	}
	if math.IsNaN(result.F) {
		return nil, fmt.Errorf("probe: the fit is not a number: %w", err)
	}
	return &Classifier{classes: classes, weights: at(result.X)}, nil
}

// inputsOf returns the vectors, scaled by √dim, with a 1 for the bias.
func inputsOf(set eval.Set) *mat.Dense {
	inputs, scale := mat.NewDense(set.Len(), set.Dim+1, nil), math.Sqrt(float64(set.Dim))
	for i := range set.Len() {
		row := inputs.RawRowView(i)
		for j, x := range set.Embeddings[i*set.Dim : (i+1)*set.Dim] {
			row[j] = scale * float64(x)
		}
		row[set.Dim] = 1
	}
	return inputs
}

// softmax turns logits into probabilities in place and returns that of a class, which is never 0.
func softmax(logits []float64, class int) float64 {
	largest, sum := math.Inf(-1), 0.0
	for _, l := range logits {
		largest = max(largest, l)
	}
	for k, l := range logits {
		logits[k] = math.Exp(l - largest)
		sum += logits[k]
	}
	for k := range logits {
		logits[k] /= sum
	}
	return max(logits[class], math.SmallestNonzeroFloat64)
}

// Probabilities returns those of the classes for each vector of a set, a row per vector. The set's labels are not looked at.
func (c *Classifier) Probabilities(set eval.Set) [][]float64 {
	var logits mat.Dense
	logits.Mul(inputsOf(set), c.weights)
	rows := make([][]float64, set.Len())
	for i := range rows {
		rows[i] = logits.RawRowView(i)
		softmax(rows[i], 0)
	}
	return rows
}

// Accuracy returns the fraction of a set whose most probable class is its label.
func (c *Classifier) Accuracy(set eval.Set) float64 {
	right := 0
	for i, p := range c.Probabilities(set) {
		best := 0
		for k := range p {
			if p[k] > p[best] {
				best = k
			}
		}
		if best == int(set.Labels[i]) {
			right++
		}
	}
	return float64(right) / float64(set.Len())
}

// Take returns the part of a set with the given indices, in their order.
func Take(set eval.Set, indices []int) eval.Set {
	part := eval.Set{Dim: set.Dim}
	for _, i := range indices {
		part.Labels = append(part.Labels, set.Labels[i])
		part.Embeddings = append(part.Embeddings, set.Embeddings[i*set.Dim:(i+1)*set.Dim]...)
	}
	return part
}

// Halves splits a set into every second vector of each class and the rest.
func Halves(set eval.Set) (first, second eval.Set) {
	seen := map[int32]int{}
	var halves [2][]int
	for i, label := range set.Labels {
		halves[seen[label]%2] = append(halves[seen[label]%2], i)
		seen[label]++
	}
	return Take(set, halves[0]), Take(set, halves[1])
}
