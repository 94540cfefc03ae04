package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/lossbatch"
)

// feed runs the program with words and standard input, and returns its exit code and what it wrote.
func feed(t *testing.T, stdin io.Reader, words ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(context.Background(), words, stdio{stdin, &out, &err})
	return code, out.String(), err.String()
}

const fourVectors = `{"embeddings": [[1, 0], [0.6, 0.8], [0, 1], [-0.6, 0.8]], "labels": [0, 0, 1, 1]`

// The hardest triplets of four unit vectors, by hand: only b (0.894 from a, 0.632 from c) and c (0.632 from both b and d)
// violate the margin of 0.2.
func TestLossPairWise(t *testing.T) {
	code, stdout, stderr := feed(t, strings.NewReader(fourVectors+"}"), "loss", "--name", "triplet", "--set", "mining=hard")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var got lossbatch.Result
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	want := []float64{0, math.Sqrt(0.8) - math.Sqrt(0.4) + 0.2, 0.2, 0}
	for i := range want {
		if math.Abs(got.PerAnchor[i]-want[i]) > 1e-12 {
			t.Errorf("anchor %d: %.15g, want %.15g", i, got.PerAnchor[i], want[i])
		}
	}
	if mean := (want[1] + want[2]) / 4; math.Abs(got.Loss-mean) > 1e-12 || got.Anchors != 4 {
		t.Errorf("loss %.15g of %d anchors, want %.15g of 4", got.Loss, got.Anchors, mean)
	}
	if len(got.GradEmbeddings) != 4 || len(got.GradEmbeddings[0]) != 2 || got.GradWeights != nil {
		t.Errorf("gradients %v and %v, want [4][2] and none", got.GradEmbeddings, got.GradWeights)
	}
}

// Where no row has what a loss needs, that is said beside its 0.
func TestLossOfNothing(t *testing.T) {
	for text, silent := range map[string]bool{
		`{"embeddings": [[1, 0], [0, 1]], "labels": [0, 0]}`:                false,
		`{"embeddings": [[1, 0], [0, 1], [0.6, 0.8]], "labels": [0, 0, 1]}`: true,
	} {
		code, stdout, stderr := feed(t, strings.NewReader(text), "loss", "--name", "circle")
		if code != 0 || strings.Contains(stderr, "no row has what circle needs") == silent || !strings.Contains(stdout, `"loss":`) {
			t.Errorf("%s: exit %d, wrote %q, said %q", text, code, stdout, stderr)
		}
	}
}

// Softmax of logits x·w by hand: two classes, so log(1 + exp(x·(w_other − w_own))).
func TestLossClassLevel(t *testing.T) {
	stdin := strings.NewReader(fourVectors + `, "weights": [[1, 0], [0, 1]]}`)
	code, stdout, stderr := feed(t, stdin, "loss", "--name", "softmax", "--reduce", "sum")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var got lossbatch.Result
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, gap := range []float64{-1, 0.2, -1, -1.4} {
		want += math.Log1p(math.Exp(gap))
	}
	if math.Abs(got.Loss-want) > 1e-12 || len(got.GradWeights) != 2 {
		t.Errorf("loss %.15g with gradient of weights %v, want %.15g and two rows", got.Loss, got.GradWeights, want)
	}
}

