package viz_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// How hard two losses pull on the positive pair, wherever the scores of a triplet are: as colours, saved as an SVG file. The text
// alternative of the figure says what is to be seen.
func Example() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	var maps []viz.Surface
	for _, c := range []struct {
		name string
		loss losses.Loss
	}{{"Triplet", losses.Triplet{Margin: 0.25, Mining: losses.MineHard}}, {"Circle", losses.Circle{Margin: 0.25, Gamma: 32}}} {
		field, err := viz.FieldOf(backend, c.loss, 41)
		if err != nil {
			log.Fatal(err)
		}
		maps = append(maps, field.PullOnSp(c.name))
	}
	figure, err := viz.HeatMaps(2, maps...)
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "figures")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := figure.Save(filepath.Join(dir, "pulls.svg")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.ReplaceAll(figure.Alt, ". ", ".\n"))
	// Output:
	// Maps over the plane of s_n (across) and s_p (up).
	// Triplet: |∂L/∂s_p| is 0 at the optimum (s_n = 0, s_p = 1), 1 where both are 0, 1 where both are 1 and 1 at the worst (1, 0).
	// Circle: |∂L/∂s_p| is 0.144 at the optimum (s_n = 0, s_p = 1), 40 where both are 0, 8 where both are 1 and 40 at the worst (1, 0).
}
