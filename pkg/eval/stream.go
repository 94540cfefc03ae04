package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/parallel"
)

// Stream holds references that are too many for memory: labels that are in it, and vectors that are read in blocks.
type Stream struct {
	Dim    int     // numbers per vector
	Labels []int32 // the class of each vector; any numbers

	// Read fills rows, whole vectors, with those from the index first on. It is called by one goroutine at a time.
	Read func(first int, rows []float32) error
}

// RetrieveStreamed returns what [RetrieveFrom] does, to the last bit, with the references read in blocks, three times. Memory grows with
// the references of the queries' classes, 32 bytes for each pair of them, half a GiB at once but for those of one query. Where there are
// more, each further group of queries reads the references twice. Beyond that are the labels, and some blocks.
//
// With Options.Part a process reads its part of the references alone, three times.
//
// It is an error if a set is not as [Set.Validate] wants it, if dimensions differ, if Options are wrong, and if Read fails.
func RetrieveStreamed(queries Set, references Stream, options Options) (Retrieval, error) {
	return retrieveStreamed(queries, references, options, streamRows, mostAtOnce)
}

// retrieveStreamed reads blocks of so many rows, and has at most so many references of the queries' classes in memory.
func retrieveStreamed(queries Set, references Stream, options Options, rows, atOnce int) (Retrieval, error) {
	if err := queries.Validate(); err != nil {
		return Retrieval{}, fmt.Errorf("queries: %w", err)
	}
	switch {
	case references.Dim != queries.Dim:
		return Retrieval{}, fmt.Errorf("eval: queries and references must have the same dimension, got %d and %d", queries.Dim, references.Dim)
	case len(references.Labels) == 0:
		return Retrieval{}, fmt.Errorf("references: eval: a set must have at least one vector, got none")
	}
	members := make(map[int32][]int)
	for i, label := range references.Labels {
		members[label] = append(members[label], i)
	}
	of := func(q int) (class, relevant []int) { return members[queries.Labels[q]], members[queries.Labels[q]] }
	return retrieveInBlocks(queries, references, of, options, rows, atOnce)
}

// retrieveInBlocks does what [retrieveAmong] does, with references that are read in blocks.
func retrieveInBlocks(
	queries Set, references Stream, of func(query int) (class, relevant []int), options Options, rows, atOnce int,
) (Retrieval, error) {
	recallAt, neighbours, err := options.among(len(references.Labels))
	if err != nil {
		return Retrieval{}, err
	}
	part, err := options.Part.within(len(references.Labels))
	if err != nil {
		return Retrieval{}, err
	}
	s := streaming{
		queries: queries, precise: queries.precise(), references: references, part: part, of: of, backend: options.Backend,
		limit: neighbours, rows: max(1, min(rows, part.To-part.From)),
	}
	if neighbours == len(references.Labels) {
		s.limit = everywhere
	}
	farthest, err := s.farthest()
	if err != nil {
		return Retrieval{}, err
	}
	s.keys = keysFor(s.precise, queries.Dim, farthest)
	metrics := make([]Metrics, queries.Len())
	found := make([]bool, queries.Len())
	for first := 0; first < queries.Len(); {
		var group []*placing
		first, group = s.group(first, atOnce)
		if err := s.measure(group); err != nil {
			return Retrieval{}, err
		}
		parallel.With(len(group), func() func(int) {
			p := placer{}
			return func(i int) {
				p.near, p.closer = group[i].near, group[i].closer
				metrics[group[i].query], found[group[i].query] = metricsOf(p.placed(), recallAt, neighbours), true
			}
		})
	}
	return summary(queries.Labels, metrics, found)
}

// Sizes of what is in memory at once.
const (
	streamRows = 1 << 15 // references of a block
	mostAtOnce = 1 << 24 // references of the queries' classes
)

// streaming is a comparison of queries with references that are read in blocks.
type streaming struct {
	queries    Set
	precise    []float64
	references Stream
	part       Part
	of         func(query int) (class, relevant []int) // as in [retrieveAmong]
	backend    compute.Backend
	keys       keys
	limit      int
	rows       int // of a block
}

