package rankstest

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/ranks"
)

// Contract returns an error unless a group does what [ranks.Group] says. All of its ranks call it.
func Contract(g ranks.Group) error {
	if g.Rank() < 0 || g.Rank() >= g.Size() {
		return fmt.Errorf("rank %d of %d", g.Rank(), g.Size())
	}
	for _, rows := range []int{g.Size(), 2*g.Size() + 1, 7 * g.Size(), 1000*g.Size() + g.Size() - 1, 3} {
		for _, do := range []func(g ranks.Group, rows int) error{keeps[float32], keeps[float64], gathers} {
			if err := do(g, rows); err != nil {
				return fmt.Errorf("%d rows: %w", rows, err)
			}
		}
	}
	return agrees(g)
}

// keeps checks all functions with numbers that floating point has exactly: those of rank r are r + 1 times a number of the place.
func keeps[T float32 | float64](g ranks.Group, rows int) error {
	const width = 3
	whole := make([]T, rows*width)
	for i := range whole {
		whole[i] = T((g.Rank() + 1) * (i%97 - 40))
	}
	given := slices.Clone(whole)
	mine := tensors.FromFlatDataAndDimensions(whole, rows, width)
	times := g.Size() * (g.Size() + 1) / 2 // Σ (r + 1)
	want := func(from, to, times int) []T {
		var all []T
		for i := from * width; i < to*width; i++ {
			all = append(all, T(times*(i%97-40)))
		}
		return all
	}
	from, to := ranks.ShareOf(g, rows)
	part := tensors.FromFlatDataAndDimensions(want(from, to, 5), to-from, width)
	for _, c := range []struct {
		name string
		do   func() (*tensors.Tensor, error)
		rows int
		want []T
	}{
		{"Gather", func() (*tensors.Tensor, error) { return g.Gather(part, rows) }, rows, want(0, rows, 5)},
		{"ReduceScatter", func() (*tensors.Tensor, error) { return g.ReduceScatter(mine) }, to - from, want(from, to, times)},
		{"AllReduce", func() (*tensors.Tensor, error) { return g.AllReduce(mine) }, rows, want(0, rows, times)},
		{"Broadcast", func() (*tensors.Tensor, error) { return g.Broadcast(mine) }, rows, want(0, rows, 1)},
	} {
		got, err := c.do()
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		flat, err := tensors.CopyFlatData[T](got)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if !slices.Equal(got.Shape().Dimensions, []int{c.rows, width}) || !slices.Equal(flat, c.want) {
			return fmt.Errorf("%s of %T on rank %d gives %s that begins with %v, want %d rows that begin with %v",
				c.name, flat, g.Rank(), got.Shape(), flat[:min(width, len(flat))], c.rows, c.want[:min(width, len(c.want))])
		}
	}
	if left := tensors.MustCopyFlatData[T](mine); !slices.Equal(left, given) {
		return fmt.Errorf("the argument of rank %d is changed", g.Rank())
	}
	return nil
}

// gathers checks that whole numbers and bytes are gathered too.
func gathers(g ranks.Group, rows int) error {
	from, to := ranks.ShareOf(g, rows)
	labels, bytes := make([]int32, 0, to-from), make([]uint8, 0, to-from)
	for i := from; i < to; i++ {
		labels, bytes = append(labels, int32(i*i)), append(bytes, uint8(i))
	}
	gathered, err := g.Gather(tensors.FromFlatDataAndDimensions(labels, to-from), rows)
	if err != nil {
		return err
	}
	for i, label := range tensors.MustCopyFlatData[int32](gathered) {
		if label != int32(i*i) {
			return fmt.Errorf("label %d is %d", i, label)
		}
	}
	if gathered, err = g.Gather(tensors.FromFlatDataAndDimensions(bytes, to-from), rows); err != nil {
		return err
	}
	for i, b := range tensors.MustCopyFlatData[uint8](gathered) {
		if b != uint8(i) {
			return fmt.Errorf("byte %d is %d", i, b)
		}
	}
	return nil
}

// agrees checks what is made of the six functions.
func agrees(g ranks.Group) error {
	texts, err := ranks.Texts(g, fmt.Sprintf("%*d", g.Rank(), g.Rank()))
	if err != nil {
		return err
	}
	for i, text := range texts {
		if want := fmt.Sprintf("%*d", i, i); text != want {
			return fmt.Errorf("the text of rank %d is %q, want %q", i, text, want)
		}
	}
	sums, err := ranks.Sums(g, []float64{1, float64(g.Rank())})
	if n := float64(g.Size()); err != nil || !slices.Equal(sums, []float64{n, n * (n - 1) / 2}) {
		return fmt.Errorf("sums %v, %v", sums, err)
	}
	if most, err := ranks.Greatest(g, -float64(g.Rank()+1)); err != nil || most != -1 {
		return fmt.Errorf("the greatest number is %g, %v, want -1", most, err)
	}
	for of := range g.Size() {
		if some, err := ranks.Any(g, g.Rank() == of); err != nil || !some {
			return fmt.Errorf("no rank says yes where rank %d does, %v", of, err)
		}
	}
	if some, err := ranks.Any(g, false); err != nil || some {
		return fmt.Errorf("a rank says yes, %v", err)
	}
	told := []string{fmt.Sprint(g.Rank())}
	if err := ranks.Tell(g, &told); err != nil || !slices.Equal(told, []string{"0"}) {
		return fmt.Errorf("told %q by rank 0, %v", told, err)
	}
	if err := ranks.Agree(g, nil); err != nil {
		return fmt.Errorf("agreed on %w, and nobody has an error", err)
	}
	var mine error
	last := g.Size() - 1
	if g.Rank() == last {
		mine = fmt.Errorf("no such folder")
	}
	want := fmt.Sprintf("rank %d: no such folder", last)
	if g.Size() == 1 {
		want = "no such folder"
	}
	if err := ranks.Agree(g, mine); err == nil || err.Error() != want {
		return fmt.Errorf("agreed on %v, want %q", err, want)
	}
	if err := ranks.Agree(g, fmt.Errorf("a wrong word")); err == nil || err.Error() != "a wrong word" {
		return fmt.Errorf("agreed on %v, and all have the same error", err)
	}
	if err := ranks.Follow(g, fmt.Errorf("a full disk on rank %d", g.Rank())); err == nil || err.Error() != "a full disk on rank 0" {
		return fmt.Errorf("followed %v", err)
	}
	if err := ranks.Follow(g, nil); err != nil {
		return fmt.Errorf("followed %w, and rank 0 has no error", err)
	}
	if err := ranks.Same(g, "seed", "7"); err != nil {
		return err
	}
	err = ranks.Same(g, "seed", fmt.Sprint(7+g.Rank()/max(1, last)))
	if want := fmt.Sprintf("rank %d has another seed than rank 0: 8, not 7", last); g.Size() > 1 && (err == nil || err.Error() != want) {
		return fmt.Errorf("%v, want %q", err, want)
	}
	return nil
}
