package losses_test

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// Over devices with a part of the batch each, and of the class weights, an unchanged loss is that of the whole batch, in value and
// gradient: XLA partitions the graph by where its inputs are.
func TestLossOverDevices(t *testing.T) {
	b := backendtest.XLA(t)
	in := randomBatch(51, 8, 3, 6) // the rows of a class are on several devices
	for i := range in.labels {
		in.labels[i] = int32(i % 8)
	}
	for name, f := range map[string]func(labels, embeddings, weights *graph.Node) *graph.Node{
		"pairs": func(labels, embeddings, weights *graph.Node) *graph.Node {
			loss := losses.Mean.Of(circle, losses.Pairs(labels, embeddings, losses.Cosine))
			return graph.Add(loss, graph.MulScalar(graph.ReduceAllSum(weights), 0))
		},
		"mined pairs": func(labels, embeddings, weights *graph.Node) *graph.Node {
			loss := losses.Mean.Of(triplet(0.2), losses.HardestPairs(losses.Pairs(labels, embeddings, unitL2)))
			return graph.Add(loss, graph.MulScalar(graph.ReduceAllSum(weights), 0))
		},
		"classes": func(labels, embeddings, weights *graph.Node) *graph.Node {
			return losses.Mean.Of(losses.DefaultAMSoftmax(), losses.Classes(labels, embeddings, weights, losses.Cosine))
		},
	} {
		build := func(labels, embeddings, weights *graph.Node) []*graph.Node {
			embeddings, weights = graph.ConvertDType(embeddings, dtypes.Float32), graph.ConvertDType(weights, dtypes.Float32)
			loss := f(labels, embeddings, weights)
			outputs := []*graph.Node{loss}
			for _, g := range append(outputs, graph.Gradient(loss, embeddings, weights)...)[1:] {
				outputs = append(outputs, graph.ConvertDType(g, dtypes.Float64))
			}
			outputs[0] = graph.ConvertDType(loss, dtypes.Float64)
			return outputs
		}
		one := graph.MustNewExec(b, build)
		want := numbersOf(t, one.MustCall(in.labels, in.embeddings, in.others))
		learns(t, name, want)
		for _, devices := range []int{2, 4} {
			got := numbersOf(t, overDevices(t, devices, build, in))
			same(t, fmt.Sprintf("%s on %d devices", name, devices), got, want, 1e-6, 1e-6)
		}
	}
}

func numbersOf(t *testing.T, out []*tensors.Tensor) result {
	t.Helper()
	return result{
		loss:       tensors.ToScalar[float64](out[0]),
		embeddings: tensors.MustCopyFlatData[float64](out[1]),
		others:     tensors.MustCopyFlatData[float64](out[2]),
	}
}

// overDevices runs a function with labels, embeddings and weights in parts, and puts its outputs together.
func overDevices(t *testing.T, devices int, build func(labels, embeddings, weights *graph.Node) []*graph.Node, in batch) []*tensors.Tensor {
	t.Helper()
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{"devices"})
	if err != nil {
		t.Fatal(err)
	}
	rows := &distributed.ShardingSpec{Mesh: mesh, Axes: []distributed.AxisSpec{{"devices"}}}
	exec := graph.MustNewExec(backendtest.FourDevices(t), build).AutoSharding(mesh).WithInputShardingSpecs(rows, rows, rows).
		WithOutputShardingSpecs(distributed.NewReplicatedShardingSpec(mesh), rows, rows)
	defer exec.Finalize()
	var inputs []any
	for _, whole := range []*tensors.Tensor{tensors.FromValue(in.labels), tensors.FromValue(in.embeddings), tensors.FromValue(in.others)} {
		parts, err := dtensor.ShardTensor(rows, whole)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, parts)
	}
	out, err := exec.DistributedCall(inputs...)
	if err != nil {
		t.Fatal(err)
	}
	var merged []*tensors.Tensor
	for i, parts := range out {
		if rows := parts.ShardShape(); i > 0 && rows.Dim(0)*devices != parts.Shape().Dim(0) {
			t.Errorf("output %d is in parts %s of %s", i, rows, parts.Shape())
		}
		whole, err := parts.Merge()
		if err != nil {
			t.Fatal(err)
		}
		merged = append(merged, whole)
	}
	return merged
}