// placing is a query on its way through the references.
type placing struct {
	query    int
	class    []int     // references of its class, rising
	relevant []int     // those of them that it is to find, the nearest first
	exact    []float64 // their distances
	near     []float32 // their keys
	closer   []int32   // as in [placer]
	left     int
}

// group returns queries from one on whose relevant references are at most so many, one query at least, and where the next group begins. Lone
// queries are not among them.
func (s *streaming) group(first, most int) (next int, group []*placing) {
	count := 0
	for next = first; next < s.queries.Len(); next++ {
		class, relevant := s.of(next)
		if count += len(relevant); count > most && len(group) > 0 {
			break
		}
		if len(relevant) > 0 {
			n := len(relevant)
			group = append(group, &placing{
				query: next, class: class, relevant: slices.Clone(relevant),
				exact: make([]float64, n), near: make([]float32, n), closer: make([]int32, n+1), left: n,
			})
		}
	}
	return next, group
}

// blocks reads the references of this part once, block by block.
func (s *streaming) blocks(f func(first int, vectors []float64) error) error {
	dim := s.references.Dim
	rows := make([]float32, s.rows*dim)
	vectors := make([]float64, len(rows))
	for first := s.part.From; first < s.part.To; first += s.rows {
		n := min(s.rows, s.part.To-first)
		if err := s.references.Read(first, rows[:n*dim]); err != nil {
			return fmt.Errorf("references: %w", err)
		}
		for i, x := range rows[:n*dim] {
			vectors[i] = float64(x)
		}
		if err := f(first, vectors[:n*dim]); err != nil {
			return err
		}
	}
	return nil
}

// farthest returns the length of the longest reference, or an error where a number is not finite.
func (s *streaming) farthest() (longest float64, err error) {
	dim := s.references.Dim
	err = s.blocks(func(first int, vectors []float64) error {
		for i, v := range vectors {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("references: eval: embeddings must be finite numbers, got %g in row %d, column %d", v, first+i/dim, i%dim)
			}
		}
		longest = max(longest, longestOf(vectors, dim))
		return nil
	})
	if err != nil || s.part.Greatest == nil {
		return longest, err
	}
	return s.part.Greatest(longest)
}

// measure finds where the references of the queries' classes stand: their distances first, and then what is nearer.
func (s *streaming) measure(group []*placing) error {
	dim := s.queries.Dim
	if err := s.blocks(func(first int, vectors []float64) error {
		parallel.With(len(group), func() func(int) {
			return func(i int) {
				g := group[i]
				from, _ := slices.BinarySearch(g.relevant, first)
				for at := from; at < len(g.relevant) && g.relevant[at] < first+len(vectors)/dim; at++ {
					row := (g.relevant[at] - first) * dim
					g.exact[at] = squaredDistance(s.precise[g.query*dim:(g.query+1)*dim], vectors[row:row+dim])
				}
			}
		})
		return nil
	}); err != nil {
		return err
	}
	if err := addUp(s.part, group, func(g *placing) []float64 { return g.exact }); err != nil {
		return err
	}
	parallel.With(len(group), func() func(int) {
		return func(i int) { s.order(group[i]) }
	})
	products, err := newProducts(s.backend, s.keys, group, s.rows)
	if err != nil {
		return err
	}
	err = s.blocks(func(first int, vectors []float64) error { return s.place(products, group, first, vectors) })
	if closing := products.close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return addUp(s.part, group, func(g *placing) []int32 { return g.closer })
}

// order puts the relevant references of a query in order, the nearest first, and sets their keys.
func (s *streaming) order(g *placing) {
	places := make([]int, len(g.relevant))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(i, j int) int {
		return cmp.Or(cmp.Compare(g.exact[i], g.exact[j]), cmp.Compare(g.relevant[i], g.relevant[j]))
	})
	relevant, exact := slices.Clone(g.relevant), slices.Clone(g.exact)
	for i, at := range places {
		g.relevant[i], g.exact[i] = relevant[at], exact[at]
		g.near[i] = s.keys.key(g.query, g.exact[i])
	}
}
