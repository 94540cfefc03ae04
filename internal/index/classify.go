package index

import "github.com/unipair/unipair/internal/usage"

// Verdict says of which class a query is.
type Verdict struct {
	Class   string  `json:"class"` // empty where it is unknown
	Unknown bool    `json:"unknown"`
	Share   float64 `json:"share"` // of all votes, in [0, 1]; 0 where it is unknown
}

// CanClassify returns an error where an image of the index is not of one class.
func (x *Index) CanClassify() error {
	if x.Several {
		return usage.Errorf("search: the images of %s have several labels each, and --classify names one class, by a threshold for pairs of one: "+
			"leave it out, and read the labels of the neighbours", x.Data)
	}
	return nil
}

// Classify names the class of a query by its neighbours, the nearest first. Each that is at least as similar as the threshold votes for its
// class, by how far it is above. The class with the most votes wins; of equal ones, that of the nearest. Where no neighbour is that
// similar, the class is unknown.
func Classify(hits []Hit, threshold float64) Verdict {
	votes, all, best := make(map[string]float64), 0.0, Verdict{Unknown: true}
	for _, h := range hits {
		if h.Similarity >= threshold {
			votes[h.Class] += h.Similarity - threshold
			all += h.Similarity - threshold
		}
	}
	for _, h := range hits {
		if count, votes := votes[h.Class]; votes && (best.Unknown || count > best.Share) {
			best = Verdict{h.Class, false, count}
		}
	}
	switch {
	case best.Unknown:
	case all > 0:
		best.Share /= all
	default: // all that vote are at the threshold
		best.Share = 1
	}
	return best
}
