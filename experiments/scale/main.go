package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/experiments/internal/normal"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/pkg/losses"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run() error {
	batch := flag.Int("batch", 1024, "images of a batch, on all devices together")
	dim := flag.Int("dim", 512, "numbers per embedding")
	classes := flag.Int("classes", 16384, "classes of the class-level loss")
	page := flag.String("write", "", "Markdown `file` whose section of figures is replaced")
	flag.Parse()
	if *batch < 64 || *batch%4 != 0 || *classes < 4**batch || *classes%4 != 0 || *dim < 2 {
		return fmt.Errorf("want a batch of 64 or more, 4 times as many classes, both multiples of 4, and 2 numbers or more; got %d, %d and %d",
			*batch, *classes, *dim)
	}
	dump, err := os.MkdirTemp("", "unipair-scale-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dump)
	// Before the plugin is loaded, which reads it once.
	if err := os.Setenv("XLA_FLAGS", "--xla_dump_to="+dump+" --xla_dump_hlo_as_text --xla_dump_hlo_module_re=measured"); err != nil {
		return err
	}
	device, line, err := backend.OpenDevices(4)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, line)
	if device.NumDevices() < 4 {
		return fmt.Errorf("the backend %s has %d devices, and 4 are needed: take XLA", device.Name(), device.NumDevices())
	}
	var text, timed strings.Builder
	text.WriteString("| loss | devices | multiplied by each, GFLOP | gathered, MB | reduced, MB | as the model says |\n|---|---|---|---|---|---|\n")
	for _, subject := range []subject{pairs(*batch, *dim), against(*batch, *dim, *classes)} {
		for _, devices := range []int{1, 2, 4} {
			fmt.Fprintf(os.Stderr, "%s on %d devices\n", subject.name, devices)
			made, err := subject.compile(device, devices, dump)
			if err != nil {
				return err
			}
			j := subject.job
			j.devices = float64(devices)
			agrees := near(made.flops, j.flops()) && near(made.exchanged["all-gather"], j.gathered()) &&
				near(made.exchanged["all-reduce"], j.reduced())
			fmt.Fprintf(&text, "| %s | %d | %.3f | %.3f | %.3f | %s |\n", subject.name, devices, made.flops/1e9,
				made.exchanged["all-gather"]/1e6, made.exchanged["all-reduce"]/1e6, map[bool]string{true: "yes", false: "**no**"}[agrees])
		}
		seconds, err := subject.time(device)
		if err != nil {
			return err
		}
		fmt.Fprintf(&timed, "%s on one device: %.1f ms, %.1f GFLOP/s of products with all else. ",
			subject.name, 1e3*seconds, subject.job.flops()/seconds/1e9)
	}
	fmt.Fprintf(&text, "\nBatches of %d, d = %d, %d classes. %s\n", *batch, *dim, *classes, timed.String())
	fmt.Print(text.String())
	if *page == "" {
		return nil
	}
	command := strings.Join(append([]string{"go run ./experiments/scale"}, os.Args[1:]...), " ")
	section := results.Section{Command: command, Machine: results.Machine("backend " + device.Name()), Table: text.String()}
	return results.Replace(*page, "Figures", section.Text())
}

// subject is a loss to measure.
type subject struct {
	name   string
	job    job
	inputs []*tensors.Tensor
	build  func(labels, embeddings, weights *graph.Node) *graph.Node
}

func labels(rows, classes int) *tensors.Tensor {
	values := make([]int32, rows)
	for i := range values {
		values[i] = int32(i % classes)
	}
	return tensors.FromFlatDataAndDimensions(values, rows)
}

func pairs(batch, dim int) subject {
	s := subject{name: "circle, pairs", job: job{batch: float64(batch), dim: float64(dim), devices: 1}}
	s.inputs = []*tensors.Tensor{labels(batch, batch/4), normal.Vectors(batch, dim), normal.Vectors(4, dim)}
	s.build = func(labels, embeddings, weights *graph.Node) *graph.Node {
		loss := losses.Mean.Of(losses.DefaultCircle(), losses.Pairs(labels, embeddings, losses.Cosine))
		return graph.Add(loss, graph.MulScalar(graph.ReduceAllSum(weights), 0))
	}
	return s
}

func against(batch, dim, classes int) subject {
	s := subject{name: "am-softmax, classes", job: job{batch: float64(batch), dim: float64(dim), classes: float64(classes), devices: 1}}
	s.inputs = []*tensors.Tensor{labels(batch, classes), normal.Vectors(batch, dim), normal.Vectors(classes, dim)}
	s.build = func(labels, embeddings, weights *graph.Node) *graph.Node {
		return losses.Mean.Of(losses.DefaultAMSoftmax(), losses.Classes(labels, embeddings, weights, losses.Cosine))
	}
	return s
}

// measured makes the loss and its gradients.
func (s subject) measured(labels, embeddings, weights *graph.Node) []*graph.Node {
	loss := s.build(labels, embeddings, weights)
	return append([]*graph.Node{loss}, graph.Gradient(loss, embeddings, weights)...)
}

// compile compiles the loss for devices, and reads what XLA made of it.
func (s subject) compile(device compute.Backend, devices int, dump string) (program, error) {
	exec, err := graph.NewExec(device, s.measured)
	if err != nil {
		return program{}, err
	}
	defer exec.Finalize()
	exec.WithName(fmt.Sprintf("measured-%d", devices))
	if devices > 1 {
		mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{"devices"})
		if err != nil {
			return program{}, err
		}
		rows := &distributed.ShardingSpec{Mesh: mesh, Axes: []distributed.AxisSpec{{"devices"}}}
		whole := distributed.NewReplicatedShardingSpec(mesh)
		exec.AutoSharding(mesh).WithInputShardingSpecs(rows, rows, rows).WithOutputShardingSpecs(whole, rows, rows)
	}
	var shards []shapes.Shape // each device's, one device after the other
	for range devices {
		for _, input := range s.inputs {
			shard := input.Shape().Clone()
			shard.Dimensions[0] /= devices
			shards = append(shards, shard)
		}
	}
	if _, err := exec.Compile(shards...); err != nil {
		return program{}, err
	}
	files, err := filepath.Glob(filepath.Join(dump, "*after_optimizations.txt"))
	if err != nil || len(files) == 0 {
		return program{}, errors.Join(err, fmt.Errorf("XLA wrote nothing into %s", dump))
	}
	text, err := file.Read(slices.Max(files), 1<<30) // they are numbered
	if err != nil {
		return program{}, err
	}
	return parse(string(text)), nil
}

// time returns the least of some runs on one device.
func (s subject) time(device compute.Backend) (float64, error) {
	exec, err := graph.NewExec(device, s.measured)
	if err != nil {
		return 0, err
	}
	defer exec.Finalize()
	exec.WithName("timed")
	least := time.Duration(1 << 62)
	for range 8 {
		begin := time.Now()
		out, err := exec.Call(s.inputs[0], s.inputs[1], s.inputs[2])
		if err != nil {
			return 0, err
		}
		least = min(least, time.Since(begin))
		for _, t := range out {
			if err := t.FinalizeAll(); err != nil {
				return 0, err
			}
		}
	}
	return least.Seconds(), nil
}
