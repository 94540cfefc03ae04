package eval

import "fmt"

// Part says which references a process compares with, where several processes share them. All have the same queries, the same labels of all
// references and the same settings, and call the same function together. Each has the result that one process has, to the bit.
//
// A rank is one more than how many references are before, and that is the sum of what each part has before. So the parts exchange the
// distances of what is to be found, and then these counts. Each takes 8 bytes for each pair of a query and a reference that it is to find.
type Part struct {
	From, To int // of the references: from the first to before the second; a part may be empty

	Sum      func(numbers []float64) ([]float64, error) // over all parts, number by number
	Greatest func(number float64) (float64, error)      // of the numbers of all parts
}

// within returns a part of so many references, or an error; nil is all of them.
func (p *Part) within(references int) (Part, error) {
	switch {
	case p == nil:
		return Part{To: references}, nil
	case p.From < 0 || p.To < p.From || p.To > references || p.Sum == nil || p.Greatest == nil:
		return Part{}, fmt.Errorf("eval: a part must be of %d references, and know the others; got those from %d to %d", references, p.From, p.To)
	}
	return *p, nil
}

// addUp makes numbers of the queries of a group, of which each part has its own, the sums over all parts.
func addUp[T float64 | int32](p Part, group []*placing, of func(*placing) []T) error {
	if p.Sum == nil {
		return nil
	}
	var numbers []float64
	for _, g := range group {
		for _, x := range of(g) {
			numbers = append(numbers, float64(x))
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	sums, err := p.Sum(numbers)
	if err != nil {
		return err
	}
	for _, g := range group {
		mine := of(g)
		for i := range mine {
			mine[i] = T(sums[i])
		}
		sums = sums[len(mine):]
	}
	return nil
}
