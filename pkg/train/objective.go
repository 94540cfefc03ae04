package train

import (
	"fmt"
	"reflect"

	"github.com/unipair/unipair/pkg/losses"
)

// objective holds the loss of a configuration with all that its names stand for.
type objective struct {
	loss       losses.Loss
	labels     losses.Labels
	similarity losses.Similarity
	reduction  losses.Reduction
}

// objective returns the objective of the loss named, or of own unless that is nil.
func (c Config) objective(own losses.Loss) (objective, error) {
	loss, entry, err := c.entry(own)
	if err != nil {
		return objective{}, err
	}
	labels := c.Labels
	switch labels {
	case "":
		labels = entry.Labels
	case losses.PairLabels, losses.ClassLabels:
	default:
		return objective{}, fmt.Errorf("labels must be %s or %s, got %q", losses.PairLabels, losses.ClassLabels, c.Labels)
	}
	if c.Predictor > 0 && labels == losses.ClassLabels {
		return objective{}, fmt.Errorf("a predictor needs pair-wise labels: it foretells the partners of an image, not its class")
	}
	similarity := entry.Similarity
	if c.Similarity != "" {
		if similarity, err = losses.FindSimilarity(c.Similarity); err != nil {
			return objective{}, err
		}
	}
	reduction, err := losses.FindReduction(c.Reduction)
	if err != nil {
		return objective{}, err
	}
	return objective{loss, labels, similarity, reduction}, nil
}

// entry returns the loss and what the catalogue says of it, or of the first loss of the type of own. A type that is not there is
// trained on pair-wise labels and cosines.
func (c Config) entry(own losses.Loss) (losses.Loss, losses.Entry, error) {
	if own == nil {
		entry, err := losses.Find(c.Loss)
		if err != nil {
			return nil, losses.Entry{}, err
		}
		loss, err := entry.With(c.Set)
		return loss, entry, err
	}
	if c.Loss != ownName(own) || len(c.Set) > 0 {
		return nil, losses.Entry{}, fmt.Errorf("Options.Loss is %T, and Config asks for %q: leave Config's Loss and Set empty", own, c.Loss)
	}
	for _, entry := range losses.Catalogue() {
		if reflect.TypeOf(entry.Default) == reflect.TypeOf(own) {
			return own, entry, own.Validate()
		}
	}
	return own, losses.Entry{Labels: losses.PairLabels, Similarity: losses.Cosine}, own.Validate()
}

// ownName returns the name under which a loss of one's own is kept: its type and settings, so that a run of another is not resumed.
func ownName(own losses.Loss) string { return fmt.Sprintf("%T%+v", own, own) }
