package losstime

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/unipair/unipair/internal/turns"
)

// A curve has the sizes that its contender did and ends with why there are no more; one that did none is left out.
func TestCurves(t *testing.T) {
	var rows []Row
	for i, n := range []int{128, 512, 2048} {
		x := float64(n) * float64(n) / 1e7
		cells := []Cell{
			{Name: "Unipair", Wall: turns.Spread{Median: x, Least: x / 2, Most: x * 2}, Peak: int64(n) << 12},
			{Name: "JAX", Wall: turns.Spread{Median: 2 * x, Least: 2 * x, Most: 2 * x}, Peak: int64(n*n) << 2},
			{Name: "JAX, our algorithm", Skipped: notWritten},
		}
		if i == 2 {
			cells[1] = Cell{Name: "JAX", Skipped: "needs 60 GB"}
		}
		rows = append(rows, Row{Loss: "circle", Rows: n, Contenders: cells})
	}
	all := contendersOf(rows, seconds)
	if len(all) != 2 || !slices.Equal(all[1].N, []float64{128, 512}) || all[1].Ends != "needs 60 GB" || all[0].Ends != "" {
		t.Errorf("contenders %+v", all)
	}
	figure, err := curves(append(rows, Row{Loss: "nt-xent", Rows: 128, Contenders: rows[0].Contenders}))
	if err != nil {
		t.Fatal(err)
	}
	if err := figure.Save(filepath.Join(t.TempDir(), "curves.png")); err != nil {
		t.Error(err)
	}
}
