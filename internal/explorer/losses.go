package explorer

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/scoreplane"
	"github.com/unipair/unipair/pkg/losses"
)

// Shown is a loss that the explorer can show, as its page needs it.
type Shown struct {
	Name       string      `json:"name"`
	Labels     string      `json:"labels"`
	Formula    string      `json:"formula"`
	Paper      string      `json:"paper"`
	Measure    string      `json:"measure"` // the name in [Measures] of what its paper measures with; "" for a loss that only trains
	Plane      bool        `json:"plane"`   // it is a function of one anchor's scores
	Trains     bool        `json:"trains"`  // a [Ring] takes it
	Parameters []Parameter `json:"parameters"`
}

// Losses lists the losses of the catalogue that can be shown on the plane, in a training, or both. It names those that are no function of
// one anchor's scores with the reason.
func Losses(b compute.Backend) (shown []Shown, others []string) {
	for _, entry := range losses.Catalogue() {
		s := Shown{Name: entry.Name, Labels: string(entry.Labels), Formula: entry.Formula, Paper: entry.Paper, Parameters: []Parameter{}}
		measure, err := measureOf(entry.Similarity)
		if err == nil {
			err = onePlane(b, entry.Default)
		}
		if err != nil {
			others = append(others, fmt.Sprintf("%s (%v)", entry.Name, err))
		} else {
			s.Measure, s.Plane = measure, true
		}
		s.Trains = losses.CentersOf(entry.Default) == 1
		if !s.Plane && !s.Trains {
			continue
		}
		for _, p := range entry.Parameters() {
			s.Parameters = append(s.Parameters, settable(entry, p))
		}
		shown = append(shown, s)
	}
	return shown, others
}

// onePlane returns an error unless a loss is a function of the scores of one anchor.
func onePlane(b compute.Backend, loss losses.Loss) error {
	if at, beyond := losses.LooksBeyondRow(loss); beyond {
		return fmt.Errorf("looks at %s", at)
	}
	_, _, _, err := scoreplane.Gradients(b, loss, []float64{0.5}, []float64{0.5}, 0.5)
	if err != nil {
		_, refusal, _ := strings.Cut(err.Error(), " panicked: ")
		return fmt.Errorf("takes no such scores: %s", refusal)
	}
	return nil
}
