package gradients

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/bench/peers"
	"github.com/unipair/unipair/bench/race"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/losses"
)

// request is a question of the protocol that peer.py describes.
type request struct {
	files
	Op        string `json:"op"`
	Contender string `json:"contender"`
	Loss      string `json:"loss"`
	Gradients string `json:"gradients"`
	Runs      int    `json:"runs"`
}

// reply is an answer; each op has its own fields.
type reply struct {
	Version string  `json:"version,omitempty"`
	Bytes   int64   `json:"bytes,omitempty"`
	Value   float64 `json:"value,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Wall    float64 `json:"wall,omitempty"`
	CPU     float64 `json:"cpu,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// Our contenders: the loss as a user binds it to a trainer, and the least work that any algorithm does, its matrix products.
const (
	whole    = "whole"
	products = "products"
)

// server is Unipair as a peer.
type server struct {
	device compute.Backend
	files  files
	inputs []any // labels, embeddings, class weights
	execs  map[[2]string]*graph.Exec
}

// Serve answers for Unipair until the input ends or ctx does.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	s := &server{device: device, execs: map[[2]string]*graph.Exec{}}
	ended := make(chan error, 1)
	go func() {
		answers := json.NewEncoder(out)
		questions := json.NewDecoder(bufio.NewReader(in))
		for {
			var q request
			if err := questions.Decode(&q); err != nil {
				if errors.Is(err, io.EOF) {
					err = nil
				}
				ended <- err
				return
			}
			r, err := s.answer(q)
			if err != nil {
				r = reply{Error: err.Error()}
			}
			if err := answers.Encode(r); err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done(): // a computation cannot be interrupted; the process ends
		return ctx.Err()
	}
}

func (s *server) answer(q request) (reply, error) {
	switch q.Op {
	case "open":
		bytes, err := taken("VmRSS")
		return reply{Version: "backend " + s.device.Name(), Bytes: bytes}, err
	case "load":
		return reply{}, s.load(q.files)
	case "make":
		begin := time.Now()
		var gradients []float32
		value, err := s.step(q.Contender, q.Loss, func(numbers []float32) { gradients = append(gradients, numbers...) })
		seconds := time.Since(begin).Seconds()
		if err == nil {
			err = peers.WriteNumbers(q.Gradients, gradients)
		}
		return reply{Value: value, Seconds: seconds}, err
	case "time":
		wall, cpu := time.Now(), race.ProcessorTime()
		for range q.Runs {
			if _, err := s.step(q.Contender, q.Loss, func([]float32) {}); err != nil {
				return reply{}, err
			}
		}
		n := float64(q.Runs)
		return reply{Wall: time.Since(wall).Seconds() / n, CPU: (race.ProcessorTime() - cpu) / n}, nil
	case "peak":
		bytes, err := taken("VmHWM")
		return reply{Bytes: bytes}, err
	}
	return reply{}, fmt.Errorf("unknown op %q", q.Op)
}

// load keeps a batch on the device and forgets what was compiled for another.
func (s *server) load(f files) error {
	for _, exec := range s.execs {
		exec.Finalize()
	}
	s.files, s.inputs, s.execs = f, nil, map[[2]string]*graph.Exec{}
	labels, err := peers.ReadNumbers[int32](f.Labels)
	if err != nil {
		return err
	}
	batch := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, len(labels))}
	for _, matrix := range []struct {
		path string
		rows int
	}{{f.Embeddings, f.Rows}, {f.Weights, f.Classes}} {
		if matrix.rows == 0 {
			continue
		}
		numbers, err := peers.ReadNumbers[float32](matrix.path)
		if err != nil {
			return err
		}
		batch = append(batch, tensors.FromFlatDataAndDimensions(numbers, matrix.rows, f.Dim))
	}
	for _, t := range batch {
		if err := t.ToDevice(s.device, 0); err != nil {
			return err
		}
		s.inputs = append(s.inputs, t)
	}
	return nil
}

// step computes value and gradients: of the embeddings and then of the class weights, each shown where it lies.
func (s *server) step(contender, loss string, show func(gradient []float32)) (value float64, err error) {
	key := [2]string{contender, loss}
	if s.execs[key] == nil {
		exec, err := s.compile(contender, loss)
		if err != nil {
			return 0, err
		}
		s.execs[key] = exec
	}
	out, err := s.execs[key].Call(s.inputs...)
	if err != nil {
		return 0, err
	}
	for i, t := range out {
		if i == 0 {
			value = float64(tensors.ToScalar[float32](t))
		} else if err := tensors.ConstFlatData(t, show); err != nil {
			return 0, err
		}
		if err := t.FinalizeAll(); err != nil {
			return 0, err
		}
	}
	return value, nil
}

func (s *server) compile(contender, name string) (*graph.Exec, error) {
	loss, sim, classLevel, err := compiled(name)
	if err != nil {
		return nil, err
	}
	switch {
	case contender == products:
		return graph.NewExec(s.device, productsAlone)
	case classLevel:
		bound := losses.ClassLevel(loss, sim, losses.Mean)
		return graph.NewExec(s.device, func(labels, embeddings, weights *graph.Node) []*graph.Node {
			value := bound([]*graph.Node{labels}, []*graph.Node{embeddings, weights})
			return append([]*graph.Node{value}, graph.Gradient(value, embeddings, weights)...)
		})
	}
	bound := losses.PairWise(loss, sim, losses.Mean)
	return graph.NewExec(s.device, func(labels, embeddings *graph.Node) []*graph.Node {
		value := bound([]*graph.Node{labels}, []*graph.Node{embeddings})
		return append([]*graph.Node{value}, graph.Gradient(value, embeddings)...)
	})
}

// productsAlone makes the similarities S = X Yᵀ and then what a gradient by them becomes: S Y, and for class weights Sᵀ X too. For
// a batch with itself Y is X, and one more product is not needed, as S is symmetric.
func productsAlone(inputs []*graph.Node) []*graph.Node {
	x, y := inputs[1], inputs[len(inputs)-1]
	s := graph.MatMul(x, graph.Transpose(y, 0, 1))
	out := []*graph.Node{graph.Zeros(x.Graph(), shapes.Make(x.DType())), graph.MatMul(s, y)}
	if len(inputs) == 3 {
		out = append(out, graph.MatMul(graph.Transpose(s, 0, 1), x))
	}
	return out
}
