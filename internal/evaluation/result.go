package evaluation

import (
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// Result holds what was measured, in fractions of 1.
type Result struct {
	Metrics      []Metric
	Queries      int
	Lone         int           // queries that are left out, for nothing of their class can be found
	Verification *Verification // nil: not measured
	LeftOut      []string      // what is not measured, and why
	RetrievalOn  string        // what was searched
	OneShotOn    string        // the runs of the one-shot error; empty where there are none
	Warning      string        // what a reader of the numbers must know; may be empty
	Networks     []string      // SHA-256 of the weights that were measured, for [Threshold]; nil is not said
	Views        bool          // each image was seen in further ways

	Measured *train.Network // what was measured that has not learnt, with what was done to pictures; nil: trained networks

	of embedded
}

// Metric is a number with what it was measured on.
type Metric struct {
	eval.Metric
	Interval *eval.Interval // 95 %, over classes or runs; nil: there is none
	On       string
}

// Verification tells how well pairs can be told to be of one class, by the names of its JSON.
type Verification struct {
	On                 string      `json:"on"`                 // what was compared
	Same               int         `json:"pairs_of_one_class"` // how many were compared
	Different          int         `json:"pairs_of_two"`       // of different classes
	AUC                float64     `json:"auc"`                // area under the ROC curve
	AUCInterval        [2]float64  `json:"auc_interval_95"`
	EER                float64     `json:"eer"` // equal error rate: as many false accepts as false rejects
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
	FAR       float64    `json:"far"` // rate of false accepts
	TAR       float64    `json:"tar"` // rate of true accepts at it
	Interval  [2]float64 `json:"interval_95"`
	Threshold *float64   `json:"threshold"` // nil: above all similarities
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

// ends returns the ends of an interval as JSON has them.
func ends(i eval.Interval) [2]float64 { return [2]float64{i.Low, i.High} }

// finite returns a number that JSON can have, or nil.
func finite(x float64) *float64 {
	if x-x != 0 {
		return nil
	}
	return &x
}
