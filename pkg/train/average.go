package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/train/internal/network"
)

// averagePrefix is before the path of a variable that is the running mean of another.
const averagePrefix = "/average"

// average holds the running means of a network's variables.
type average struct{ of, means []*model.Variable }

func newAverage(store *model.Store, of []*model.Variable) (average, error) {
	a := average{of: of}
	first, err := network.CopyOf(of)
	if err != nil {
		return a, err
	}
	for _, v := range of {
		mean := store.VariableWithValue(averagePrefix+v.Path(), first[v.Path()]).SetTrainable(false)
		a.means = append(a.means, mean)
	}
	return a, nil
}

// follow moves the means towards what a step has made of the variables.
func (a average) follow(kept *graph.Node) {
	for i, v := range a.of {
		g := kept.Graph()
		mean := graph.Mul(a.means[i].NodeValue(g), kept)
		a.means[i].SetNodeValue(graph.Add(mean, graph.Mul(v.NodeValue(g), graph.OneMinus(kept))))
	}
}

// values copies the means, by the paths of the variables that they are of.
func (a average) values() (network.Values, error) {
	means, err := network.CopyOf(a.means)
	if err != nil {
		return nil, err
	}
	all := make(network.Values, len(a.of))
	for _, v := range a.of {
		all[v.Path()] = means[averagePrefix+v.Path()]
	}
	return all, nil
}
