package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// Record is a step of a history, one line of history.jsonl.
type Record struct {
	Step         int     `json:"step"` // from 1
	Loss         float64 `json:"loss"` // of the step's batch, before its update
	LearningRate float64 `json:"learning_rate"`
	// The cosine similarities of the batch's pairs, whatever the loss measures with.
	Positive Summary `json:"s_p"` // within a class
	Negative Summary `json:"s_n"` // between classes
	// ImagesPerSecond is the speed since the record before, batches included; 0 in a run's first, which has the compilation.
	ImagesPerSecond float64 `json:"images_per_second"`
}

// Summary is the mean and the quantiles of similarities.
type Summary struct {
	Mean float64 `json:"mean"`
	Q05  float64 `json:"q05"`
	Q25  float64 `json:"q25"`
	Q50  float64 `json:"q50"`
	Q75  float64 `json:"q75"`
	Q95  float64 `json:"q95"`
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

// pairs sorts the similarities [n, n] of a batch into those within a class and those between classes, each pair once.
func pairs(similarities []float32, labels []int32) (positive, negative []float32) {
	n := len(labels)
	for i := range n {
		for j := range i {
			if labels[i] == labels[j] {
				positive = append(positive, similarities[i*n+j])
			} else {
				negative = append(negative, similarities[i*n+j])
			}
		}
	}
	return positive, negative
}

// historyName is the file of a run's records in its directory.
const historyName = "history.jsonl"

// ReadHistory reads the records that a run has left in its directory, in order.
func ReadHistory(dir string) ([]Record, error) {
	name := filepath.Join(dir, historyName)
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("train: history: %w", err)
	}
	var records []Record
	lines := bufio.NewScanner(bytes.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		var record Record
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return records, fmt.Errorf("train: history: %s line %d is damaged: %w", name, number, err)
		}
		records = append(records, record)
	}
	return records, lines.Err()
}

// writeHistory writes the records of a run beside its checkpoint, to a temporary name first.
func writeHistory(dir string, records []Record) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, record := range records {
		if err := encoder.Encode(record); err != nil {
			return fmt.Errorf("train: history: %w", err)
		}
	}
	return writeFile(filepath.Join(dir, historyName), text.Bytes())
}

// upTo returns the records of a directory up to a step; a run that was killed may have written later ones.
func upTo(dir string, step int) ([]Record, error) {
	records, err := ReadHistory(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(records, func(r Record) bool { return r.Step > step }), nil
}
