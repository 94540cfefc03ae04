// Package evaluation measures what networks make of a data set: retrieval, clustering, verification and one-shot classification, with
// intervals. [Run] measures; a [Result] is written as JSON, as a table, or as a page with figures and the worst mistakes.
package evaluation

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// Network is what embeds: one network, or several as a [train.Ensemble].
type Network interface {
	EmbedSet(set data.Dataset) (eval.Set, error)
	Episodes(runs []data.OneShotRun) ([]eval.Episode, error)
}

var _ Network = train.Ensemble{}

// Options say what is measured, and how.
type Options struct {
	Part     string          // of the set, see [datasets.Set.Part]; empty is the default
	RecallAt []int           // the K of recall@K
	Learnt   map[string]bool // classes that the network has learnt from; a warning names them where they are measured with
	Backend  compute.Backend // searches; nil: pure Go
	Data     data.Options    // how the set is read; its Progress is told the warning before the work
}

// DefaultOptions returns those of `unipair eval`.
func DefaultOptions() Options { return Options{RecallAt: []int{1, 2, 4, 8}} }

// Result is what was measured, in fractions of 1.
type Result struct {
	Metrics      []Metric
	Queries      int
	Lone         int           // queries that are left out, for nothing of their class can be found
	Verification *Verification // nil: not measured
	LeftOut      []string      // what is not measured, and why
	RetrievalOn  string        // what was searched
	OneShotOn    string        // the runs of the one-shot error; empty where there are none
	Warning      string        // what a reader of the numbers must know; may be empty

	of embedded
}

// Metric is a number with what it was measured on.
type Metric struct {
	eval.Metric
	Interval *eval.Interval // 95 %, over classes or runs; nil: there is none
	On       string
}

// Verification is how well pairs can be told to be of one class, by the names of its JSON.
type Verification struct {
	On                 string      `json:"on"`
	Same               int         `json:"pairs_of_one_class"`
	Different          int         `json:"pairs_of_two"`
	AUC                float64     `json:"auc"`
	AUCInterval        [2]float64  `json:"auc_interval_95"`
	EER                float64     `json:"eer"`
	EERInterval        [2]float64  `json:"eer_interval_95"`
	Threshold          *float64    `json:"eer_threshold"` // nil: above all similarities
	At                 []Operating `json:"tar_at_far"`
	FoldAccuracy       float64     `json:"fold_accuracy,omitempty"` // of official pairs; 0 where there are none
	FoldAccuracyStdErr float64     `json:"fold_accuracy_standard_error,omitempty"`

	curve       eval.Verification
	comparisons []eval.Comparison
}

// Operating is a point of the ROC curve: the share of pairs of one class that is accepted where a share of those of two is.
type Operating struct {
	FAR       float64    `json:"far"`
	TAR       float64    `json:"tar"`
	Interval  [2]float64 `json:"interval_95"`
	Threshold *float64   `json:"threshold"` // nil: above all similarities
}

// Run embeds a part of a set and measures it.
func Run(ctx context.Context, network Network, set datasets.Set, o Options) (Result, error) {
	of, err := embed(ctx, network, set, o)
	if err != nil {
		return Result{}, err
	}
	r := Result{RetrievalOn: of.retrievalOn, OneShotOn: of.oneShotOn, Warning: of.warning, of: of}
	if r.Warning != "" && o.Data.Progress != nil {
		o.Data.Progress(r.Warning)
	}
	if err := r.measure(o); err != nil {
		return Result{}, err
	}
	return r, nil
}

// Metric returns the metric of a name, such as map_at_r; ok is false where it was not measured.
func (r Result) Metric(name string) (m Metric, ok bool) {
	for _, m := range r.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}
