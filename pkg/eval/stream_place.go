package eval

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/parallel"
)

// streamProducts makes the keys of a group's queries for one block of references after the other. It does so on a backend, or in Go where
// that is nil or rounds more than float32 does.
type streamProducts struct {
	exec    *graph.Exec       // nil: in Go
	queries []*tensors.Tensor // so many rows each, the last one filled up
	rows    int
	checked bool // that the backend does not round
}

// newProducts puts the queries of a group onto a backend, for blocks of so many references.
func newProducts(backend compute.Backend, k keys, group []*placing, references int) (*streamProducts, error) {
	p := &streamProducts{rows: min(max(1, blockBytes/4/references), len(group))}
	if backend == nil {
		return p, nil
	}
	var err error
	if p.exec, err = graph.NewExec(backend, func(queries, references *graph.Node) *graph.Node {
		return graph.MatMul(queries, references)
	}); err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	for first := 0; first < len(group); first += p.rows {
		var flat []float32
		for i := first; i < first+p.rows; i++ {
			q := group[min(i, len(group)-1)].query
			flat = append(flat, k.queries[q*k.width:(q+1)*k.width]...)
		}
		t := tensors.FromFlatDataAndDimensions(flat, p.rows, k.width)
		p.queries = append(p.queries, t)
		if err := t.ToDevice(backend, 0); err != nil {
			return nil, errors.Join(fmt.Errorf("eval: %w", err), p.close())
		}
	}
	return p, nil
}

// close frees what the backend keeps.
func (p *streamProducts) close() error {
	if p.exec != nil {
		p.exec.Finalize()
	}
	for _, t := range p.queries {
		if err := t.FinalizeAll(); err != nil {
			return fmt.Errorf("eval: %w", err)
		}
	}
	return nil
}

// place counts a block of references where they stand among those of each query's class.
func (s *streaming) place(p *streamProducts, group []*placing, first int, vectors []float64) (err error) {
	s.keys.setReferences(vectors)
	here := placer{queries: s.precise, references: vectors, dim: s.queries.Dim, first: first}
	count := len(vectors) / s.queries.Dim
	if p.exec == nil {
		parallel.With(len(group), func() func(int) {
			mine, keys := here, make([]float32, count)
			return func(i int) {
				s.keys.multiply(group[i].query, group[i].query+1, keys)
				s.scan(&mine, group[i], keys)
			}
		})
		return nil
	}
	references := s.keys.columns()
	defer func() {
		if failed := references.FinalizeAll(); failed != nil {
			err = errors.Join(err, fmt.Errorf("eval: %w", failed))
		}
	}()
	for b, queries := range p.queries {
		some := group[b*p.rows : min((b+1)*p.rows, len(group))]
		out, err := p.exec.Call(queries, references)
		if err != nil {
			return fmt.Errorf("eval: %w", err)
		}
		rounded := false
		err = tensors.ConstFlatData(out[0], func(keys []float32) {
			if rounded = !p.checked && s.rounded(some, keys); rounded {
				return
			}
			p.checked = true
			parallel.With(len(some), func() func(int) {
				mine := here
				return func(i int) { s.scan(&mine, some[i], keys[i*count:(i+1)*count]) }
			})
		})
		if err == nil {
			err = out[0].FinalizeAll()
		}
		if err != nil {
			return fmt.Errorf("eval: %w", err)
		}
		if rounded { // it is the first block of all
			p.exec.Finalize()
			p.exec = nil
			return s.place(p, group, first, vectors)
		}
	}
	return nil
}

// rounded reports whether a backend rounds keys of some queries more than keys may.
func (s *streaming) rounded(some []*placing, keys []float32) bool {
	for i, g := range some {
		if s.keys.rounded(g.query, keys, i) {
			return true
		}
	}
	return false
}

// scan places the references of a block whose keys are known.
func (s *streaming) scan(p *placer, g *placing, keys []float32) {
	if g.left == 0 {
		return
	}
	p.relevant, p.exact, p.near, p.closer, p.ordered = g.relevant, g.exact, g.near, g.closer, p.ordered[:0]
	for i := len(p.sorted); i < len(g.near); i++ {
		p.sorted = append(p.sorted, uint64(i)) // they are in order
	}
	p.sorted = p.sorted[:len(g.near)]
	p.fill(s.keys.window(g.query))
	p.high = min(p.high, p.near[g.left-1]+p.window)
	from, _ := slices.BinarySearch(g.class, p.first)
	g.left = p.place(g.query, keys, g.class[from:], s.limit, g.left)
}
