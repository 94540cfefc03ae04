package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/mpi"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// training says what is measured.
type training struct {
	name    string
	rows    int     // images of a batch
	classes int     // of a class-level loss, which the ranks share; 0: pairs
	steps   int     // that are counted
	work    float64 // that a rank of two has, of what one has that takes half
}

// Who takes a training.
const (
	alone = "one"
	both  = "two"
	half  = "one, half of it"

	smaller = ", small" // behind them, for a rehearsal
	warm    = 2         // steps that are not counted: they compile and find memory
)

// trainings lists what is measured. Half of a batch has a quarter of its pairs, and a rank of two has half of them.
func trainings(small bool) []training {
	if small {
		return []training{{"R28", 16, 0, 3, 1}, {"Circle, 256 rows", 256, 0, 3, 2}, {"AM-Softmax, 10,000 classes", 16, 10_000, 2, 1}}
	}
	return []training{
		{"R28", 96, 0, 30, 1}, {"Circle, 2,048 rows", 2048, 0, 10, 2}, {"Circle, 8,192 rows", 8192, 0, 3, 2},
		{"AM-Softmax, 1,000,000 classes", 64, 1_000_000, 3, 1},
	}
}

// features counts the numbers of a made-up example.
const features = 64

// setting returns what is trained on what.
func (t training) setting() (train.Config, data.Dataset, error) {
	c := train.DefaultConfig()
	c.Steps, c.Warmup = warm+t.steps+1, 1 // what a run does at its end is in the last step
	if t.name == "R28" {
		c.Classes = t.rows / c.PerClass
		set, err := data.Glyphs(data.DefaultGlyphs())
		return c, set, err
	}
	c.Network, c.Augment = train.Network{Architecture: train.ArchitectureLinear, Dim: c.Dim}, data.Augment{}
	if t.classes == 0 {
		c.Classes, c.Streamed = t.rows/c.PerClass, true
		return c, newPoints(2*c.Classes, c.PerClass), nil
	}
	c.Loss, c.ClassBlock, c.PerClass = "am-softmax", min(4096, t.classes/4), 2
	c.Classes = t.rows / c.PerClass
	return c, newPoints(t.classes, c.PerClass), nil
}

// halved returns half of a training.
func (t training) halved() training {
	if t.classes > 0 {
		t.classes /= 2
	} else {
		t.rows /= 2
	}
	return t
}

// points is a set of made-up examples: a class's own point with noise.
type points struct {
	names []string
	each  int
}

func newPoints(classes, each int) *points {
	p := &points{make([]string, classes), each}
	for i := range p.names {
		p.names[i] = strconv.Itoa(i)
	}
	return p
}

func (p *points) Name() string        { return "points" }
func (p *points) Len() int            { return len(p.names) * p.each }
func (p *points) Classes() []string   { return p.names }
func (p *points) Label(i int) int     { return i / p.each }
func (p *points) Format() data.Format { return data.Format{Channels: 1, Features: features} }

// Image returns an example.
func (p *points) Image(i int) (data.Image, error) {
	class, noise := rand.New(rand.NewPCG(uint64(p.Label(i)), 1)), rand.New(rand.NewPCG(uint64(i), 2))
	example := data.Image{Width: features, Height: 1, Pixels: make([]float32, features)}
	for j := range example.Pixels {
		example.Pixels[j] = float32(class.NormFloat64() + noise.NormFloat64()/2)
	}
	return example, nil
}

// steps holds what rank 0 says of the steps that it took.
type steps struct {
	Seconds  []float64 // of each
	Exchange float64   // of them, on average, in exchanges: the other's lateness is in it
	Bytes    float64   // that it received a step
	Network  int       // numbers of it
	Backend  string
}

// takeSteps takes the steps of a training as one of the processes, and has rank 0 print what they took.
func takeSteps(ctx context.Context, name, by string) error {
	job, err := mpi.Join(nil)
	if err != nil {
		return err
	}
	s, err := measured(ctx, job, name, by)
	if err == nil && job.Rank() == 0 {
		err = json.NewEncoder(os.Stdout).Encode(s)
	}
	job.Leave(err, func(error) {})
	return err
}

// measured finds the training, and measures it on a core.
func measured(ctx context.Context, g ranks.Group, name, by string) (s steps, err error) {
	if n := runtime.NumCPU(); n != 1 || runtime.GOMAXPROCS(0) != 1 {
		return s, fmt.Errorf("rank %d may run on %d cores with %d threads, want one each", g.Rank(), n, runtime.GOMAXPROCS(0))
	}
	by, small := strings.CutSuffix(by, smaller)
	all := trainings(small)
	at := slices.IndexFunc(all, func(t training) bool { return t.name == name })
	if at < 0 {
		return s, fmt.Errorf("no training %q", name)
	}
	t := all[at]
	if by == half {
		t = t.halved()
	}
	device, _, err := backend.Open()
	if err != nil {
		return s, err
	}
	return t.measure(ctx, device, g)
}

// measure takes the steps.
func (t training) measure(ctx context.Context, device compute.Backend, g ranks.Group) (s steps, err error) {
	config, set, err := t.setting()
	if err != nil {
		return s, err
	}
	counts := &counting{Group: g}
	var last time.Time
	var before counting
	result, err := train.Run(ctx, device, config, set, train.Options{Ranks: counts, Stall: -1, Memory: 1 << 20, Progress: func(r train.Record) {
		now := time.Now()
		switch {
		case r.Step > warm+t.steps:
		case r.Step > warm:
			s.Seconds = append(s.Seconds, now.Sub(last).Seconds())
			n := float64(len(s.Seconds))
			s.Exchange, s.Bytes = (counts.seconds-before.seconds)/n, (counts.bytes-before.bytes)/n
		default:
			before = *counts
		}
		last = now
	}})
	if err != nil {
		return s, err
	}
	embedder, err := train.NewEmbedder(device, result.Embedder.Network, config.Seed) // without what only training has
	if err != nil {
		return s, err
	}
	store, _ := embedder.Graph()
	for v := range store.IterVariables() {
		s.Network += v.Shape().Size()
	}
	s.Backend = device.Name()
	return s, nil
}

// counting counts what a rank exchanges, and how long that takes. Of so many bytes it receives what a ring brings it.
type counting struct {
	ranks.Group
	seconds, bytes float64
}

// counted notes an exchange that has begun, of so many bytes in all, which come round so many times.
func (c *counting) counted(began time.Time, whole *tensors.Tensor, times float64) {
	c.seconds += time.Since(began).Seconds()
	if whole != nil {
		c.bytes += times * float64(whole.ByteSize()) * float64(c.Size()-1) / float64(c.Size())
	}
}

func (c *counting) Gather(part *tensors.Tensor, rows int) (whole *tensors.Tensor, err error) {
	defer func(began time.Time) { c.counted(began, whole, 1) }(time.Now())
	return c.Group.Gather(part, rows)
}

func (c *counting) ReduceScatter(whole *tensors.Tensor) (*tensors.Tensor, error) {
	defer c.counted(time.Now(), whole, 1)
	return c.Group.ReduceScatter(whole)
}

func (c *counting) AllReduce(whole *tensors.Tensor) (*tensors.Tensor, error) {
	defer c.counted(time.Now(), whole, 2)
	return c.Group.AllReduce(whole)
}

func (c *counting) Broadcast(whole *tensors.Tensor) (*tensors.Tensor, error) {
	defer c.counted(time.Now(), whole, 1)
	return c.Group.Broadcast(whole)
}
