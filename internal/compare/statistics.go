package compare

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/unipair/unipair/pkg/eval"
)

// level says how sure intervals are. One minus it bounds the chance that any of all differences that are called so is none.
const level = 0.95

// sample holds what is known of one line of a comparison: the value of each class (or run) for each of its networks. All lines have the
// same queries.
type sample struct {
	values  [][]float64 // by network, by class
	fixed   bool        // there is but one network: nothing was drawn by a seed
	weights []float64   // queries of each class
}

// mean returns the mean of a network over all queries.
func (s sample) mean(network int) float64 { return stat.Mean(s.values[network], s.weights) }

// means returns the mean of each network.
func (s sample) means() []float64 {
	all := make([]float64, len(s.values))
	for i := range all {
		all[i] = s.mean(i)
	}
	return all
}

// byClass returns the value of each class, the mean over the networks.
func (s sample) byClass() []float64 {
	all := make([]float64, len(s.weights))
	for _, values := range s.values {
		for c, x := range values {
			all[c] += x / float64(len(s.values))
		}
	}
	return all
}

// seedVariance returns the variance of the mean over seeds, and its degrees of freedom. Of one seed nothing is known of others: it is NaN.
func (s sample) seedVariance() (variance, freedom float64) {
	if s.fixed {
		return 0, math.Inf(1)
	}
	if len(s.values) < 2 {
		return math.NaN(), 0
	}
	n := float64(len(s.values))
	return stat.Variance(s.means(), nil) / n, n - 1
}

// Difference says how far one line is behind another, as fractions of 1.
type Difference struct {
	By   float64 `json:"by"`
	Low  float64 `json:"low"` // of the 95 % interval
	High float64 `json:"high"`
	P    float64 `json:"p"` // that chance alone makes as large a difference; not corrected
	Holm float64 `json:"p_corrected"`
}

// Told reports whether the two can be told apart.
func (d Difference) Told() bool { return d.Holm < 1-level }

// behind compares two lines class by class. The difference is that of the means over all queries. Its variance has three parts, which other
// classes and other seeds would change: that of the paired differences of classes, weighted by their queries, and those of both lines' seeds.
// Student's t with the degrees of freedom of Welch and Satterthwaite gives p and the interval:
//
//	d = Σ_c w_c (a_c − b_c) / Σ_c w_c, v = C/(C − 1) Σ_c w_c² (a_c − b_c − d)² / (Σ_c w_c)² + s_a²/n_a + s_b²/n_b, t = d/√v
//
// w_c the queries of class c of C, s the standard deviations over n seeds. The classes' part also has some of the seeds' in it, so that v is
// rather too large. With one seed it is not known, and neither is p: they are NaN.
//
//	B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved", Biometrika 34, 1947.
func behind(best, other sample) Difference {
	a, b := best.byClass(), other.byClass()
	differences := make([]float64, len(a))
	for c := range a {
		differences[c] = a[c] - b[c]
	}
	d := Difference{By: stat.Mean(differences, best.weights)}
	total, squares, classes := 0.0, 0.0, float64(len(differences))
	for c, w := range best.weights {
		total += w
		squares += w * w * (differences[c] - d.By) * (differences[c] - d.By)
	}
	ofClasses := classes / (classes - 1) * squares / (total * total)
	ofBest, freeBest := best.seedVariance()
	ofOther, freeOther := other.seedVariance()
	variance := ofClasses + ofBest + ofOther
	switch {
	case math.IsNaN(variance):
		d.Low, d.High, d.P = math.NaN(), math.NaN(), math.NaN()
	case variance == 0:
		d.Low, d.High = d.By, d.By
		if d.By == 0 {
			d.P = 1
		}
	default:
		freedom := variance * variance /
			(ofClasses*ofClasses/(classes-1) + ofBest*ofBest/freeBest + ofOther*ofOther/freeOther)
		t := distuv.StudentsT{Sigma: 1, Nu: freedom}
		half := t.Quantile((1+level)/2) * math.Sqrt(variance)
		d.Low, d.High = d.By-half, d.By+half
		d.P = min(1, 2*t.CDF(-math.Abs(d.By)/math.Sqrt(variance)))
	}
	return d
}

// holm corrects p values for how many they are: the chance that any true equality is called a difference stays below the level. What is not
// known is taken for 1.
//
//	S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
func holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	known := func(i int) float64 {
		if math.IsNaN(p[i]) {
			return 1
		}
		return p[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(known(a), known(b)) })
	corrected, most := make([]float64, len(p)), 0.0
	for rank, i := range order {
		most = max(most, min(1, float64(len(p)-rank)*known(i)))
		corrected[i] = most
	}
	return corrected
}

// grouped sorts lines by their means, the best first, and compares every two of them. Which is best is not known beforehand, so the p
// values of all pairs are corrected together. pair(i, k) of i < k says how far line k is behind line i. A group has a leader, the best that
// is in none before, and those of the others in none that cannot be told apart from it.
func grouped(samples []sample) (order, group []int, pair func(i, k int) Difference) {
	n := len(samples)
	order = make([]int, n)
	for i := range order {
		order[i] = i
	}
	mean := func(i int) float64 { return stat.Mean(samples[i].means(), nil) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(mean(b), mean(a)) })
	var all []Difference
	var p []float64
	at := make(map[[2]int]int)
	for i := range n {
		for k := i + 1; k < n; k++ {
			d := behind(samples[order[i]], samples[order[k]])
			at[[2]int{i, k}] = len(all)
			all, p = append(all, d), append(p, d.P)
		}
	}
	for i, corrected := range holm(p) {
		all[i].Holm = corrected
	}
	pair = func(i, k int) Difference { return all[at[[2]int{i, k}]] }
	group = make([]int, n)
	for leader, next := 0, 1; leader < n; leader++ {
		if group[leader] > 0 {
			continue
		}
		group[leader] = next
		for k := leader + 1; k < n; k++ {
			if group[k] == 0 && !pair(leader, k).Told() {
				group[k] = next
			}
		}
		next++
	}
	return order, group, pair
}

// interval returns the 95 % interval of a line's mean by bootstrap over the classes.
func (s sample) interval() [2]float64 {
	b := eval.DefaultBootstrap()
	b.Level = level
	i := b.Mean(s.byClass(), s.weights)
	return [2]float64{i.Low, i.High}
}

// deviation returns the standard deviation of a sample; of one value it is NaN, not known.
func deviation(all []float64) float64 {
	if len(all) < 2 {
		return math.NaN()
	}
	return stat.StdDev(all, nil)
}
