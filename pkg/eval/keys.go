package eval

import "math"

// keys makes the keys of all queries. A key orders the references of a query as their squared distances do: |r|² − 2 q·r + c. That is
// |q − r|² without |q|², and with c, the largest |q|² of all queries, so that it is not below zero but by rounding. It is one product of
// [q, 1] and [−2r, |r|² + c], so that the keys of many queries are a matrix product, in float32. Rounding may exchange references whose
// keys are close, which [placer] sets right by distances in float64.
type keys struct {
	width      int       // dim + 1
	exponent   int       // of the power of two that vectors are divided by
	queries    []float32 // rows of [q, 1]
	references []float32 // rows of [−2r, |r|² + c]
	norms      []float64 // |q|
	longest    float64   // the largest of them
	largest    float64   // |r|
}

// newKeys makes both sides.
func newKeys(queries, references []float64, dim int) keys {
	k := keysFor(queries, dim, longestOf(references, dim))
	k.setReferences(references)
	return k
}

// keysFor makes the queries' side, for references of which the longest has a length. It scales all vectors by one power of two, which is
// exact, so that neither long nor short ones leave float32's range.
func keysFor(queries []float64, dim int, farthest float64) keys {
	k := keys{width: dim + 1}
	_, k.exponent = math.Frexp(max(longestOf(queries, dim), farthest))
	for row := 0; row < len(queries); row += dim {
		for _, x := range queries[row : row+dim] {
			k.queries = append(k.queries, float32(math.Ldexp(x, -k.exponent)))
		}
		k.queries = append(k.queries, 1)
		norm := math.Ldexp(length(queries[row:row+dim]), -k.exponent)
		k.norms, k.longest = append(k.norms, norm), max(k.longest, norm)
	}
	k.largest = math.Ldexp(farthest, -k.exponent)
	return k
}

// setReferences makes the references' side.
func (k *keys) setReferences(references []float64) {
	k.references = k.references[:0]
	dim := k.width - 1
	for row := 0; row < len(references); row += dim {
		for _, x := range references[row : row+dim] {
			k.references = append(k.references, float32(-math.Ldexp(x, 1-k.exponent)))
		}
		norm := math.Ldexp(length(references[row:row+dim]), -k.exponent)
		k.references = append(k.references, float32(norm*norm+k.longest*k.longest))
	}
}

// key returns what a squared distance is as a key.
func (k keys) key(query int, distance float64) float32 {
	return float32(math.Ldexp(distance, -2*k.exponent) - k.norms[query]*k.norms[query] + k.longest*k.longest)
}

// longestOf returns the largest length of some vectors.
func longestOf(vectors []float64, dim int) (longest float64) {
	for row := 0; row < len(vectors); row += dim {
		longest = max(longest, length(vectors[row:row+dim]))
	}
	return longest
}

func length(x []float64) float64 { return math.Sqrt(product(x, x)) }

// window returns how far apart two keys of a query must be for their order to be that of the distances: twice a bound of a key's error.
// For a sum of n products in any order, that is n·u/(1 − n·u) times the sum of the products' sizes, and what underflows.
func (k keys) window(query int) float32 {
	const u = 1.0 / (1 << 24)
	n := float64(k.width + 8) // 8: of |r|², of the window itself, and of distances in float64
	if n*u >= 0.5 {
		return float32(math.Inf(1))
	}
	sizes := 2*k.norms[query]*k.largest + k.largest*k.largest + k.longest*k.longest
	return float32(2*(n*u/(1-n*u)*sizes+n*1e-37)) * (1 + 1e-6)
}

// multiply writes the keys of some queries, [queries, references], in Go.
func (k keys) multiply(first, last int, block []float32) {
	w, count := k.width, len(k.references)/k.width
	for r := 0; r < count; r += 4 {
		var rows [4][]float32 // the last ones again where fewer are left
		for i := range rows {
			at := min(r+i, count-1)
			rows[i] = k.references[at*w : (at+1)*w]
		}
		for q := first; q < last; q++ {
			out := block[(q-first)*count : (q-first+1)*count]
			a, b, c, d := products(k.queries[q*w:(q+1)*w], rows[0], rows[1], rows[2], rows[3])
			if r+4 <= count {
				out[r], out[r+1], out[r+2], out[r+3] = a, b, c, d
				continue
			}
			copy(out[r:], []float32{a, b, c, d})
		}
	}
}

// products returns the inner products of x with four vectors of its length: four sums need not wait for each other.
func products(x, p, q, r, s []float32) (a, b, c, d float32) {
	p, q, r, s = p[:len(x)], q[:len(x)], r[:len(x)], s[:len(x)]
	for i, v := range x {
		a += v * p[i]
		b += v * q[i]
		c += v * r[i]
		d += v * s[i]
	}
	return a, b, c, d
}
