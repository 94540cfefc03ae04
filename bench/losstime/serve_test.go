package losstime

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backend"
)

// Our process speaks the peers' protocol: it loads a batch, gives value and gradients of every loss and times them, and says what
// it cannot do.
func TestServe(t *testing.T) {
	t.Setenv(backend.Variable, "go")
	for name := range subjects {
		what := task{loss: name, rows: 8}
		if name == "am-softmax" {
			what.classes = 6
		}
		batch, err := what.write(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		gradients := filepath.Join(t.TempDir(), "gradients")
		answers := ask(t,
			request{Op: "open"}, request{Op: "load", files: batch}, request{Op: "make", Contender: whole, Loss: name, Gradients: gradients},
			request{Op: "make", Contender: products, Loss: name, Gradients: gradients + "2"},
			request{Op: "time", Contender: whole, Loss: name, Runs: 2}, request{Op: "make", Contender: whole, Loss: "nothing"}, request{Op: "sing"},
		)
		numbers, err := peers.ReadNumbers[float32](gradients)
		if err != nil {
			t.Fatal(err)
		}
		length := 0.0
		for _, x := range numbers {
			length += float64(x) * float64(x)
		}
		if want := (what.rows + what.classes) * dim; len(numbers) != want || !(length > 0) || math.IsInf(length, 0) || !(answers[2].Value > 0) {
			t.Errorf("%s: value %g, %d numbers of square %g", name, answers[2].Value, len(numbers), length)
		}
		inBlocks := streamed // another way to the same
		if what.classes > 0 {
			inBlocks = classBlocks
		}
		again := ask(t, request{Op: "load", files: batch}, request{Op: "make", Contender: inBlocks, Loss: name, Gradients: gradients + "3"})
		other, err := peers.ReadNumbers[float32](gradients + "3")
		if err != nil {
			t.Fatal(err)
		}
		if err := agree(again[1].Value, answers[2].Value, other, numbers); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if answers[4].Wall <= 0 || !strings.Contains(answers[5].Error, "no loss") || !strings.Contains(answers[6].Error, "unknown op") {
			t.Errorf("%s: answers %+v", name, answers[4:])
		}
	}
}

func ask(t *testing.T, questions ...request) []reply {
	t.Helper()
	var in, out bytes.Buffer
	for _, q := range questions {
		if err := json.NewEncoder(&in).Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := Serve(context.Background(), &in, &out); err != nil {
		t.Fatal(err)
	}
	answers := make([]reply, len(questions))
	decoder := json.NewDecoder(&out)
	for i := range answers {
		if err := decoder.Decode(&answers[i]); err != nil {
			t.Fatal(err)
		}
	}
	return answers
}
