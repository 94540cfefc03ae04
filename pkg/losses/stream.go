package losses

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/internal/host"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Stream computes a pair-wise loss of a batch against itself, and its gradient, in blocks. The matrix of similarities is never whole, so
// that memory is O(rows · dim), plus some tens of megabytes, for a batch of any size. It is exact: the value and the gradient are those of
// [PairWiseBy], to rounding.
//
// A loss of sums, see "Performance" in the package doc, by [Cosine] or [Dot] under a symmetric relation is taken in tiles of half of the
// matrix. So it is after [MultiSimilarityPairs] and [PairsBeyond]. Any other is taken in blocks of rows, with autodiff inside the block.
// Other miners see whole rows. A loop in the host drives one compiled block: a graph would keep them all. A loss that looks beyond its
// row, see [LooksBeyondRow], cannot be streamed. The reduction must be [Mean], [MeanAll], [Sum], [MeanTerms] or [MeanNonZero].
//
// It compiles once per shape. Finalize frees what is compiled.
type Stream struct {
	rowBlocks
	backend  compute.Backend
	halved   bool // by tiles of half of the matrix, if the loss is a formula
	tiles    map[string]*tiles
	tileRows int // of a tile, about
}

// tiles holds what a stream has for batches of some rows and some type, since a loss may be another formula for others.
type tiles struct {
	formula  fold.Formula
	count    [][]fold.Sum // of the pairs
	ok       bool         // the loss is a formula
	programs *host.Programs
}

// NewStream returns a stream of what [PairWiseBy] binds. It refuses what cannot be streamed.
func NewStream(backend compute.Backend, related Relation, l Loss, sim Similarity, reduce Reduction, miners ...Miner) (*Stream, error) {
	if err := validate(l, related, sim, reduce); err != nil {
		return nil, err
	}
	if at, beyond := LooksBeyondRow(l); beyond {
		return nil, fmt.Errorf("losses.NewStream: %T looks at %s: it cannot be taken in blocks of rows", l, at)
	}
	kind, err := streamedReductionOf(reduce)
	if err != nil {
		return nil, err
	}
	s := &Stream{backend: backend, tiles: map[string]*tiles{}, tileRows: 1360, rowBlocks: rowBlocks{
		programs: host.NewPrograms(backend, "losses.Stream"), related: related, loss: l, sim: sim, reduce: kind, miners: miners,
		slabBytes: 32 << 20,
	}}
	_, perTerm := l.(Termwise)
	how, known := symmetricOf(sim)
	s.halved = known && how.perProduct == nil && isSymmetric(related) && !(kind.perTerm && (perTerm || kind.above == 0))
	return s, nil
}

// ValueAndGradient returns the loss of a batch and its gradient, of the embeddings' shape and type. labels is integer, what the relation
// takes, embeddings float [batch, dim]. The caller finalizes the gradient.
func (s *Stream) ValueAndGradient(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	if err := refuseBatch(labels, embeddings); err != nil {
		return 0, nil, err
	}
	if tiles := s.tilesOf(embeddings.Shape(), 1); tiles.ok {
		loss, gradient, err = s.byTiles(tiles, labels, embeddings, fold.Share{})
	} else {
		loss, gradient, err = s.valueAndGradient(labels, embeddings, allRows(embeddings.Shape().Dim(0)))
	}
	if err != nil {
		return 0, nil, err
	}
	return s.shown(loss, gradient, embeddings)
}

// BatchPart is one part of several that share a batch, of which each has all labels and all embeddings. Its functions are given what each part
// has, in the same order on all.
type BatchPart struct {
	Part, Parts int // which of how many
	// Sum returns the sums of numbers over all parts.
	Sum func([]float64) ([]float64, error)
	// Gather returns the tensors of all parts, float [1, …] each, one after the other: [parts, …].
	Gather func(*tensors.Tensor) (*tensors.Tensor, error)
}

// ValueAndGradientOf does what [Stream.ValueAndGradient] does with a part of the work, for a batch that processes share. The part is some
// of the tiles, or an equal part of the rows as anchors. The loss is that of the whole batch. The gradient is what this part has of it,
// float [batch, dim], and the sum over all parts is the gradient of the batch. A batch has a row for each part at least.
func (s *Stream) ValueAndGradientOf(labels, embeddings *tensors.Tensor, of BatchPart) (loss float64, gradient *tensors.Tensor, err error) {
	if err := refuseBatch(labels, embeddings); err != nil {
		return 0, nil, err
	}
	rows := embeddings.Shape().Dim(0)
	if of.Part < 0 || of.Part >= of.Parts || of.Parts > rows || of.Sum == nil || of.Gather == nil {
		return 0, nil, fmt.Errorf("losses.Stream: a part of %d rows must be one of 1 to %d, and know the others; got number %d of %d", rows, rows,
			of.Part, of.Parts)
	}
	if tiles := s.tilesOf(embeddings.Shape(), of.Parts); tiles.ok {
		loss, gradient, err = s.byTiles(tiles, labels, embeddings, fold.Share{Part: of.Part, Parts: of.Parts, Gather: of.Gather})
	} else {
		loss, gradient, err = s.valueAndGradient(labels, embeddings, anchors{rows * of.Part / of.Parts, rows * (of.Part + 1) / of.Parts, of.Sum})
	}
	if err != nil {
		return 0, nil, err
	}
	return s.shown(loss, gradient, embeddings)
}

