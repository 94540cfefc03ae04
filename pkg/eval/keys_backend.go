package eval

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/parallel"
)

// ranker does what [placer.rank] does, for a query whose keys are known.
type ranker func(class, relevant []int, limit int) []int

// eachKeys calls f with the index of each query and a ranker of its references, from several goroutines at once. The ranks are f's until
// it returns. The backend makes the products, or Go if the backend is nil or rounds more than float32 does, as some devices do unasked.
func eachKeys(queries, references Set, backend compute.Backend, f func(query int, ranks ranker)) error {
	p := placer{queries: queries.precise(), references: references.precise(), dim: queries.Dim}
	k := newKeys(p.queries, p.references, p.dim)
	ranking := func(p *placer, q int, keys []float32) {
		f(q, func(class, relevant []int, limit int) []int {
			return p.rank(q, keys, k.window(q), class, relevant, limit)
		})
	}
	if backend != nil {
		m, err := newMultiplier(backend, k)
		if err != nil {
			return err
		}
		rounded, err := m.each(p, ranking)
		if closing := m.close(); err == nil {
			err = closing
		}
		if err != nil || !rounded {
			return err
		}
	}
	count := queries.Len()
	parallel.With((count+block-1)/block, func() func(int) {
		mine := p
		keys := make([]float32, min(block, count)*references.Len())
		return func(b int) {
			first, last := b*block, min((b+1)*block, count)
			k.multiply(first, last, keys)
			for q := first; q < last; q++ {
				ranking(&mine, q, keys[(q-first)*references.Len():(q-first+1)*references.Len()])
			}
		}
	})
	return nil
}

// multiplier makes keys of blocks of queries on a backend.
type multiplier struct {
	keys       keys
	exec       *graph.Exec
	references *tensors.Tensor // [dim + 1, references]
	rows       int             // of a block
}

// blockBytes is the size of a block of keys. It is the largest that the C library hands out again without asking the system for fresh
// pages. Those cost as much as the product does.
const blockBytes = 30 << 20

// newMultiplier puts the references onto a backend.
func newMultiplier(backend compute.Backend, k keys) (*multiplier, error) {
	count := len(k.references) / k.width
	exec, err := graph.NewExec(backend, func(queries, references *graph.Node) *graph.Node { return graph.MatMul(queries, references) })
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	m := &multiplier{keys: k, exec: exec, references: k.columns()}
	m.rows = min(max(64, blockBytes/4/count), 1024, len(k.queries)/k.width)
	if err := m.references.ToDevice(backend, 0); err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	return m, nil
}

// block computes the keys of a block of queries, the last one filled up with the last query.
func (m *multiplier) block(b int) (*tensors.Tensor, error) {
	w := m.keys.width
	queries := make([]float32, 0, m.rows*w)
	for q := b * m.rows; q < (b+1)*m.rows; q++ {
		at := min(q, len(m.keys.queries)/w-1)
		queries = append(queries, m.keys.queries[at*w:(at+1)*w]...)
	}
	out, err := m.exec.Call(tensors.FromFlatDataAndDimensions(queries, m.rows, w), m.references)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	return out[0], nil
}

// each calls ranking with the keys of every query, while the backend computes those of the next block. It reports whether the backend
// rounds more than keys may; then it has not called ranking.
func (m *multiplier) each(p placer, ranking func(p *placer, q int, keys []float32)) (rounded bool, err error) {
	queries, count := len(m.keys.queries)/m.keys.width, len(m.keys.references)/m.keys.width
	type result struct {
		keys *tensors.Tensor
		err  error
	}
	blocks := make(chan result)
	enough := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		defer close(blocks)
		for b := range (queries + m.rows - 1) / m.rows {
			keys, err := m.block(b)
			select {
			case blocks <- result{keys, err}:
			case <-enough:
				return
			}
		}
	})
	defer group.Wait()
	defer close(enough)
	placers := make([]placer, runtime.GOMAXPROCS(0))
	for i := range placers {
		placers[i] = p
	}
	b := 0
	for r := range blocks {
		if r.err != nil {
			return false, r.err
		}
		first := b * m.rows
		rows := min(m.rows, queries-first)
		err := tensors.ConstFlatData(r.keys, func(keys []float32) {
			if rounded = b == 0 && m.rounds(keys, rows); rounded {
				return
			}
			free := make(chan *placer, len(placers))
			for i := range placers {
				free <- &placers[i]
			}
			parallel.With(rows, func() func(int) {
				mine := <-free
				return func(q int) { ranking(mine, first+q, keys[q*count:(q+1)*count]) }
			})
		})
		if err == nil {
			err = r.keys.FinalizeAll()
		}
		if err != nil || rounded {
			return rounded, err
		}
		b++
	}
	return false, nil
}

// rounds reports whether keys of the first queries, one per query, are off by more than float32 is.
func (m *multiplier) rounds(keys []float32, rows int) bool {
	for q := range rows {
		if m.keys.rounded(q, keys, q) {
			return true
		}
	}
	return false
}

// columns returns the references' side as a matrix of width rows: a product by it is quicker than one by its transpose.
func (k keys) columns() *tensors.Tensor {
	count := len(k.references) / k.width
	columns := make([]float32, len(k.references))
	for r := range count {
		for i := range k.width {
			columns[i*count+r] = k.references[r*k.width+i]
		}
	}
	return tensors.FromFlatDataAndDimensions(columns, k.width, count)
}

// rounded reports whether one of a query's keys, which stand in a row of a product, is off by more than float32 is.
func (k keys) rounded(query int, product []float32, row int) bool {
	w := k.width
	count := len(k.references) / w
	r := (query * 7919) % count // any will do
	exact := 0.0
	for i := range w {
		exact += float64(k.queries[query*w+i]) * float64(k.references[r*w+i])
	}
	return !(math.Abs(exact-float64(product[row*count+r])) <= float64(k.window(query))/2)
}

// close frees what the backend keeps.
func (m *multiplier) close() error {
	m.exec.Finalize()
	return m.references.FinalizeAll()
}
