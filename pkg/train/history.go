package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
)

// Record is a step of a history, one line of history.jsonl.
type Record struct {
	Step         int     `json:"step"`          // from 1
	Loss         float64 `json:"loss"`          // of the step's batch, before its update
	LearningRate float64 `json:"learning_rate"` // of the network, in this step
	// Positive sums up s_p, the cosine similarities of pairs within a class, whatever the loss measures with. It is of the batch, or of its
	// first 1,024 images if it has more.
	Positive Summary `json:"s_p"`
	// Negative sums up s_n, those of pairs of two classes.
	Negative Summary `json:"s_n"`
	// Recall is recall@1 among the same images: how many of those that have another of their class have one as the nearest. An image that
	// comes twice in a batch is neither a pair nor a neighbour of itself.
	Recall float64 `json:"recall_at_1"`
	// Validation is set in the steps after which the held-out classes were asked.
	Validation Metrics `json:"validation,omitzero"`
	// ImagesPerSecond is the speed since the record before, batches included; 0 in a run's first, which has the compilation.
	ImagesPerSecond float64 `json:"images_per_second"`
}

// Metrics are those of retrieval among classes that are not trained on, fractions of 1; see eval.Metrics.
type Metrics struct {
	RecallAt1  float64 `json:"recall_at_1"` // recall@1
	RPrecision float64 `json:"r_precision"` // R-precision
	MAPAtR     float64 `json:"map_at_r"`    // MAP@R, by which the best step is chosen
}

// Best is the step that validated best.
type Best struct {
	Step    int     `json:"step"`   // from 1; 0: nothing was validated
	Metrics Metrics `json:"scores"` // of its validation
	Worse   int     `json:"worse"`  // validations since, none of them better
}

// Summary is the mean and the quantiles of similarities.
type Summary struct {
	Mean float64 `json:"mean"` // the arithmetic mean
	Q05  float64 `json:"q05"`  // 5 % are below it
	Q25  float64 `json:"q25"`  // a quarter is below it
	Q50  float64 `json:"q50"`  // the median
	Q75  float64 `json:"q75"`  // three quarters are below it
	Q95  float64 `json:"q95"`  // 95 % are below it
}

// summarize takes the mean and the quantiles, linear between neighbours. It sorts values.
func summarize(values []float32) Summary {
	if len(values) == 0 {
		return Summary{}
	}
	slices.Sort(values)
	total := 0.0
	for _, v := range values {
		total += float64(v)
	}
	quantile := func(q float64) float64 {
		whole, part := math.Modf(q * float64(len(values)-1))
		low := values[int(whole)]
		high := values[min(int(whole)+1, len(values)-1)]
		return float64(low) + part*(float64(high)-float64(low))
	}
	return Summary{total / float64(len(values)), quantile(.05), quantile(.25), quantile(.5), quantile(.75), quantile(.95)}
}

// ReadHistory reads the records that a run has left in its directory, in order, also while it is running: a last line that is
// not yet whole is left out.
func ReadHistory(dir string) ([]Record, error) {
	var records []Record
	err := checkpoint.ReadHistory(dir, upTo(math.MaxInt, &records))
	return records, err
}

// upTo reads lines of a history into records, up to a step.
func upTo(step int, records *[]Record) checkpoint.Take {
	last := 0
	return func(line []byte) (int, error) {
		var record Record
		if err := strictjson.UnmarshalSome(line, &record); err != nil {
			return 0, err
		}
		if record.Step <= last {
			return 0, fmt.Errorf("it is of step %d, after step %d", record.Step, last)
		}
		if last = record.Step; last <= step {
			*records = append(*records, record)
		}
		return last, nil
	}
}
