package eval

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// AMI returns the adjusted mutual information of two labellings of the same things: (I − E) / (H − E). I is their mutual information, H
// the mean of their entropies, and E the mean of I over all labellings with classes of these sizes. 1 is agreement. Chance gives about 0,
// also below, whatever the number of classes; [NMI] rises with that number. Two labellings that each put all into one class, or each
// thing into a class of its own, agree: 1.
//
//	N. Vinh, J. Epps, J. Bailey, "Information Theoretic Measures for Clusterings Comparison", JMLR 2010.
func AMI(x, y []int32) (float64, error) {
	if len(x) != len(y) || len(x) == 0 {
		return 0, fmt.Errorf("eval: AMI needs two labellings of the same length, at least 1, got %d and %d", len(x), len(y))
	}
	n := float64(len(x))
	countX, countY, both := tally(x, y)
	if len(countX) == len(countY) && (len(countX) == 1 || len(countX) == len(x)) {
		return 1, nil
	}
	mean := (entropy(countX, n) + entropy(countY, n)) / 2
	expected := expectedInformation(countX, countY, len(x))
	rest := mean - expected
	if math.Abs(rest) < 1e-15 {
		rest = math.Copysign(1e-15, rest)
	}
	return (information(countX, countY, both, n) - expected) / rest, nil
}

// tally counts the classes of two labellings, and how often one meets another.
func tally(x, y []int32) (countX, countY map[int32]float64, both map[[2]int32]float64) {
	countX, countY, both = make(map[int32]float64), make(map[int32]float64), make(map[[2]int32]float64)
	for i := range x {
		countX[x[i]]++
		countY[y[i]]++
		both[[2]int32{x[i], y[i]}]++
	}
	return countX, countY, both
}

// information returns the mutual information of two labellings, in nats.
func information(countX, countY map[int32]float64, both map[[2]int32]float64, n float64) float64 {
	mutual := 0.0
	for _, pair := range sortedPairs(both) {
		count := both[pair]
		mutual += count / n * math.Log(count*n/(countX[pair[0]]*countY[pair[1]]))
	}
	return mutual
}

// expectedInformation returns the mean of the mutual information over all ways to deal n things out to classes of these sizes. It is the
// sum of k/n·log(n·k/(a·b)) times the hypergeometric probability of k, over pairs of classes of sizes a and b, and over all k that they
// may share. Classes of one size are counted once.
func expectedInformation(countX, countY map[int32]float64, n int) float64 {
	factorial := make([]float64, n+1) // logarithms
	for i := 2; i <= n; i++ {
		factorial[i] = factorial[i-1] + math.Log(float64(i))
	}
	sizesX, sizesY := sizes(countX), sizes(countY)
	expected := 0.0
	for _, a := range slices.Sorted(maps.Keys(sizesX)) {
		for _, b := range slices.Sorted(maps.Keys(sizesY)) {
			fixed := factorial[a] + factorial[b] + factorial[n-a] + factorial[n-b] - factorial[n]
			sum := 0.0
			for k := max(1, a+b-n); k <= min(a, b); k++ {
				logarithm := fixed - factorial[k] - factorial[a-k] - factorial[b-k] - factorial[n-a-b+k]
				sum += float64(k) / float64(n) * math.Log(float64(n)*float64(k)/(float64(a)*float64(b))) * math.Exp(logarithm)
			}
			expected += sum * float64(sizesX[a]) * float64(sizesY[b])
		}
	}
	return expected
}

// sizes counts how many classes there are of each size.
func sizes(counts map[int32]float64) map[int]int {
	sizes := make(map[int]int)
	for _, count := range counts {
		sizes[int(count)]++
	}
	return sizes
}

// NMI returns the normalised mutual information of two labellings of the same things, in [0, 1]: their mutual information divided
// by the mean of their entropies. Two labellings that each put all into one class agree: 1.
func NMI(x, y []int32) (float64, error) {
	if len(x) != len(y) || len(x) == 0 {
		return 0, fmt.Errorf("eval: NMI needs two labellings of the same length, at least 1, got %d and %d", len(x), len(y))
	}
	n := float64(len(x))
	countX, countY, both := tally(x, y)
	mutual := information(countX, countY, both, n)
	mean := (entropy(countX, n) + entropy(countY, n)) / 2
	if mean == 0 {
		return 1, nil
	}
	return min(1, max(0, mutual/mean)), nil
}

// entropy returns −Σ p·log p of counts out of n, added up by rising label so that it rounds the same way every time.
func entropy(counts map[int32]float64, n float64) float64 {
	total := 0.0
	for _, label := range slices.Sorted(maps.Keys(counts)) {
		p := counts[label] / n
		total -= p * math.Log(p)
	}
	return total
}

// sortedPairs returns the keys in order.
func sortedPairs(counts map[[2]int32]float64) [][2]int32 {
	return slices.SortedFunc(maps.Keys(counts), func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
}
