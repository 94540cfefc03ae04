package train

import "github.com/unipair/unipair/pkg/losses"

// ClassSample is Partial FC, for a class-level loss of many classes. Each step looks at the classes of its batch and at some others, drawn
// anew by the run's seed. It moves their weights alone. See [losses.ClassSampling]. The optimiser goes on for a class where it was when
// the class was last looked at; between, its weights and their means stand still.
type ClassSample struct {
	Ratio    float64 `json:"ratio"`              // of all classes, in (0, 1]; 0 looks at all classes
	Unbiased bool    `json:"unbiased,omitempty"` // a sampled class counts for all that it stands for, see [losses.Unbiased]
}

func (s ClassSample) sampling(seed uint64) losses.ClassSampling {
	return losses.ClassSampling{Ratio: s.Ratio, Seed: seed}
}
