package ranks_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/rankstest"
)

// One process by itself, and ranks in goroutines, keep the contract.
func TestContract(t *testing.T) {
	if err := rankstest.Contract(ranks.Alone{}); err != nil {
		t.Error(err)
	}
	for size := range 5 {
		rankstest.Together(t, size+1, rankstest.Contract)
	}
}

// Shares are in order, leave nothing out, and differ by one row at most.
func TestShare(t *testing.T) {
	for rows := range 30 {
		for parts := 1; parts < 8; parts++ {
			next := 0
			for i := range parts {
				from, to := ranks.Share(rows, i, parts)
				if from != next || to-from < rows/parts || to-from > (rows+parts-1)/parts {
					t.Errorf("part %d of %d of %d rows is %d to %d", i, parts, rows, from, to)
				}
				next = to
			}
			if next != rows {
				t.Errorf("%d parts of %d rows end at %d", parts, rows, next)
			}
		}
	}
}

// A rank whose part is of other rows is refused, and those that wait for it are told.
func TestPartOfOtherRows(t *testing.T) {
	for rank, err := range rankstest.Errors(3, func(g ranks.Group) error {
		rows := 1
		if g.Rank() == 1 {
			rows = 2
		}
		_, err := g.Gather(tensors.FromFlatDataAndDimensions(make([]float32, rows), rows), 3)
		return err
	}) {
		if want := "rank 1 has rows 1 to 2 of 3 to give, got (Float32)[2]"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("rank %d: %v, want %q", rank, err, want)
		}
	}
}

// The error of a rank itself is still what it was.
func TestAgreeWraps(t *testing.T) {
	what := errors.New("no room")
	rankstest.Together(t, 2, func(g ranks.Group) error {
		if g.Rank() == 1 {
			if err := ranks.Agree(g, what); !errors.Is(err, what) {
				t.Errorf("agreed on %v", err)
			}
			return nil
		}
		if err := ranks.Agree(g, nil); err == nil || err.Error() != "rank 1: no room" {
			t.Errorf("agreed on %v", err)
		}
		return nil
	})
}