// tilesOfParts counts the tiles that each part of a batch has at least, where the batch has so many rows: parts have as many but one.
const tilesOfParts = 4

// heightOf returns about how many rows a tile has, of so many in so many parts: n blocks of rows make n(n + 1)/2 tiles.
func (s *Stream) heightOf(rows, parts int) int {
	if parts < 2 {
		return s.tileRows
	}
	blocks := int(math.Ceil(math.Sqrt(float64(2 * tilesOfParts * parts))))
	return min(s.tileRows, (rows+blocks-1)/blocks)
}

// shown returns the loss and its gradient, and NaN for the loss where an embedding is infinite or no number.
func (s *Stream) shown(loss float64, gradient, embeddings *tensors.Tensor) (float64, *tensors.Tensor, error) {
	shown, err := s.programs.Run("shown", func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.Reshape(wide(unlessFinite(in[0])), 1)}
	}, embeddings)
	if err != nil {
		return 0, nil, errors.Join(err, gradient.FinalizeAll())
	}
	return loss + host.Add(nil, shown[0])[0], gradient, host.Free(shown)
}

// PerAnchor returns what the loss gives each anchor of a batch, before any reduction, and which anchors have what the loss needs. There is
// one of each per row, in the order of the rows. Inputs and errors are those of [Stream.ValueAndGradient].
func (s *Stream) PerAnchor(labels, embeddings *tensors.Tensor) (values []float64, has []bool, err error) {
	if err := refuseBatch(labels, embeddings); err != nil {
		return nil, nil, err
	}
	return s.perAnchor(labels, embeddings)
}

// BlockRows returns how many rows of so many, at least 1, are taken at a time, at most, with all that the loss makes of them.
func (s *Stream) BlockRows(rows int) int { return s.height(rows) }

// Finalize frees the compiled blocks.
func (s *Stream) Finalize() {
	s.programs.Finalize()
	for _, tiles := range s.tiles {
		tiles.programs.Finalize()
	}
}

// tilesOf returns what there is for embeddings of a shape in so many parts, whose tiles are of another size than those of one.
func (s *Stream) tilesOf(shape shapes.Shape, parts int) *tiles {
	if !s.halved {
		return &tiles{}
	}
	key := fmt.Sprint(shape, parts)
	of := s.tiles[key]
	if of == nil {
		of = &tiles{programs: host.NewPrograms(s.backend, "losses.Stream")}
		of.formula, of.count, of.ok = formulaOf(s.backend, s.loss, s.miners, shape.Dim(0), preciseType(shape.DType))
		s.tiles[key] = of
	}
	return of
}

// byTiles takes tiles of half of the matrix, a share of them.
func (s *Stream) byTiles(of *tiles, labels, embeddings *tensors.Tensor, share fold.Share) (loss float64, gradient *tensors.Tensor, err error) {
	how, _ := symmetricOf(s.sim)
	anchors := func(count fold.Result) *graph.Node { return anchorsOf(s.loss, oneOfEach(count)) }
	formula := of.formula
	if s.reduce.perTerm { // of which an anchor that lacks what the loss needs has none
		formula.Combine = func(results []fold.Result) *graph.Node { // with the count of the pairs at the end
			return stable.ZeroUnless(anchors(results[len(results)-1]), of.formula.Combine(results))
		}
	}
	return fold.Stream{
		Programs: of.programs, Formula: formula, Count: of.count, Related: s.related.Of,
		TileRows: s.heightOf(embeddings.Shape().Dim(0), share.Parts), Share: share,
		Vectors: func(embeddings *graph.Node) *graph.Node { return how.vectors(precise(embeddings)) },
		Anchors: anchors,
		Weight:  func(anchors float64, rows int) float64 { return s.reduce.weights([]float64{anchors}, rows)[0] },
	}.ValueAndGradient(labels, embeddings)
}

// oneOfEach returns scores with a positive and a negative of the anchors that have some: what an anchor of a formula has, see [formulaOf],
// does not depend on more.
func oneOfEach(count fold.Result) Scores {
	has := func(x *graph.Node) *graph.Node { return stable.Column(stable.Positive(x)) }
	no := graph.LogicalAnd(has(count.Positive), graph.LogicalNot(has(count.Positive)))
	return Scores{
		Similarity: graph.ConvertDType(graph.Concatenate([]*graph.Node{no, no}, 1), count.Positive.DType()),
		Positive:   graph.Concatenate([]*graph.Node{has(count.Positive), no}, 1),
		Negative:   graph.Concatenate([]*graph.Node{no, has(count.Negative)}, 1),
	}
}

// refuseBatch returns an error for what is no batch.
func refuseBatch(labels, embeddings *tensors.Tensor) error {
	shape := embeddings.Shape()
	if shape.Rank() != 2 || !shape.DType.IsFloat() || shape.Size() == 0 {
		return fmt.Errorf("losses.Stream: embeddings must be float [rows, dim] with at least one of each, got %s", shape)
	}
	if labels.Shape().Rank() < 1 || labels.Shape().Dim(0) != shape.Dim(0) {
		return fmt.Errorf("losses.Stream: labels must be one per row of the embeddings %s, got %s", shape, labels.Shape())
	}
	return nil
}
