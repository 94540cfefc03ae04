package main

import (
	"strings"

	"github.com/unipair/unipair/pkg/train"
)

// setting says how a network is trained by a loss, but for seed and steps.
type setting struct {
	Loss         string  `json:"loss,omitempty"`
	Set          string  `json:"set,omitempty"` // what differs from the default, as in "margin=0.4 gamma=80"
	LearningRate float64 `json:"learning_rate,omitempty"`
}

// tried lists the parameters that are tried of each loss, each with both of learningRates; of a loss without parameters, moreLearningRates are.
// Most have the paper's setting, or the catalogue's, and one that asks for less: a smaller scale or margin, a higher temperature. A short
// training of this network was seen to want that of AM-Softmax, NormFace, ArcFace and contrastive, on classes of the background set.
var tried = map[string][]string{
	"softmax":    nil,
	"normface":   {"gamma=16", "gamma=30"},
	"am-softmax": {"margin=0.2 gamma=16", "margin=0.35 gamma=30"},
	"l2-softmax": {"alpha=16", "alpha=32"},
	// Without some plain softmax, four times the angle does not train from scratch; 5 is where SphereFace's annealing ends.
	"large-margin-softmax":        {"margin=2 lambda=0", "margin=4 lambda=5"},
	"sphereface":                  {"margin=2 lambda=0", "margin=4 lambda=5"},
	"arcface":                     {"margin=0.26 gamma=16", "margin=0.5 gamma=30"}, // 15°, and 0.5 radians
	"sub-center-arcface":          {"margin=0.26 gamma=16 centers=3", "margin=0.5 gamma=30 centers=3"},
	"soft-triple":                 {"gamma=20 centers=10", "gamma=20 centers=2"}, // a class has 20 images
	"proxy-nca":                   {"scale=1", "scale=9"},                        // 9: ProxyNCA++ (Teh et al., ECCV 2020)
	"proxy-anchor":                {"margin=0.1 alpha=32", "margin=0.1 alpha=16"},
	"p2sgrad":                     nil,
	"unified":                     {"margin=0.35 gamma=64", "margin=0.2 gamma=16"},
	"triplet":                     {"margin=0.1 mining=hard", "margin=0.2 mining=all"},
	"contrastive":                 {"negative-margin=1", "negative-margin=0.5"},
	"snr-contrastive":             {"negative-margin=1", "negative-margin=0.5"},
	"margin":                      {"alpha=0.2 beta=1.2", "alpha=0.2 beta=0.6"},
	"lifted-structure":            {"negative-margin=1", "negative-margin=0.5"},
	"generalized-lifted":          {"negative-margin=1", "negative-margin=0.5"},
	"n-pair":                      nil,
	"nt-xent":                     {"temperature=0.07", "temperature=0.2"},
	"sup-con":                     {"temperature=0.1", "temperature=0.2"},
	"nca":                         {"scale=1", "scale=8"},
	"angular":                     {"angle=40", "angle=45"},
	"multi-similarity":            {"alpha=2 beta=50 base=0.5", "alpha=2 beta=50 base=0.8"},
	"dcl":                         {"temperature=0.1", "temperature=0.2"},
	"siglip":                      {"temperature=0.1 bias=-10", "temperature=0.1 bias=-5"}, // pairs are told apart at a cosine of 1, of 0.5
	"tuplet-margin":               {"angle=5.73 gamma=64", "angle=5.73 gamma=32"},
	"histogram":                   {"bins=100", "bins=25"},
	"fast-ap":                     {"bins=10", "bins=25"},
	"smooth-ap":                   {"temperature=0.01", "temperature=0.05"},
	"pnp":                         {"penalty=Dq alpha=1", "penalty=Ds"},
	"ranked-list":                 {"margin=0.4 alpha=1.2", "margin=0.4 alpha=0.8"},
	"threshold-consistent-margin": {"positive-margin=0.9 negative-margin=0.5", "positive-margin=0.9 negative-margin=0.7"},
	"intra-pair-variance":         {"positive-slack=0.01 negative-slack=0.01", "positive-slack=0.1 negative-slack=0.1"},
	"vicreg":                      {"invariance=25 variance=25 covariance=1", "invariance=10 variance=25 covariance=1"},
	"circle":                      {"margin=0.25 gamma=256", "margin=0.4 gamma=80"},
}

var (
	learningRates     = []float64{1e-3, 3e-3}
	moreLearningRates = []float64{1e-3, 2e-3, 3e-3, 6e-3}
)

// settingsOf lists the settings that are tried of a loss: four of each.
func settingsOf(loss string) []setting {
	sets, rates := tried[loss], learningRates
	if len(sets) == 0 {
		sets, rates = []string{""}, moreLearningRates
	}
	var all []setting
	for _, set := range sets {
		for _, rate := range rates {
			all = append(all, setting{loss, set, rate})
		}
	}
	return all
}

// cut returns a training with a seed, of so many steps: a short one warms up all but its last.
func cut(c train.Config, steps int, seed uint64) train.Config {
	c.Seed, c.Steps, c.Warmup = seed, steps, min(c.Warmup, steps-1)
	return c
}

// config returns the training of a setting: all but the loss and the learning rate is as by default.
func (s setting) config(steps int, seed uint64) train.Config {
	c := cut(train.DefaultConfig(), steps, seed)
	c.Loss, c.LearningRate = s.Loss, s.LearningRate
	for _, field := range strings.Fields(s.Set) {
		if c.Set == nil {
			c.Set = make(map[string]string)
		}
		name, value, _ := strings.Cut(field, "=")
		c.Set[name] = value
	}
	return c
}
