package losses_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// Every anchor has in blocks what it has at once, for every loss of the catalogue that can be taken in blocks.
func TestStreamPerAnchor(t *testing.T) {
	in, b := unevenBatch(4, 37, 5), backendtest.Go(t)
	rows, dim := len(in.embeddings), len(in.embeddings[0])
	labels := tensors.FromFlatDataAndDimensions(in.labels, rows)
	embeddings := tensors.FromFlatDataAndDimensions(flat[float64](in.embeddings), rows, dim)
	for _, entry := range losses.Catalogue() {
		stream, err := losses.NewStream(b, losses.SameLabel, entry.Default, entry.Similarity, losses.Mean)
		if err != nil {
			continue // it looks at the whole batch
		}
		values, has, err := stream.InSmallBlocks(8, rows).PerAnchor(labels, embeddings)
		stream.Finalize()
		if err != nil {
			t.Errorf("%s: %v", entry.Name, err)
			continue
		}
		out := graph.MustExecOnceN(b, func(labels, embeddings *graph.Node) []*graph.Node {
			scores := losses.Pairs(labels, embeddings, entry.Similarity)
			return []*graph.Node{entry.Default.PerAnchor(scores), graph.ConvertDType(entry.Default.Anchors(scores), dtypes.Bool)}
		}, labels, embeddings)
		if want := tensors.MustCopyFlatData[bool](out[1]); !slices.Equal(has, want) {
			t.Errorf("%s: the anchors are %v, want %v", entry.Name, has, want)
		}
		for i, want := range tensors.MustCopyFlatData[float64](out[0]) {
			if diff := values[i] - want; diff > 1e-12*max(1, want) || -diff > 1e-12*max(1, want) {
				t.Errorf("%s: anchor %d has %.15g, want %.15g", entry.Name, i, values[i], want)
				break
			}
		}
	}
}

// What is no batch is refused in a line, as by ValueAndGradient.
func TestStreamPerAnchorRefuses(t *testing.T) {
	stream, err := losses.NewStream(backendtest.Go(t), losses.SameLabel, circle, losses.Cosine, losses.Mean)
	if err != nil {
		t.Fatal(err)
	}
	two := tensors.FromFlatDataAndDimensions([]int32{0, 1}, 2)
	for want, embeddings := range map[string]*tensors.Tensor{
		"must be one per row of the embeddings (Float32)[1, 2]": tensors.FromFlatDataAndDimensions([]float32{1, 2}, 1, 2),
		"float [rows, dim] with at least one of each":           tensors.FromFlatDataAndDimensions([]float32{}, 0, 2),
		"must be float [rows, dim]":                             two,
	} {
		if _, _, err := stream.PerAnchor(two, embeddings); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
