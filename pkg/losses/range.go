package losses

import (
	"math"
	"strconv"
)

// Range says where a parameter is worth trying when settings are chosen by validation. It is narrower than what Validate takes: it holds the
// settings of papers and those that short trainings of small networks were seen to want. The zero Range is of a parameter that is left at
// its default.
type Range struct {
	Low  float64 `json:"low"`           // included
	High float64 `json:"high"`          // included
	Log  bool    `json:"log,omitempty"` // it is tried evenly by the logarithm
	// Among lists the values of a parameter that is a word or a truth; then Low and High are 0.
	Among []string `json:"among,omitempty"`
}

// Tried reports whether the range has more than the default.
func (r Range) Tried() bool { return r.Low < r.High || len(r.Among) > 0 }

// evenly returns the range of a number that is drawn evenly: margins, angles, boundaries.
func evenly(low, high float64) Range { return Range{Low: low, High: high} }

// byFactors returns the range of a number whose logarithm is drawn evenly: scales, temperatures.
func byFactors(low, high float64) Range { return Range{Low: low, High: high, Log: true} }

// among returns the range of a word.
func among(values ...string) Range { return Range{Among: values} }

// either is the range of a truth.
var either = among("false", "true")

// Draw returns the value that lies at u of the range of p, for u in [0, 1), as With takes it: even u are even draws. Numbers have three
// digits, so that a setting can be read; whole ones are as likely as one another where they are not by factors. A parameter that is not
// tried has its default whatever u is.
func (p Parameter) Draw(u float64) string {
	r := p.Range
	_, whole := p.Default.(int)
	switch {
	case len(r.Among) > 0:
		return r.Among[min(len(r.Among)-1, int(u*float64(len(r.Among))))]
	case !r.Tried():
		return text(p.Default)
	case r.Log:
		x := r.Low * math.Pow(r.High/r.Low, u)
		if whole {
			return text(int(math.Round(x)))
		}
		return text(x)
	case whole:
		return text(min(int(r.High), int(r.Low+math.Floor(u*(r.High-r.Low+1)))))
	}
	return text((1-u)*r.Low + u*r.High)
}

// text writes a parameter's value as With reads it.
func text(value any) string {
	switch v := value.(type) {
	case float64:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return value.(string)
}
