package evaluation

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/usage"
)

// mostJSON bounds the bytes that are read of what [Result.WriteJSON] wrote.
const mostJSON = 1 << 22

// Threshold returns the similarity that was chosen at a rate of false accepts, of what [Result.WriteJSON] wrote to a file. It must be of
// the same networks, by the SHA-256 of their weights, seen in as many ways.
func Threshold(name string, rate float64, networks []string, views bool) (float64, error) {
	text, err := file.Read(name, mostJSON)
	if err != nil {
		return 0, usage.Errorf("threshold: %w", err)
	}
	var said struct {
		Networks     []string      `json:"networks_sha256"`
		Views        bool          `json:"tta"`
		Verification *Verification `json:"verification"`
		LeftOut      []string      `json:"left_out"`
		Measured     any           `json:"measured"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return 0, usage.Errorf("threshold: %s is not what `unipair eval --json` printed: %w", name, err)
	}
	switch {
	case said.Measured != nil:
		return 0, usage.Errorf("threshold: %s is of what has not learnt: run `unipair eval --json` with the checkpoints that were exported", name)
	case said.Networks == nil:
		return 0, usage.Errorf("threshold: %s does not say which networks were measured: run `unipair eval --json` again", name)
	case !slices.Equal(said.Networks, networks) || said.Views != views:
		return 0, usage.Errorf("threshold: %s is of other networks than the index (or one of both with --tta): "+
			"run `unipair eval --json` with the checkpoints that were exported", name)
	case said.Verification == nil:
		return 0, usage.Errorf("threshold: %s has no verification: measure on data that has pairs of one class and of two%s", name, because(said.LeftOut))
	}
	var rates []float64
	for _, at := range said.Verification.At {
		switch rates = append(rates, at.FAR); {
		case at.FAR != rate:
		case at.Threshold == nil:
			return 0, usage.Errorf("threshold: at a rate of %g no pair of %s is accepted: give a higher rate", rate, name)
		default:
			return *at.Threshold, nil
		}
	}
	return 0, usage.Errorf("threshold: %s has none at a rate of %g, but at %v: give one of these", name, rate, rates)
}

// because says why there is no verification, where that was said.
func because(leftOut []string) string {
	for _, reason := range leftOut {
		if strings.Contains(reason, "verification") {
			return " (left out: " + escape.Line(reason) + ")"
		}
	}
	return ""
}
