package lossbatch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
)

// spare says how much a backend holds, in times of the results that are needed at once: it keeps what is free for the next ones.
const spare = 2

var errTooLarge = errors.New("it needs more memory than may be taken")

// Result is the value of a loss on a batch and its gradient, all in float64.
type Result struct {
	Loss           float64     `json:"loss"`                   // of the batch, by its reduction
	PerAnchor      []float64   `json:"per_anchor"`             // in the order of the batch; 0 for those that do not count
	GradEmbeddings [][]float64 `json:"grad_embeddings"`        // of the loss, in the shape of the embeddings
	GradWeights    [][]float64 `json:"grad_weights,omitempty"` // of the loss, in the shape of the class weights
	Anchors        int         `json:"anchors"`                // how many have what the loss needs
}

// Compute takes the batch at once where that is within the limits, or else in blocks, which has the same value and gradient.
func (s Setting) Compute(device compute.Backend, b Batch, most Limits) (Result, error) {
	result, bytes, err := s.whole(device, b, most)
	if bytes <= most.Bytes() {
		return result, err
	}
	if s.ClassLevel {
		return Result{}, most.refuseMemory(b, bytes, "")
	}
	stream, err := losses.NewStream(device, losses.SameLabel, s.Loss, s.Similarity, s.Reduction)
	if err != nil { // it looks at the whole batch
		return Result{}, most.refuseMemory(b, bytes, " at once, as this loss must be taken")
	}
	defer stream.Finalize()
	rows := b.embeddings.rows
	if err := most.refuseMemory(b, bytes/int64(rows)*int64(stream.BlockRows(rows)), " even in blocks"); err != nil {
		return Result{}, err
	}
	return s.inBlocks(device, stream, b)
}

// whole builds the graph, and runs it unless it needs more bytes than may be.
func (s Setting) whole(device compute.Backend, b Batch, most Limits) (result Result, bytes int64, err error) {
	exec, err := graph.NewExec(device, func(labels, embeddings, weights *graph.Node) []*graph.Node {
		embeddings, weights = graph.ConvertDType(embeddings, b.dtype), graph.ConvertDType(weights, b.dtype)
		scores, learnt := losses.Scores{}, []*graph.Node{embeddings}
		if s.ClassLevel {
			scores = losses.Classes(labels, embeddings, weights, losses.Measure(s.Loss, s.Similarity))
			learnt = append(learnt, weights)
		} else {
			scores = losses.Pairs(labels, embeddings, s.Similarity)
		}
		total := s.Reduction.Of(s.Loss, scores)
		out := []*graph.Node{total, s.Loss.PerAnchor(scores), graph.ConvertDType(s.Loss.Anchors(scores), dtypes.Float64)}
		out = append(out, graph.Gradient(total, learnt...)...)
		for i := range out {
			out[i] = graph.ConvertDType(out[i], dtypes.Float64)
		}
		if bytes = spare * peak(out...); bytes > most.Bytes() {
			panic(errTooLarge) // before it is compiled; compute says what of
		}
		return out
	})
	if err != nil {
		return Result{}, 0, err
	}
	defer exec.Finalize()
	weights := b.weights
	if weights.rows == 0 {
		weights = matrix{rows: 1, columns: 1, numbers: []float64{0}} // takes no part
	}
	out, err := exec.Call(b.labels, b.embeddings.tensor(), weights.tensor())
	if err != nil {
		if _, refusal, found := strings.Cut(err.Error(), " panicked: "); found { // the loss does not take such scores
			err = usage.Errorf("loss: %s", refusal)
		}
		return Result{}, bytes, err
	}
	result = Result{
		Loss:           tensors.ToScalar[float64](out[0]),
		PerAnchor:      tensors.MustCopyFlatData[float64](out[1]),
		GradEmbeddings: out[3].Value().([][]float64),
	}
	for _, has := range tensors.MustCopyFlatData[float64](out[2]) {
		result.Anchors += int(has)
	}
	if s.ClassLevel {
		result.GradWeights = out[4].Value().([][]float64)
	}
	return result, bytes, result.check()
}

// inBlocks computes a pair-wise loss whose matrix of similarities is never whole.
func (s Setting) inBlocks(device compute.Backend, stream *losses.Stream, b Batch) (Result, error) {
	labels := tensors.FromFlatDataAndDimensions(b.labels, len(b.labels))
	embeddings, err := converted(device, b.embeddings.tensor(), b.dtype)
	if err != nil {
		return Result{}, err
	}
	value, gradient, err := stream.ValueAndGradient(labels, embeddings)
	if err != nil {
		return Result{}, err
	}
	result := Result{Loss: value}
	var has []bool
	if result.PerAnchor, has, err = stream.PerAnchor(labels, embeddings); err != nil {
		return Result{}, err
	}
	for _, has := range has {
		if has {
			result.Anchors++
		}
	}
	if gradient, err = converted(device, gradient, dtypes.Float64); err != nil {
		return Result{}, err
	}
	result.GradEmbeddings = gradient.Value().([][]float64)
	return result, result.check()
}

// converted returns a tensor in another type.
func converted(device compute.Backend, x *tensors.Tensor, to dtypes.DType) (*tensors.Tensor, error) {
	exec, err := graph.NewExec(device, func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, to) })
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	out, err := exec.Call(x)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// check returns an error for a number that is none, which JSON does not have.
func (r Result) check() error {
	refuse := func(what string, x float64) error {
		return fmt.Errorf("loss: %s is %g; give embeddings of smaller numbers, smaller settings, or dtype float64 where it is another",
			what, x)
	}
	bad := func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
	if bad(r.Loss) {
		return refuse("the value", r.Loss)
	}
	for i, x := range r.PerAnchor {
		if bad(x) {
			return refuse(fmt.Sprintf("the value of anchor %d", i), x)
		}
	}
	for _, gradient := range []struct {
		of   string
		rows [][]float64
	}{{"embedding", r.GradEmbeddings}, {"weights", r.GradWeights}} {
		for i, row := range gradient.rows {
			if j := slices.IndexFunc(row, bad); j >= 0 {
				return refuse(fmt.Sprintf("the gradient of %s %d, column %d,", gradient.of, i, j), row[j])
			}
		}
	}
	return nil
}
