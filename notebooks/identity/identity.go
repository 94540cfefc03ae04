// Package identity compares two ways of writing one loss, in value and in gradient, for notebooks that claim they are the
// same.
package identity

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Batch holds what a loss is computed from, in float64.
type Batch struct {
	Labels     []int32     // [images]
	Embeddings [][]float64 // [images, dim]
	Weights    [][]float64 // [classes, dim], one vector per class
}

// Random makes a batch of perClass embeddings for each class, class after class, with normally distributed entries.
func Random(seed uint64, classes, perClass, dim int) Batch {
	random := rand.New(rand.NewPCG(seed, 0))
	vectors := func(n int) [][]float64 {
		rows := make([][]float64, n)
		for i := range rows {
			rows[i] = make([]float64, dim)
			for j := range rows[i] {
				rows[i][j] = random.NormFloat64()
			}
		}
		return rows
	}
	b := Batch{Embeddings: vectors(classes * perClass), Weights: vectors(classes)}
	for i := range classes * perClass {
		b.Labels = append(b.Labels, int32(i/perClass))
	}
	return b
}

// Nodes are a batch inside a graph.
type Nodes struct{ Labels, Embeddings, Weights *graph.Node }

// Loss is a loss of a whole batch, a scalar.
type Loss func(n Nodes) *graph.Node

// Outcome holds what a comparison found.
type Outcome struct {
	Left, Right float64 // the two values
	Value       float64 // |Left − Right|
	Gradient    float64 // the largest difference of an entry of the gradients on embeddings and weights
	Largest     float64 // the largest entry of Left's gradient: what Gradient is to be compared with
}

// Claim says that two ways of writing a loss are the same.
type Claim struct {
	Name        string
	Batch       Batch
	Left, Right Loss
}

// Table compares both sides of each claim, a row each, as text.
func Table(b compute.Backend, claims ...Claim) (header []string, rows [][]string, err error) {
	header = []string{"claim", "value", "values differ by", "gradients differ by", "largest gradient"}
	for _, claim := range claims {
		o, err := Compare(b, claim.Batch, claim.Left, claim.Right)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", claim.Name, err)
		}
		rows = append(rows, []string{claim.Name, fmt.Sprintf("%.9f", o.Left), fmt.Sprintf("%.0e", o.Value),
			fmt.Sprintf("%.0e", o.Gradient), fmt.Sprintf("%.3f", o.Largest)})
	}
	return header, rows, nil
}

// Compare computes both losses and their gradients on a batch.
func Compare(b compute.Backend, batch Batch, left, right Loss) (Outcome, error) {
	l, err := differentiate(b, batch, left)
	if err != nil {
		return Outcome{}, err
	}
	r, err := differentiate(b, batch, right)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Left: l.value, Right: r.value, Value: math.Abs(l.value - r.value)}
	for i, g := range l.gradient {
		outcome.Gradient = max(outcome.Gradient, math.Abs(g-r.gradient[i]))
		outcome.Largest = max(outcome.Largest, math.Abs(g))
	}
	if math.IsNaN(outcome.Value + outcome.Gradient + outcome.Largest) {
		return Outcome{}, fmt.Errorf("identity: a value or a gradient is not a number: %+v", outcome)
	}
	return outcome, nil
}

// Evaluate computes any numbers of a batch, such as the losses of its anchors: what compute returns, flat.
func Evaluate(b compute.Backend, batch Batch, compute func(n Nodes) *graph.Node) ([]float64, error) {
	return call(b, batch, compute)
}

// differential is a loss with its gradient on the embeddings, then on the weights.
type differential struct {
	value    float64
	gradient []float64
}

func differentiate(b compute.Backend, batch Batch, loss Loss) (differential, error) {
	all, err := call(b, batch, func(n Nodes) *graph.Node {
		value := loss(n)
		unused := graph.MulScalar(graph.Add(graph.ReduceAllSum(n.Embeddings), graph.ReduceAllSum(n.Weights)), 0)
		gradients := graph.Gradient(graph.Add(value, unused), n.Embeddings, n.Weights) // both have one, be it 0
		return graph.Concatenate([]*graph.Node{graph.Reshape(value, 1),
			graph.Reshape(gradients[0], -1), graph.Reshape(gradients[1], -1)}, 0)
	})
	if err != nil {
		return differential{}, err
	}
	return differential{all[0], all[1:]}, nil
}

func call(b compute.Backend, batch Batch, build func(n Nodes) *graph.Node) ([]float64, error) {
	exec, err := graph.NewExec(b, func(labels, embeddings, weights *graph.Node) *graph.Node {
		result := build(Nodes{labels, embeddings, weights})
		return graph.Reshape(graph.ConvertDType(result, dtypes.Float64), -1)
	})
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	defer exec.Finalize()
	results, err := exec.Call(batch.Labels, batch.Embeddings, batch.Weights)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return results[0].Value().([]float64), nil
}