func TestLossRefuses(t *testing.T) {
	classes := fourVectors + `, "weights": [[1, 0]]}`
	for name, c := range map[string]struct {
		stdin string
		words []string
		want  string
	}{
		"nothing":           {"", nil, "nothing on standard input"},
		"broken JSON":       {"{", nil, "it is cut short: unexpected EOF"},
		"an array":          {"[1]", nil, "batch"},
		"rank 3":            {`{"embeddings": [[[1]]], "labels": [0]}`, nil, "embeddings must be a matrix"},
		"ragged":            {`{"embeddings": [[1, 2], [1]], "labels": [0, 1]}`, nil, "row 0 has 2 numbers, row 1 has 1"},
		"null":              {`{"embeddings": [[1, null]], "labels": [0]}`, nil, "row 0, column 1 is null"},
		"infinite":          {`{"embeddings": [[1e999]], "labels": [0]}`, nil, "1e999"},
		"beyond float32":    {`{"embeddings": [[1e39]], "labels": [0], "dtype": "float32"}`, nil, "beyond the range"},
		"float label":       {`{"embeddings": [[1]], "labels": [0.5]}`, nil, "label 0 is 0.5, want a whole number"},
		"negative label":    {`{"embeddings": [[1]], "labels": [-1]}`, nil, "label 0 is -1, want ≥ 0"},
		"empty":             {`{"embeddings": [], "labels": []}`, nil, "at least one row"},
		"unknown field":     {`{"embedings": [[1]], "labels": [0]}`, nil, `unknown field "embedings"`},
		"lengths":           {`{"embeddings": [[1]], "labels": [0, 1]}`, nil, "2 labels for 1 embeddings"},
		"dtype":             {`{"embeddings": [[1]], "labels": [0], "dtype": "float8"}`, nil, `unknown dtype "float8"`},
		"trailing":          {fourVectors + "} {", nil, "something follows"},
		"pairs only":        {fourVectors + `, "weights": [[1, 0], [0, 1]]}`, []string{"--name", "triplet", "--set", "swap=true", "--classes"}, "needs the scores of a batch against itself"},
		"centers":           {classes, []string{"--name", "soft-triple"}, "not a whole number of classes of 10 centers"},
		"weights for pairs": {classes, nil, "class-level"},
		"no weights":        {fourVectors + "}", []string{"--classes"}, `needs "weights"`},
		"label too high":    {classes, []string{"--classes"}, "label 2 is 1, but there are weights of 1 classes"},
		"other dimension":   {fourVectors + `, "weights": [[1]]}`, []string{"--classes"}, "must have as many"},
		"unknown loss":      {"", []string{"--name", "circel"}, "did you mean circle?"},
		"unknown parameter": {"", []string{"--set", "margn=1"}, "did you mean margin?"},
		"out of range":      {"", []string{"--set", "margin=2"}, "Circle: Margin must be in [0, 1), got 2"},
		"NaN":               {"", []string{"--set", "gamma=NaN"}, "Circle: Gamma"},
		"unknown reduction": {"", []string{"--reduce", "average"}, "unknown reduction"},
		"not a setting":     {"", []string{"--set", "margin"}, "want name=value"},
		"argument":          {"", []string{"circle"}, "unexpected argument"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := feed(t, strings.NewReader(c.stdin), append([]string{"loss", "--name", "circle"}, c.words...)...)
			if code != 2 || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, stdout %q, stderr %q; want 2, nothing, one line with %q", code, stdout, stderr, c.want)
			}
		})
	}
}

// zeros is an endless batch.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestLossRefusesAHugeBatch(t *testing.T) {
	code, stdout, stderr := feed(t, zeros{}, "loss", "--name", "circle")
	if code != 2 || stdout != "" || !strings.Contains(stderr, "larger than 256 MiB") {
		t.Errorf("exit code %d, stdout %q, stderr %q; want 2, nothing, a line about the size", code, stdout, stderr)
	}
}

func TestLossList(t *testing.T) {
	code, stdout, _ := feed(t, nil, "loss", "--list", "--json")
	var listed []listedLoss
	if err := json.Unmarshal([]byte(stdout), &listed); err != nil || code != 0 {
		t.Fatalf("exit code %d: %v", code, err)
	}
	for _, l := range listed {
		if l.Name == "circle" && len(l.Parameters) == 2 && l.Parameters[0].Name == "margin" && l.Parameters[0].Default == 0.4 {
			return
		}
	}
	t.Errorf("circle with margin 0.4 is not in the list: %s", stdout)
}
