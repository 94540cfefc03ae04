package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/turns"
)

// network is ours, compiled, with its images on the device.
type network struct {
	exec   *model.Exec
	images *tensors.Tensor
}

// Take implements [turns.Contender]: embeddings, until they can be read.
func (n network) Take(runs int) (turns.Turn, error) {
	wall, cpu := time.Now(), turns.ProcessorTime()
	for range runs {
		if _, err := n.embed(); err != nil {
			return turns.Turn{}, err
		}
	}
	each := float64(runs)
	return turns.Turn{Wall: time.Since(wall).Seconds() / each, CPU: (turns.ProcessorTime() - cpu) / each}, nil
}

func (n network) embed() ([]float32, error) {
	out, err := n.exec.Call(n.images)
	if err != nil {
		return nil, err
	}
	rows, err := tensors.CopyFlatData[float32](out[0])
	return rows, errors.Join(err, out[0].FinalizeAll())
}

// theirs is a network of a peer.
type theirs struct{ *peers.Peer }

// Take implements [turns.Contender].
func (p theirs) Take(runs int) (turns.Turn, error) {
	var took struct{ Wall, CPU float64 }
	err := p.Ask(map[string]any{"op": "time", "runs": runs}, &took)
	return turns.Turn{Wall: took.Wall, CPU: took.CPU}, err
}

// backbone compares embeddings of the network, of so many pictures at once, and then times them in turns.
func (w words) backbone(ctx context.Context, device compute.Backend, e peers.Environment, missing map[string]bool, length turns.Length, pictures int,
) (text string, err error) {
	f, err := open(filepath.Join(w.data, networkFile))
	if err != nil {
		return "", err
	}
	store := model.NewStore()
	if err := f.Load(store.RootScope()); err != nil {
		return "", err
	}
	exec, err := model.NewExec(device, store, f.Embeddings)
	if err != nil {
		return "", err
	}
	defer exec.Finalize()
	random := rand.New(rand.NewPCG(1, 2))
	numbers := make([]float32, pictures*f.Input.Size*f.Input.Size*f.Input.Channels)
	for i := range numbers {
		numbers[i] = random.Float32()
	}
	ours := network{exec, tensors.FromFlatDataAndDimensions(numbers, pictures, f.Input.Size, f.Input.Size, f.Input.Channels)}
	if err := ours.images.ToDevice(device, 0); err != nil {
		return "", err
	}
	want, err := ours.embed()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "unipair-gpu-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	images, made := filepath.Join(dir, "images"), filepath.Join(dir, "embeddings")
	if err := peers.WriteNumbers(images, numbers); err != nil {
		return "", err
	}
	names, contenders := []string{"Unipair"}, []turns.Contender{ours}
	for _, peer := range [][2]string{{"jax", "JAX, jitted"}, {"torch", "PyTorch, eager"}} {
		if missing[peer[0]] {
			continue
		}
		python, arguments := e.Command("bench/gpu/backbone_peer.py", peer[0], w.data)
		p, err := peers.Start(ctx, peer[0], python, arguments...)
		if err != nil {
			return "", err
		}
		defer func() { err = errors.Join(err, p.Stop()) }()
		if err := p.Ask(map[string]any{"op": "make", "images": images, "count": pictures, "embeddings": made}, &struct{}{}); err != nil {
			return "", err
		}
		got, err := peers.ReadNumbers[float32](made)
		if err != nil {
			return "", err
		}
		if far := apart(got, want); !(far <= 1e-3) {
			return "", fmt.Errorf("%s: embeddings are apart by %.2g of their largest number", peer[1], far)
		}
		names, contenders = append(names, peer[1]), append(contenders, theirs{p})
	}
	taken, err := turns.Run(ctx, contenders, length)
	if err != nil {
		return "", err
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%d images of %d × %d, float32, images on the device; embeddings agree to 1e-3 of the largest number.\n\n"+
		"| | ms | Unipair ÷ it |\n|---|---|---|\n", pictures, f.Input.Size, f.Input.Size)
	for i, name := range names {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", name, turns.Walls(taken[i]).Times(1000), turns.Ratio(taken[0], taken[i]))
	}
	return table.String(), nil
}

// apart returns the largest difference of two lists, in parts of the largest number of the second; infinity where their lengths differ.
func apart(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst, largest := 0.0, 0.0
	for i, x := range b {
		worst = max(worst, math.Abs(float64(a[i])-float64(x))) // NaN stays
		largest = max(largest, math.Abs(float64(x)))
	}
	return worst / largest
}
