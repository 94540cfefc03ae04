package lossbatch

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
)

// settingOf is the default of a loss on the pairs of a batch.
func settingOf(t *testing.T, name string) Setting {
	t.Helper()
	entry, err := losses.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return Setting{Loss: entry.Default, Similarity: entry.Similarity, Reduction: losses.Mean}
}

// sines is a batch of so many rows of three numbers, of ten classes.
func sines(rows int, dtype string) string {
	var embeddings, labels []string
	for i := range rows {
		at := func(j int) float64 { return math.Sin(float64(1 + 7*i + 3*j)) }
		embeddings = append(embeddings, fmt.Sprintf("[%.2f, %.2f, %.2f]", at(0), at(1), at(2)))
		labels = append(labels, fmt.Sprint(i%10))
	}
	return fmt.Sprintf(`{"embeddings": [%s], "labels": [%s], "dtype": %q}`, strings.Join(embeddings, ", "), strings.Join(labels, ", "),
		dtype)
}

// What is computed in blocks is what is computed at once: value, anchors and gradient.
func TestInBlocks(t *testing.T) {
	device := backendtest.Go(t)
	for _, name := range []string{"circle", "contrastive", "multi-similarity", "margin", "triplet"} {
		for _, dtype := range []string{"float64", "float32"} {
			setting, most := settingOf(t, name), DefaultLimits()
			batch, err := setting.Read(strings.NewReader(sines(60, dtype)), most)
			if err != nil {
				t.Fatal(err)
			}
			want, err := setting.Compute(device, batch, most)
			if err != nil {
				t.Fatal(err)
			}
			stream, err := losses.NewStream(device, losses.SameLabel, setting.Loss, setting.Similarity, setting.Reduction)
			if err != nil {
				t.Fatal(err)
			}
			got, err := setting.inBlocks(device, stream, batch)
			stream.Finalize()
			if err != nil {
				t.Fatal(err)
			}
			near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-5*max(1, math.Abs(b)) }
			same := near(got.Loss, want.Loss) && got.Anchors == want.Anchors
			for i := range want.PerAnchor {
				same = same && near(got.PerAnchor[i], want.PerAnchor[i])
				for j, x := range want.GradEmbeddings[i] {
					same = same && near(got.GradEmbeddings[i][j], x)
				}
			}
			if !same || want.Loss == 0 {
				t.Errorf("%s in %s: in blocks %g of %d anchors, at once %g of %d, or what they have differs",
					name, dtype, got.Loss, got.Anchors, want.Loss, want.Anchors)
			}
		}
	}
}

// JSON of more than one meaning is refused, and so are labels that are no numbers.
func TestReadRefuses(t *testing.T) {
	const vectors = `{"embeddings": [[1, 0], [0.6, 0.8]], "labels": [0, 0]`
	for _, c := range []struct{ name, text, want string }{
		{"a bracket behind", vectors + "}]", "something follows after the JSON object"},
		{"an object behind", vectors + "}{}", "something follows after the JSON object"},
		{"labels twice", vectors + `, "labels": [0, 0]}`, `the name "labels" comes twice`},
		{"another case", `{"Embeddings": [[1]], "labels": [0]}`, `unknown field "Embeddings": did you mean embeddings?`},
		{"upper case", `{"embeddings": [[1], [2]], "LABELS": [0, 1]}`, `unknown field "LABELS": did you mean labels?`},
		{"labels of text", `{"embeddings": [[1], [2]], "labels": ["0", "1"]}`, `label 0 is "0", want a whole number`},
		{"no label", `{"embeddings": [[1], [2]], "labels": [0, null]}`, "label 1 is null, want a whole number"},
		{"an exponent", `{"embeddings": [[1], [2]], "labels": [0, 1e3]}`, "label 1 is 1e3, want a whole number"},
		{"a number for labels", `{"embeddings": [[1], [2]], "labels": 3}`, "labels must be a list of whole numbers, got a number"},
		{"text for a number", `{"embeddings": [[1], ["2"]], "labels": [0, 1]}`,
			"embeddings must be a matrix, [[number, …], …], of finite numbers with at least one row and one column, got text"},
		{"no row", `{"embeddings": [[1], null], "labels": [0, 1]}`, "got null at byte"},
		{"no number", `{"embeddings": [[NaN]], "labels": [0]}`, "invalid character 'N'"},
		{"a number for a type", `{"embeddings": [[1]], "labels": [0], "dtype": 32}`, `unknown dtype "32"`},
		{"no embeddings", `{"labels": [0]}`, "embeddings must be a matrix"},
		{"no UTF-8", "{\"embeddings\": [[1]], \"labels\": [0], \"dtype\": \"\xff\"}", "invalid UTF-8"},
		{"too large for its type", `{"embeddings": [[1e39]], "labels": [0], "dtype": "float32"}`, "1e+39 is beyond the range of Float32"},
	} {
		_, err := settingOf(t, "circle").Read(strings.NewReader(c.text), DefaultLimits())
		if err == nil || !usage.Is(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want wrong words with %q", c.name, err, c.want)
		}
	}
}

// A number that JSON cannot hold is said to be none, by what it is of.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		want   string // empty: no error
		result Result
	}{
		{"", Result{PerAnchor: []float64{1, 0}, GradEmbeddings: [][]float64{{1}, {0}}}},
		{"the value is +Inf", Result{Loss: math.Inf(1)}},
		{"the value of anchor 1 is NaN", Result{PerAnchor: []float64{1, math.NaN()}, GradEmbeddings: [][]float64{{math.NaN()}}}},
		{"the gradient of embedding 1, column 0, is -Inf", Result{GradEmbeddings: [][]float64{{1}, {math.Inf(-1)}},
			GradWeights: [][]float64{{math.NaN()}}}},
		{"the gradient of weights 0, column 0, is NaN", Result{GradWeights: [][]float64{{math.NaN()}}}},
	} {
		if err := c.result.check(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}
