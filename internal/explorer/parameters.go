package explorer

import (
	"fmt"
	"math"
	"regexp"
	"strconv"

	"github.com/unipair/unipair/pkg/losses"
)

// Parameter is a setting of a loss and how a page can let a reader move it.
type Parameter struct {
	Name    string   `json:"name"`
	Means   string   `json:"means"`   // by its letter in the formula
	Kind    string   `json:"kind"`    // "number", "whole", "truth" or "word"
	Default string   `json:"default"` // as [losses.Entry.With] reads it
	Low     float64  `json:"low"`     // of a slider; a reader may type what is beyond it
	High    float64  `json:"high"`
	Log     bool     `json:"log"`   // equal steps of the slider multiply
	Words   []string `json:"words"` // of kind "word": what there is to choose from
}

// settable describes a parameter. Nobody writes ranges down: the loss's own validation is asked.
func settable(entry losses.Entry, p losses.Parameter) Parameter {
	s := Parameter{Name: p.Name, Means: p.Means, Default: fmt.Sprint(p.Default)}
	switch value := p.Default.(type) {
	case float64:
		s.Kind = "number"
		s.Low, s.High, s.Log = numbers(value, func(x float64) bool { return accepts(entry, p.Name, strconv.FormatFloat(x, 'g', -1, 64)) })
	case int:
		s.Kind = "whole"
		s.Low, s.High = wholes(value, func(n int) bool { return accepts(entry, p.Name, strconv.Itoa(n)) })
	case bool:
		s.Kind = "truth"
	case string:
		s.Kind, s.Words = "word", words(entry, p.Name)
	}
	return s
}

func accepts(entry losses.Entry, name, value string) bool {
	_, err := entry.With(map[string]string{name: value})
	return err == nil
}

// numbers finds a range round a default. It is from 1/100 to 10 times the default where only what is above 0 and nothing above is refused
// (a scale, a temperature). Else it is evenly from 0 or twice a negative default to 1 or twice it, as far as the loss accepts it.
func numbers(value float64, accepts func(float64) bool) (low, high float64, log bool) {
	if value > 0 && !accepts(0) && accepts(10*value) {
		return within(value, round125(value/100), accepts), within(value, round125(10*value), accepts), true
	}
	low, high = min(0, 2*value), max(1, 2*value)
	return within(value, low, accepts), within(value, high, accepts), false
}

// within moves a bound towards an accepted value until it is accepted too, in thousandths.
func within(value, bound float64, accepts func(float64) bool) float64 {
	if accepts(bound) {
		return bound
	}
	good := value
	for range 30 {
		if middle := (good + bound) / 2; accepts(middle) {
			good = middle
		} else {
			bound = middle
		}
	}
	if bound < value {
		return math.Ceil(good*1000) / 1000
	}
	return math.Floor(good*1000) / 1000
}

// round125 rounds to the nearest of 1, 2 and 5 times a power of ten.
func round125(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	best := power
	for _, step := range []float64{2, 5, 10} {
		if math.Abs(math.Log(step*power/x)) < math.Abs(math.Log(best/x)) {
			best = step * power
		}
	}
	return best
}

func wholes(value int, accepts func(int) bool) (low, high float64) {
	first, last := value, value
	for first > 0 && accepts(first-1) {
		first--
	}
	for last < 2*value && accepts(last+1) {
		last++
	}
	return float64(first), float64(last)
}

var quoted = regexp.MustCompile(`"([^"]+)"`)

// words returns the words that the loss's own complaint about a wrong one names.
func words(entry losses.Entry, name string) (all []string) {
	_, err := entry.With(map[string]string{name: "?"})
	if err == nil {
		return nil // any will do
	}
	for _, match := range quoted.FindAllStringSubmatch(err.Error(), -1) {
		if accepts(entry, name, match[1]) {
			all = append(all, match[1])
		}
	}
	return all
}
