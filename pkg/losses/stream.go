package losses

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Stream computes a pair-wise loss of a batch against itself, and its gradient, in blocks: the matrix of similarities is never
// whole, so that memory is O(rows · dim), plus some tens of megabytes, for a batch of any size. It is exact: the value and the gradient are those of
// [PairWiseBy], to rounding.
//
// A [Folding] loss of [Cosine] or [Dot] under a symmetric relation is taken in tiles of half of the matrix, any other in blocks
// of rows, with autodiff inside the block; miners see whole rows. A loop in the host drives one compiled block: a graph would keep
// them all. A [Joint] loss cannot be streamed. The reduction must be [Mean], [MeanAll], [Sum], [MeanTerms] or [MeanNonZero].
//
// It compiles once a shape. Finalize frees what is compiled.
type Stream struct {
	backend compute.Backend
	related Relation
	loss    Loss
	sim     Similarity
	reduce  streamedReduction
	miners  []Miner
	blocks  map[string]*graph.Exec

	tileRows  int // of a tile, about
	slabBytes int // of a block of rows, at float32
}

// NewStream returns a stream of what [PairWiseBy] binds. It refuses what cannot be streamed.
func NewStream(backend compute.Backend, related Relation, l Loss, sim Similarity, reduce Reduction, miners ...Miner) (*Stream, error) {
	if err := validate(l, related, sim, reduce); err != nil {
		return nil, err
	}
	if joint, ok := l.(Joint); ok && joint.Joint() != "" {
		return nil, fmt.Errorf("losses.NewStream: %T looks at %s: it cannot be taken in blocks of rows", l, joint.Joint())
	}
	kind, err := streamedReductionOf(reduce)
	if err != nil {
		return nil, err
	}
	return &Stream{backend: backend, related: related, loss: l, sim: sim, reduce: kind, miners: miners, blocks: map[string]*graph.Exec{},
		tileRows: 1360, slabBytes: 32 << 20}, nil
}

// ValueAndGradient returns the loss of a batch and its gradient, of the embeddings' shape and type. labels is integer, what the
// relation takes, embeddings float [batch, dim]. The caller finalizes the gradient.
func (s *Stream) ValueAndGradient(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	if err := refuseBatch(labels, embeddings); err != nil {
		return 0, nil, err
	}
	by := s.byRows
	if s.halves() {
		by = s.byTiles
	}
	if loss, gradient, err = by(labels, embeddings); err != nil {
		return 0, nil, err
	}
	shown, err := s.run("shown", func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.Reshape(wide(unlessFinite(in[0])), 1)}
	}, embeddings)
	if err != nil {
		return 0, nil, errors.Join(err, gradient.FinalizeAll())
	}
	return loss + added(nil, shown[0])[0], gradient, free(shown)
}

// Finalize frees the compiled blocks.
func (s *Stream) Finalize() {
	for _, block := range s.blocks {
		block.Finalize()
	}
	s.blocks = map[string]*graph.Exec{}
}

// run computes a function of tensors, compiled once by its name and the shapes.
func (s *Stream) run(name string, f func(inputs []*graph.Node) []*graph.Node, inputs ...*tensors.Tensor) ([]*tensors.Tensor, error) {
	exec := s.blocks[name]
	if exec == nil {
		var err error
		if exec, err = graph.NewExec(s.backend, f); err != nil {
			return nil, fmt.Errorf("losses.Stream: %w", err)
		}
		s.blocks[name] = exec.SetMaxCache(-1)
	}
	out, err := exec.Call(anys(inputs)...)
	if err != nil {
		return nil, fmt.Errorf("losses.Stream: %w", err)
	}
	return out, nil
}

// streamedReduction is a reduction as sums and counts over blocks, whose ratios add up.
type streamedReduction struct {
	perTerm   bool    // of the terms above a bound, a kind each; else of the anchors' values
	above     float64 // the bound of terms
	allRows   bool    // divided by the number of rows
	undivided bool    // divided by nothing; else by what counts
}

func streamedReductionOf(reduce Reduction) (streamedReduction, error) {
	switch reduce {
	case Mean:
		return streamedReduction{}, nil
	case MeanAll:
		return streamedReduction{allRows: true}, nil
	case Sum:
		return streamedReduction{undivided: true}, nil
	case MeanTerms:
		return streamedReduction{perTerm: true, above: math.Inf(-1)}, nil
	case MeanNonZero:
		return streamedReduction{perTerm: true}, nil
	}
	return streamedReduction{}, fmt.Errorf("losses.NewStream: the reduction must be Mean, MeanAll, Sum, MeanTerms or MeanNonZero, got %v: "+
		"what another divides by is not known in blocks", reduce)
}

// of returns the sums and the counts of a block, [kinds] each.
func (r streamedReduction) of(loss Loss, s Scores) (sums, counts *graph.Node) {
	begin(loss, s)
	total := func(x *graph.Node) *graph.Node { return graph.Reshape(graph.ReduceAllSum(x), 1) }
	if !r.perTerm {
		return total(loss.PerAnchor(s)), total(graph.ConvertDType(loss.Anchors(s), s.Similarity.DType()))
	}
	var allSums, allCounts []*graph.Node
	for _, kind := range termsOf(loss, s) {
		sum, count := kind(r.above, math.Inf(1))
		allSums, allCounts = append(allSums, total(sum)), append(allCounts, total(count))
	}
	return graph.Concatenate(allSums, 0), graph.Concatenate(allCounts, 0)
}

