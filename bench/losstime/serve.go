package losstime

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/bench/internal/memory"
	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/turns"
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

// server is Unipair as a peer.
type server struct {
	device compute.Backend
	inputs []*tensors.Tensor // labels, embeddings, class weights
	steps  map[[2]string]step
}

// Serve answers for Unipair until the input ends or ctx does.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	s := &server{device: device, steps: map[[2]string]step{}}
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
		bytes, err := memory.Taken("VmRSS")
		return reply{Version: "backend " + s.device.Name(), Bytes: bytes}, err
	case "load":
		return reply{}, s.load(q.files)
	case "make":
		var made reply
		err := file.Write(q.Gradients, func(to io.Writer) error {
			var failed error
			wall, cpu := time.Now(), turns.ProcessorTime()
			value, err := s.run(q.Contender, q.Loss, func(numbers []float32) {
				began, used := time.Now(), turns.ProcessorTime()
				failed = errors.Join(failed, peers.PutNumbers(to, numbers))
				wall, cpu = wall.Add(time.Since(began)), cpu+turns.ProcessorTime()-used // writing is not measured
			})
			made = reply{Value: value, Seconds: time.Since(wall).Seconds(), CPU: turns.ProcessorTime() - cpu}
			return errors.Join(err, failed)
		})
		return made, err
	case "time":
		wall, cpu := time.Now(), turns.ProcessorTime()
		for range q.Runs {
			if _, err := s.run(q.Contender, q.Loss, func([]float32) {}); err != nil {
				return reply{}, err
			}
		}
		n := float64(q.Runs)
		return reply{Wall: time.Since(wall).Seconds() / n, CPU: (turns.ProcessorTime() - cpu) / n}, nil
	case "peak":
		bytes, err := memory.Taken("VmHWM")
		return reply{Bytes: bytes}, err
	}
	return reply{}, fmt.Errorf("unknown op %q", q.Op)
}

// load keeps a batch on the device and forgets what was compiled for another.
func (s *server) load(f files) error {
	for _, step := range s.steps {
		step.free()
	}
	s.inputs, s.steps = nil, map[[2]string]step{}
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
	debug.FreeOSMemory() // what was read lies on the device: the memory that is measured is not that of reading
	return nil
}

// run computes value and gradients, which it shows one after the other.
func (s *server) run(contender, loss string, show func(gradient []float32)) (value float64, err error) {
	key := [2]string{contender, loss}
	if _, made := s.steps[key]; !made {
		made, err := newStep(s.device, contender, loss)
		if err != nil {
			return 0, err
		}
		s.steps[key] = made
	}
	return s.steps[key].run(s.inputs, show)
}
