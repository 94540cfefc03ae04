package eval

import (
	"math"
	"slices"
)

// placer finds the ranks of the references of a query's own class among all references: by keys where they are clear, and by distances
// where they are close. It is the scratch space of one goroutine.
type placer struct {
	queries, references []float64
	dim                 int
	first               int // the index of the first of references, where they are some of more

	relevant []int     // of the query, by index
	sorted   []uint64  // by key: key in the upper half, place in relevant in the lower
	near     []float32 // their keys, rising
	closer   []int32   // closer[i]: references that stand before near[i] but not before near[i−1]
	exact    []float64 // distances of those of sorted; NaN: not computed yet
	ordered  []int     // places in sorted by distance, once too many were close
	ranks    []int

	low, high, window float32 // no key below low is close to a relevant one, and none above high
	origin, scale     float32 // of the buckets
	places            []int32 // of each bucket: see fill

	groups [stretch / 8]uint16 // in a run of keys: where each eight begin of which one is not above high
	found  [stretch]uint16     // and where those are
}

// stretch counts the keys that are looked at before high is lowered: a power of two, in 16 bits.
const stretch = 1 << 12

// Buckets of keys, a few for each relevant reference.
const (
	fewestBuckets, mostBuckets = 64, 8192
	contested                  = -1 // of place: a relevant reference is so close that keys alone do not tell
)

// rank returns the ranks of the relevant references, from 1 and rising, by distance and equal ones by index. The other references of class
// do not count. class holds the references of the query's class, rising; relevant holds some of them, rising, at least one. A rank
// above limit may be returned too low, but above limit. The result is the placer's until the next call.
//
// Every reference is placed among the relevant ones, which is cheaper than sorting them all. The range of the relevant keys is cut into
// buckets. So the place is read from a table, unless a relevant key lies within the window of the bucket.
func (p *placer) rank(query int, keys []float32, window float32, class, relevant []int, limit int) []int {
	p.relevant = relevant
	p.sort(keys)
	n := len(relevant)
	p.closer = append(p.closer[:0], make([]int32, n+1)...)
	p.ordered = p.ordered[:0]
	p.fill(window)
	if limit >= len(keys) {
		limit = everywhere
	}
	p.place(query, keys, class, limit, n)
	return p.placed()
}

// everywhere is the limit of ranks that are all wanted.
const everywhere = math.MaxInt

// place counts references with keys where they stand among the relevant ones, but for those of the class, which are rising. left counts the
// relevant ones whose rank may be limit or less; it returns how many those are then.
func (p *placer) place(query int, keys []float32, class []int, limit, left int) int {
	for begin := 0; begin < len(keys) && left > 0; begin += stretch {
		end := min(begin+stretch, len(keys))
		r := begin
		for ; len(class) > 0 && class[0] < p.first+end; class = class[1:] {
			p.scan(query, keys[r:class[0]-p.first], p.first+r)
			r = class[0] - p.first + 1
		}
		p.scan(query, keys[r:end], p.first+r)
		if limit == everywhere {
			continue
		}
		if left = p.within(limit, left); left > 0 {
			p.high = min(p.high, p.near[left-1]+p.window)
		}
	}
	return left
}

// placed returns the ranks that places come to.
func (p *placer) placed() []int {
	p.ranks = p.ranks[:0]
	total := 0
	for i, closer := range p.closer[:len(p.near)] {
		total += int(closer)
		p.ranks = append(p.ranks, total+i+1)
	}
	return p.ranks
}

// within counts those of the first left relevant references that have a rank of limit or less so far.
func (p *placer) within(limit, left int) int {
	total := 0
	for i := range left {
		if total += int(p.closer[i]); total+i+1 > limit {
			return i
		}
	}
	return left
}

// sort orders the relevant references by key.
func (p *placer) sort(keys []float32) {
	p.sorted, p.near, p.exact = p.sorted[:0], p.near[:0], p.exact[:0]
	for i, r := range p.relevant {
		bits := math.Float32bits(keys[r])
		if bits>>31 == 1 { // so that bits rise as numbers do
			bits = ^bits
		} else {
			bits |= 1 << 31
		}
		p.sorted = append(p.sorted, uint64(bits)<<32|uint64(i))
	}
	slices.Sort(p.sorted)
	for _, s := range p.sorted {
		p.near = append(p.near, keys[p.relevant[uint32(s)]])
		p.exact = append(p.exact, math.NaN())
	}
}

// bucket returns that of a key, which is not above high.
func (p *placer) bucket(key float32) int {
	return int(min(max((key-p.origin)*p.scale, 0), mostBuckets))
}

// fill makes the table of places: for each bucket how many relevant references stand before it, or that it is contested.
func (p *placer) fill(window float32) {
	n := len(p.near)
	p.window, p.low, p.high = window, p.near[0]-window, p.near[n-1]+window
	count := min(max(4*n, fewestBuckets), mostBuckets)
	p.origin, p.scale = p.low, float32(count)/(p.high-p.low)
	if !(p.scale > 0) || math.IsInf(float64(p.scale), 1) { // all keys are as good as equal
		p.origin, p.scale = 0, 0
		p.places = append(p.places[:0], contested)
		return
	}
	p.places = append(p.places[:0], make([]int32, p.bucket(p.high)+1)...)
	at := 0
	for i, key := range p.near {
		first, last := p.bucket(key-window), p.bucket(key+window)
		for ; at < first; at++ {
			p.places[at] = int32(i)
		}
		for ; at <= last; at++ {
			p.places[at] = contested
		}
	}
}

// scan places a run of references, at most stretch, the first of which has the index offset and none of which is of the query's class.
func (p *placer) scan(query int, keys []float32, offset int) {
	before, low := int32(0), p.low
	for _, i := range p.notAbove(keys) {
		key := keys[i]
		if key < low {
			before++
			continue
		}
		place := p.places[p.bucket(key)]
		if place == contested {
			place = p.decide(query, offset+int(i), key)
		}
		p.closer[place]++
	}
	p.closer[0] += before
}

// notAbove returns the places of the keys that are not above high, in no order: of most queries these are few. It takes no branch for that,
// since a processor could not foresee it. high is not below zero, and no key is but by rounding, so that they compare as their bits do, as
// whole numbers with a sign. The first bit of a difference tells whether it is below zero.
func (p *placer) notAbove(keys []float32) []uint16 {
	bits := func(x float32) int64 { return int64(int32(math.Float32bits(x))) }
	high := bits(p.high)
	under := func(key float32) int64 { return high - bits(key) }
	groups, found := uint(0), uint(0)
	i := 0
	for ; i+8 <= len(keys); i += 8 {
		k := (*[8]float32)(keys[i:])
		p.groups[groups%uint(len(p.groups))] = uint16(i)
		all := under(k[0]) & under(k[1]) & under(k[2]) & under(k[3]) & under(k[4]) & under(k[5]) & under(k[6]) & under(k[7])
		groups += uint(uint64(^all) >> 63)
	}
	for ; i < len(keys); i++ {
		p.found[found%stretch] = uint16(i)
		found += uint(uint64(^under(keys[i])) >> 63)
	}
	for _, i := range p.groups[:groups] {
		for j, key := range (*[8]float32)(keys[i:]) {
			p.found[found%stretch] = i + uint16(j)
			found += uint(uint64(^under(key)) >> 63)
		}
	}
	return p.found[:found]
}