// weights are what the sums of a batch are multiplied by.
func (r streamedReduction) weights(counts []float64, rows int) []float64 {
	weights := make([]float64, len(counts))
	for k, count := range counts {
		switch {
		case r.undivided:
			weights[k] = 1
		case r.allRows:
			weights[k] = 1 / float64(rows)
		default:
			weights[k] = 1 / max(count, 1)
		}
	}
	return weights
}

// byRows takes blocks of rows with autodiff inside.
func (s *Stream) byRows(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	rows := embeddings.Shape().Dim(0)
	height := s.BlockRows(rows)
	var sums, counts []float64
	sweep := func(name string, do func(index *tensors.Tensor) ([]*tensors.Tensor, error)) error {
		sums, counts = nil, nil
		for start := 0; start < rows; start += height {
			at := indices(start, height)
			out, err := do(at)
			if err != nil {
				return err
			}
			sums, counts = added(sums, out[0]), added(counts, out[1])
			if err := errors.Join(at.FinalizeAll(), out[0].FinalizeAll(), out[1].FinalizeAll()); err != nil {
				return err
			}
		}
		return nil
	}
	weights := []float64{1} // of one kind, the sum is divided at the end
	if s.reduce.perTerm {
		if err := sweep("value", func(index *tensors.Tensor) ([]*tensors.Tensor, error) {
			return s.run("value", func(in []*graph.Node) []*graph.Node {
				sums, counts := s.reduce.of(s.loss, s.block(in[0], in[1], in[2]))
				return []*graph.Node{wide(sums), wide(counts)}
			}, labels, embeddings, index)
		}); err != nil {
			return 0, nil, err
		}
		weights = s.reduce.weights(counts, rows)
	}
	weightsTensor := tensors.FromFlatDataAndDimensions(weights, len(weights))
	defer weightsTensor.MustFinalizeAll()
	if err := sweep("gradient", func(index *tensors.Tensor) ([]*tensors.Tensor, error) {
		inputs := []*tensors.Tensor{labels, embeddings, index, weightsTensor}
		name := "first"
		if gradient != nil {
			inputs, name = append(inputs, gradient), "next"
		}
		out, err := s.run(name, func(in []*graph.Node) []*graph.Node {
			sums, counts := s.reduce.of(s.loss, s.block(in[0], in[1], in[2]))
			pulled := graph.Gradient(graph.ReduceAllSum(graph.Mul(sums, graph.ConvertDType(in[3], sums.DType()))), in[1])[0]
			pulled = precise(pulled)
			if len(in) > 4 {
				pulled = graph.Add(pulled, in[4])
			}
			return []*graph.Node{wide(sums), wide(counts), pulled}
		}, inputs...)
		if err != nil {
			return nil, err
		}
		if gradient != nil {
			err = gradient.FinalizeAll()
		}
		gradient = out[2]
		return out, err
	}); err != nil {
		return 0, nil, err
	}
	final := s.reduce.weights(counts, rows)
	for k := range final {
		loss += sums[k] * final[k]
	}
	scale := 1.0
	if !s.reduce.perTerm {
		scale = final[0]
	}
	gradient, err = s.scaled(gradient, scale, embeddings.DType())
	return loss, gradient, err
}

// BlockRows is how many rows of so many, at least 1, are taken at a time, at most, with all that the loss makes of them.
func (s *Stream) BlockRows(rows int) int { return min(rows, max(1, s.slabBytes/(4*rows))) }

// indices are those of the rows of a block, on from start.
func indices(start, height int) *tensors.Tensor {
	index := make([]int32, height)
	for i := range index {
		index[i] = int32(start + i)
	}
	return tensors.FromFlatDataAndDimensions(index, height)
}

// block is the scores of some rows against the batch; rows after the last have no pairs.
func (s *Stream) block(labels, embeddings, row *graph.Node) Scores {
	g, rows, height := embeddings.Graph(), embeddings.Shape().Dim(0), row.Shape().Dim(0)
	held := stable.Column(graph.MinScalar(row, rows-1))
	scores := PairsAgainstBy(s.related, graph.Gather(labels, held), graph.Gather(embeddings, held), labels, embeddings, s.sim)
	column := graph.Iota(g, shapes.Make(dtypes.Int32, 1, rows), 1)
	pair := graph.LogicalAnd(
		graph.NotEqual(stable.Column(row), column),
		graph.BroadcastToDims(stable.Column(graph.LessThan(row, graph.Scalar(g, dtypes.Int32, rows))), height, rows))
	scores.Positive, scores.Negative = graph.LogicalAnd(scores.Positive, pair), graph.LogicalAnd(scores.Negative, pair)
	return mine(scores, s.miners)
}

// scaled multiplies a gradient, which it frees, and converts it.
func (s *Stream) scaled(gradient *tensors.Tensor, by float64, dtype dtypes.DType) (*tensors.Tensor, error) {
	factor := tensors.FromValue(by)
	out, err := s.run("scaled "+dtype.String(), func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.ConvertDType(graph.Mul(in[0], graph.ConvertDType(in[1], in[0].DType())), dtype)}
	}, gradient, factor)
	if err = errors.Join(err, gradient.FinalizeAll(), factor.FinalizeAll()); err != nil {
		return nil, err
	}
	return out[0], nil
}

func wide(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.Float64) }

// added adds the numbers of a float64 tensor.
func added(sums []float64, x *tensors.Tensor) []float64 {
	values := tensors.MustCopyFlatData[float64](x)
	if sums == nil {
		return values
	}
	for k, value := range values {
		sums[k] += value
	}
	return sums
}
