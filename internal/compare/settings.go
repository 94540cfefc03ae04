package compare

import (
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// DefaultSeeds counts the seeds of a comparison unless it is told otherwise: fewer tell little apart.
const DefaultSeeds = 5

// Settings say what is compared, and how.
type Settings struct {
	Data    string       `json:"data"`   // the word for it
	Losses  []string     `json:"losses"` // names of the catalogue
	Trials  int          `json:"trials"` // settings that are tried of each loss
	Seeds   int          `json:"seeds"`  // trainings of the chosen setting, of the seeds 1, 2, …
	Minutes float64      `json:"minutes,omitempty"`
	Config  train.Config `json:"config"` // all that trainings have in common; Steps is 0 where Minutes decides

	// What the command and the configuration that a result gives say beside the chosen setting.
	Flags   []string `json:"-"` // words that say of Config, to `unipair train`, what is not as by default
	File    bool     `json:"-"` // one of them is a configuration, whose own loss and validation are not to hold
	SkipBad bool     `json:"-"` // images that cannot be read are left out
}

// What may be asked for at most and at least.
const (
	mostTrainings = 1000 // of one loss
	leastSteps    = 10
)

// How often trainings are judged by the validation classes: evenly over their steps, the last one included. A validation takes as long as
// some steps; of trials less is shown.
const (
	trialValidations = 3
	seedValidations  = 6
)

// trialSeed is the seed of the tried settings. It is none of those that the chosen one is trained with: the training that a setting was
// chosen by is a little lucky.
const trialSeed = 0

// Chosen returns the losses of words such as circle,triplet, or pair, class or all; each once.
func Chosen(words string) (names []string, err error) {
	for word := range strings.SplitSeq(words, ",") {
		word = strings.TrimSpace(word)
		var more []string
		switch word {
		case "all", "pair", "class":
			for _, entry := range losses.Catalogue() {
				if word == "all" || (word == "class") == (entry.Labels == losses.ClassLabels) {
					more = append(more, entry.Name)
				}
			}
		default:
			entry, err := losses.Find(word)
			if err != nil {
				return nil, usage.Errorf("compare: --losses: %w; or pair, class, all", err)
			}
			more = []string{entry.Name}
		}
		for _, name := range more {
			if slices.Contains(names, name) {
				return nil, usage.Errorf("compare: --losses: %s is named twice: name each once", name)
			}
			names = append(names, name)
		}
	}
	return names, nil
}

// Validate returns an error, before any work, unless all trainings that the settings ask for could be begun.
func (s Settings) Validate() error {
	steps, minutes := s.Config.Steps, s.Minutes
	switch {
	case len(s.Losses) == 0:
		return usage.Errorf("compare: which losses? --losses takes names with commas between them, or pair, class, all")
	case s.Trials < 1 || s.Trials > mostTrainings:
		return usage.Errorf("compare: --trials must be from 1 to %d settings of each loss, got %d", mostTrainings, s.Trials)
	case s.Seeds < 1 || s.Seeds > mostTrainings:
		return usage.Errorf("compare: --seeds must be from 1 to %d trainings of each loss, got %d", mostTrainings, s.Seeds)
	case !(minutes >= 0) || math.IsInf(minutes, 0):
		return usage.Errorf("compare: --minutes must be a number above 0, got %g", minutes)
	case minutes == 0 && steps < leastSteps:
		return usage.Errorf("compare: --steps must be at least %d, got %d", leastSteps, steps)
	case minutes > 0 && steps != 0:
		return usage.Errorf("compare: --steps and --minutes both say how long: give one of them")
	case s.Config.Validation != (train.Validation{}):
		return usage.Errorf("compare: validation is the comparison's own: leave it out of the settings")
	case s.Config.SeenVariants > 0:
		return usage.Errorf("compare: the features of each picture are made once: leave seen variants 0, got %d", s.Config.SeenVariants)
	case s.Config.IsBackbone() && !s.Config.Backbone.Frozen():
		return usage.Errorf("compare: a network from elsewhere makes features once, of which heads learn: leave --train-backbone out")
	}
	if minutes > 0 {
		s.Config.Steps = s.least()
	}
	for _, loss := range s.Losses {
		for _, tried := range s.trials(loss) {
			if err := s.training(loss, tried, trialSeed).Validate(); err != nil {
				return usage.Errorf("compare: %s: %w", loss, err)
			}
		}
	}
	return nil
}

// least returns how many steps a training has at least: what begins after some steps comes to begin.
func (s Settings) least() int {
	return max(leastSteps, s.Config.HardClasses+1, s.Config.CrossBatchWarmup+1)
}

// Setting holds what is tuned of a loss.
type Setting struct {
	Set          map[string]string `json:"set,omitempty"` // parameters of the loss
	LearningRate float64           `json:"learning_rate,omitempty"`
}

// String writes a setting as flags of `unipair train`.
func (s Setting) String() string {
	var words []string
	for _, name := range sortedKeys(s.Set) {
		words = append(words, "--set "+name+"="+s.Set[name])
	}
	return strings.Join(append(words, "--learning-rate "+number(s.LearningRate)), " ")
}

// whole returns the setting with every parameter of its loss, those that are as by default too.
func (s Setting) whole(loss string) Setting {
	entry, err := losses.Find(loss)
	if err != nil {
		return s // Chosen has found it
	}
	set := make(map[string]string)
	for _, p := range entry.Parameters() {
		set[p.Name] = fmt.Sprint(p.Default)
	}
	maps.Copy(set, s.Set)
	s.Set = set
	return s
}

// Learning rates are tried from a tenth of the settings' own to three times it.
const (
	slowest = 0.1
	fastest = 3
)

// trials returns the settings that are tried of a loss. The first is that of the catalogue at the settings' own learning rate. Of the
// others, learning rates are drawn from equal parts of their range, the same for all losses: none has better luck with them. Parameters are
// drawn by the loss's name: what one gets does not depend on which others are compared.
func (s Settings) trials(loss string) []Setting {
	entry, err := losses.Find(loss)
	if err != nil {
		return nil // Chosen has found it
	}
	base := s.Config.LearningRate
	all := []Setting{{LearningRate: base}}
	rates := rand.New(rand.NewPCG(1, uint64(s.Trials)))
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, entry.Name) // a hash takes all
	random := rand.New(rand.NewPCG(1, hash.Sum64()))
	for i := range s.Trials - 1 {
		u := (float64(i) + rates.Float64()) / float64(s.Trials-1)
		next := Setting{LearningRate: rounded(base * slowest * math.Pow(fastest/slowest, u))}
		next.Set = drawn(entry, random)
		all = append(all, next)
	}
	return all
}

// drawn draws parameters that the loss takes together. The catalogue's ranges hardly ever need a second draw.
func drawn(entry losses.Entry, random *rand.Rand) map[string]string {
	for range 1000 {
		var set map[string]string
		for _, p := range entry.Parameters() {
			if !p.Range.Tried() {
				continue
			}
			if set == nil {
				set = make(map[string]string)
			}
			set[p.Name] = p.Draw(random.Float64())
		}
		if _, err := entry.With(set); err == nil {
			return set
		}
	}
	return nil // the default
}

// rounded returns a number of three digits.
func rounded(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		panic(err) // it was written as a number
	}
	return y
}

// training returns the configuration of a training.
func (s Settings) training(loss string, of Setting, seed uint64) train.Config {
	c := s.Config
	c.Loss, c.Set, c.LearningRate, c.Seed = loss, of.Set, of.LearningRate, seed
	validations := seedValidations
	if seed == trialSeed {
		validations = trialValidations
	}
	c.Validation = train.Validation{Every: max(1, (c.Steps+validations-1)/validations)}
	return c
}
