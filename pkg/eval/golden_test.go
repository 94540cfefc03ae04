package eval_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/unipair/unipair/internal/pmlgolden"
	"github.com/unipair/unipair/pkg/eval"
)

func flat(rows [][]float64) (numbers []float32) {
	for _, row := range rows {
		for _, x := range row {
			numbers = append(numbers, float32(x)) // exact: see package golden
		}
	}
	return numbers
}

// mostMembers is PML's "max_bin_count": as many neighbours as the largest class needs.
func mostMembers(labels []int32, self int) int {
	most := 0
	for _, a := range labels {
		count := -self
		for _, b := range labels {
			if a == b {
				count++
			}
		}
		most = max(most, count)
	}
	return most
}

// TestGolden compares every retrieval accuracy of pml.json: over all queries, by class, and the mean of the classes.
func TestGolden(t *testing.T) {
	file := pmlgolden.Read()
	var refLabels []int32
	for _, x := range file.Numbers("ref_labels") {
		refLabels = append(refLabels, int32(x))
	}
	references := eval.Set{Dim: 6, Embeddings: flat(file.Vectors("ref_set")), Labels: refLabels}
	compared := 0
	for _, want := range file.Accuracy {
		batch := file.Cases[want.Case]
		set := eval.Set{Dim: 6, Embeddings: flat(batch.Embeddings), Labels: batch.Labels}
		self, against := 0, references
		if want.Mode == "self" {
			self, against = 1, set
		}
		var options eval.Options
		switch k := want.K.(type) {
		case string:
			options.Neighbours = mostMembers(against.Labels, self)
		case float64:
			options.Neighbours = int(k)
		}
		var got eval.Retrieval
		var err error
		if self == 1 {
			got, err = eval.Retrieve(set, options)
		} else {
			got, err = eval.RetrieveFrom(set, references, options)
		}
		for name, value := range want.Values {
			compared++
			checkGolden(t, want, name, value, got, err)
		}
	}
	if compared < 5*72 {
		t.Errorf("compared %d numbers or lists, want at least %d", compared, 5*72)
	}
}

// checkGolden compares one value: a number, or one a class.
func checkGolden(t *testing.T, want pmlgolden.Accuracy, name string, value any, got eval.Retrieval, err error) {
	t.Helper()
	where := want.Case + " " + want.Mode + " " + name
	pick := func(s eval.Metrics) float64 {
		return map[string]float64{
			"precision_at_1": s.PrecisionAt1, "r_precision": s.RPrecision, "mean_average_precision_at_r": s.MAPAtR,
			"mean_average_precision": s.MAP, "mean_reciprocal_rank": s.MRR,
		}[name]
	}
	mean := 0.0
	for _, class := range got.Classes {
		mean += pick(class.Metrics) / float64(len(got.Classes))
	}
	switch value := value.(type) {
	case []any:
		if err != nil { // nothing to retrieve; PML lists zeros
			for _, text := range value {
				equal(t, where, 0, text.(string))
			}
			return
		}
		if len(value) != len(got.Classes) {
			t.Errorf("%s: %d classes, want %d", where, len(got.Classes), len(value))
			return
		}
		for i, class := range got.Classes {
			equal(t, where, pick(class.Metrics), value[i].(string))
		}
	case string:
		switch {
		case value == "nan":
			if err == nil {
				t.Errorf("%s: no error, want one: no query has a reference", where)
			}
		case want.Options["avg_of_avgs"] == true:
			equal(t, where, mean, value)
		default:
			equal(t, where, pick(got.Metrics), value)
		}
	}
}

func equal(t *testing.T, where string, got float64, text string) {
	t.Helper()
	want, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got-want) > 1e-6*math.Abs(want) { // PML has reciprocal ranks in float32
		t.Errorf("%s = %v, want %v", where, got, want)
	}
}
