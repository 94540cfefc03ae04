package evaluation

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// pixels is a network without weights: an embedding is the picture, small and of length 1.
type pixels struct{}

func (pixels) EmbedSet(set data.Dataset) (eval.Set, error) {
	const side = 8
	embedded := eval.Set{Dim: side * side}
	for i := range set.Len() {
		m, err := set.Image(i)
		if err != nil {
			return eval.Set{}, err
		}
		norm := 0.0
		small := data.Resize(m, side).Pixels
		for _, x := range small {
			norm += float64(x) * float64(x)
		}
		for _, x := range small {
			embedded.Embeddings = append(embedded.Embeddings, float32(float64(x)/math.Sqrt(norm)))
		}
		embedded.Labels = append(embedded.Labels, int32(set.Label(i)))
	}
	return embedded, nil
}

func (pixels) Episodes([]data.OneShotRun) ([]eval.Episode, error) { return nil, nil }

// Run measures all that there is to measure of a set without a gallery, and a warning is told and kept.
func TestRun(t *testing.T) {
	glyphs, err := datasets.Find("glyphs")
	if err != nil {
		t.Fatal(err)
	}
	part, err := glyphs.Part(t.Context(), "test", nil, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	o := DefaultOptions()
	o.Learnt = map[string]bool{part.Queries.Classes()[0]: true}
	o.Data.Progress = func(line string) { told = append(told, line) }
	r, err := Run(t.Context(), pixels{}, glyphs, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Queries != 400 || r.Lone != 0 || r.RetrievalOn != "glyphs, evaluation" || r.OneShotOn != "100 drawn runs of 20 classes" ||
		len(r.LeftOut) > 0 {
		t.Errorf("%d queries, %d lone, on %q and %q, left out %q", r.Queries, r.Lone, r.RetrievalOn, r.OneShotOn, r.LeftOut)
	}
	if !strings.HasPrefix(r.Warning, "warning: 1 of the 20 classes") || !slices.Equal(told, []string{r.Warning}) {
		t.Errorf("warning %q, told %q", r.Warning, told)
	}
	for _, name := range []string{"recall_at_1", "recall_at_8", "map_at_r", "nmi", "ami", "one_shot_error"} {
		m, ok := r.Metric(name)
		if !ok || !(m.Value > 0 && m.Value < 1) || m.On == "" {
			t.Errorf("%s: %+v, %v", name, m, ok)
		}
	}
	if m, ok := r.Metric("map_at_r"); !ok || m.Interval == nil || !(m.Interval.Low < m.Value && m.Value < m.Interval.High) {
		t.Errorf("map_at_r is %+v", m)
	}
	if _, ok := r.Metric("map_at_s"); ok {
		t.Error("there is a metric that is none")
	}

	var direct bytes.Buffer
	within, err := json.Marshal(map[string]Result{"result": r})
	if err := r.WriteJSON(&direct); err != nil {
		t.Fatal(err)
	}
	var one map[string]any
	var other struct{ Result map[string]any }
	if err != nil || json.Unmarshal(direct.Bytes(), &one) != nil || json.Unmarshal(within, &other) != nil || len(one) != len(other.Result) {
		t.Fatalf("%s\n%s, %v", direct.Bytes(), within, err)
	}
	for _, name := range []string{"recall_at_2", "queries", "lone_queries", "intervals_95", "verification", "left_out", "retrieval_on",
		"one_shot_on"} {
		if _, ok := one[name]; !ok {
			t.Errorf("the JSON has no %s: %s", name, direct.Bytes())
		}
	}

	page := filepath.Join(t.TempDir(), "page.html")
	if err := r.WritePage(page, "pixels <b>"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	for _, want := range []string{"Evaluation on glyphs, evaluation", "pixels &lt;b&gt;", "<svg", "warning: 1 of", "The worst mistakes", "Which pictures these are",
		"roc_auc"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("the page has no %q, %v", want, err)
		}
	}
}
