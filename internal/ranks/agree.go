package ranks

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/strictjson"
)

// Texts returns a text of each rank, in the order of ranks, on all of them.
func Texts(g Group, mine string) ([]string, error) {
	if g.Size() == 1 {
		return []string{mine}, nil
	}
	counted, err := g.Gather(tensors.FromFlatDataAndDimensions([]int64{int64(len(mine))}, 1), g.Size())
	if err != nil {
		return nil, err
	}
	lengths, err := tensors.CopyFlatData[int64](counted)
	if err != nil {
		return nil, err
	}
	longest := int(slices.Max(lengths))
	if longest == 0 {
		return make([]string, g.Size()), nil
	}
	padded := make([]uint8, longest)
	copy(padded, mine)
	gathered, err := g.Gather(tensors.FromFlatDataAndDimensions(padded, 1, longest), g.Size())
	if err != nil {
		return nil, err
	}
	flat, err := tensors.CopyFlatData[uint8](gathered)
	if err != nil {
		return nil, err
	}
	texts := make([]string, g.Size())
	for i, length := range lengths {
		texts[i] = string(flat[i*longest : i*longest+int(length)])
	}
	return texts, nil
}

// Sums returns the sums of numbers over the ranks, on all of them.
func Sums(g Group, numbers []float64) ([]float64, error) {
	if g.Size() == 1 {
		return numbers, nil
	}
	sums, err := g.AllReduce(tensors.FromFlatDataAndDimensions(slices.Clone(numbers), len(numbers)))
	if err != nil {
		return nil, err
	}
	return tensors.CopyFlatData[float64](sums)
}

// Greatest returns the greatest of the ranks' numbers, on all of them.
func Greatest(g Group, number float64) (float64, error) {
	if g.Size() == 1 {
		return number, nil
	}
	all, err := g.Gather(tensors.FromFlatDataAndDimensions([]float64{number}, 1), g.Size())
	if err != nil {
		return 0, err
	}
	numbers, err := tensors.CopyFlatData[float64](all)
	if err != nil {
		return 0, err
	}
	return slices.Max(numbers), nil
}

// Any returns whether something is so on one rank at least, on all of them.
func Any(g Group, so bool) (bool, error) {
	mine := 0.0
	if so {
		mine = 1
	}
	sums, err := Sums(g, []float64{mine})
	return err == nil && sums[0] > 0, err
}

// Tell gives what is at to on rank 0 to all ranks, as JSON has it.
func Tell(g Group, to any) error {
	if g.Size() == 1 {
		return nil
	}
	var text []byte
	if g.Rank() == 0 {
		var err error
		if text, err = json.Marshal(to); err != nil {
			return fmt.Errorf("rank 0 has what no JSON has: %w", err)
		}
	}
	told, err := g.Broadcast(tensors.FromFlatDataAndDimensions([]int64{int64(len(text))}, 1))
	if err != nil {
		return err
	}
	length, err := tensors.CopyFlatData[int64](told)
	if err != nil {
		return err
	}
	said := make([]uint8, length[0])
	copy(said, text)
	if told, err = g.Broadcast(tensors.FromFlatDataAndDimensions(said, len(said))); err != nil || g.Rank() == 0 {
		return err
	}
	if said, err = tensors.CopyFlatData[uint8](told); err != nil {
		return err
	}
	return strictjson.UnmarshalSome(said, to)
}

// Agreed is an error that all ranks have, and know that all have: one of them has it said for all.
type Agreed struct{ Err error }

// Error implements error.
func (a Agreed) Error() string { return a.Err.Error() }

// Unwrap returns the error that is agreed on.
func (a Agreed) Unwrap() error { return a.Err }

// Agree returns the same error on all ranks: nil where none has one, else, [Agreed], that of the first rank that has. It is for what is done on each
// rank, or on some, before all go on together. The errors of a rank itself are wrapped; those of others are their text.
func Agree(g Group, mine error) error {
	if g.Size() == 1 {
		return mine
	}
	said := ""
	if mine != nil {
		said = "x" + mine.Error() // an error may be without a word
	}
	all, err := Texts(g, said)
	if err != nil {
		return err
	}
	first := slices.IndexFunc(all, func(text string) bool { return text != "" })
	switch {
	case first < 0:
		return nil
	case !slices.ContainsFunc(all, func(text string) bool { return text != all[first] }):
		return Agreed{mine} // all ranks have the same to say, as of a wrong word
	case first == g.Rank():
		return Agreed{fmt.Errorf("rank %d: %w", first, mine)}
	}
	return Agreed{fmt.Errorf("rank %d: %s", first, all[first][1:])}
}

// Follow returns the error of rank 0 on all ranks, [Agreed]: of what it alone has done.
func Follow(g Group, mine error) error {
	if g.Size() == 1 {
		return mine
	}
	said := ""
	if mine != nil && g.Rank() == 0 {
		said = "x" + mine.Error()
	}
	all, err := Texts(g, said)
	switch {
	case err != nil:
		return err
	case all[0] == "":
		return nil
	case g.Rank() == 0:
		return Agreed{mine}
	}
	return Agreed{errors.New(all[0][1:])}
}

// Same returns an error, [Agreed], that names the first rank that has another text than rank 0 has, and what both say; what is what they are of.
func Same(g Group, what, mine string) error {
	all, err := Texts(g, mine)
	if err != nil {
		return err
	}
	for i, text := range all {
		if text != all[0] {
			return Agreed{fmt.Errorf("rank %d has another %s than rank 0: %s, not %s", i, what, orNothing(text), orNothing(all[0]))}
		}
	}
	return nil
}

func orNothing(text string) string {
	if strings.TrimSpace(text) == "" {
		return "none"
	}
	return text
}
