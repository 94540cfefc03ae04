package viz

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Sector is a range of directions in the plane that a loss gives to a class.
type Sector struct {
	Class    int32   // its number, from 0, which chooses the colour
	From, To float64 // angles in radians, From < To ≤ From + 2π
}

// ClassSectors returns the directions in which a loss is content. There, an embedding of two numbers, of a length, has a value below log 2
// as a member of a class. So the loss gives that class more than half. Without a margin the sectors of two classes touch; with one, the
// gap between them is what the margin asks for. weights holds the class vectors, [classes][2].
func ClassSectors(b compute.Backend, loss losses.Loss, sim losses.Similarity, weights [][]float64, length float64) ([]Sector, error) {
	classes := make([]int32, len(weights)/max(losses.CentersOf(loss), 1))
	if err := checkVectors("ClassSectors", weights); err != nil {
		return nil, err
	}
	if !(length > 0) || math.IsInf(length, 0) {
		return nil, fmt.Errorf("viz.ClassSectors: length must be a number > 0, got %g", length)
	}
	const directions = 1440 // a quarter of a degree
	var labels []int32
	var embeddings [][]float64
	for class := range classes {
		for i := range directions {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / directions)
			labels, embeddings = append(labels, int32(class)), append(embeddings, []float64{length * cos, length * sin})
		}
	}
	values, err := classValues(b, loss, sim, labels, embeddings, weights)
	if err != nil {
		return nil, fmt.Errorf("viz.ClassSectors: %T: %w", loss, err)
	}
	var sectors []Sector
	for class := range classes {
		sectors = append(sectors, sectorsOf(int32(class), values[class*directions:(class+1)*directions])...)
	}
	return sectors, nil
}

func checkVectors(where string, weights [][]float64) error {
	if len(weights) < 2 {
		return fmt.Errorf("viz.%s: want at least 2 class vectors, got %d", where, len(weights))
	}
	for i, w := range weights {
		if len(w) != 2 {
			return fmt.Errorf("viz.%s: class vector %d must have 2 numbers, got %d", where, i, len(w))
		}
		if err := checkNumbers(where, fmt.Sprintf("class vector %d", i), w...); err != nil {
			return err
		}
	}
	return nil
}

// classValues returns the loss of each embedding under its label.
func classValues(b compute.Backend, loss losses.Loss, sim losses.Similarity, labels []int32, embeddings, weights [][]float64) ([]float64, error) {
	build := func(inputs []*graph.Node) []*graph.Node {
		scores := losses.Classes(inputs[0], inputs[1], inputs[2], losses.Measure(loss, sim))
		return []*graph.Node{loss.PerAnchor(scores)}
	}
	exec, err := graph.NewExec(b, build)
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	results, err := exec.Call(labels, embeddings, weights)
	if err != nil {
		return nil, err
	}
	values := results[0].Value().([]float64)
	for i, v := range values {
		if math.IsNaN(v) {
			return nil, fmt.Errorf("the value at (%.3g, %.3g) for class %d is NaN%s", embeddings[i][0], embeddings[i][1], labels[i],
				because(culprit(b, build, labels, embeddings, weights)))
		}
	}
	return values, nil
}

// sectorsOf finds where values all round the circle are below log 2, to a fraction of their step.
func sectorsOf(class int32, values []float64) []Sector {
	n := len(values)
	at := func(i int) float64 { return values[((i%n)+n)%n] - math.Ln2 }
	step := 2 * math.Pi / float64(n)
	crossing := func(i int) float64 { return step * (float64(i) + at(i)/(at(i)-at(i+1))) } // between i and i+1
	var sectors []Sector
	for i := range n {
		if !(at(i) >= 0 && at(i+1) < 0) {
			continue
		}
		end := i + 1
		for at(end+1) < 0 {
			end++
		}
		sectors = append(sectors, Sector{class, crossing(i), crossing(end)})
	}
	if len(sectors) == 0 && at(0) < 0 {
		sectors = append(sectors, Sector{class, 0, 2 * math.Pi})
	}
	return sectors
}

// degrees returns the width of a sector.
func (s Sector) degrees() float64 { return (s.To - s.From) * 180 / math.Pi }
