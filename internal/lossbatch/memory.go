package lossbatch

import "github.com/gomlx/gomlx/core/graph"

// peak returns how many bytes of results a graph holds at once, at most, in the order in which it was built. Each is held from where it is
// computed to where it is last looked at. A backend that fuses operations holds less.
func peak(outputs ...*graph.Node) int64 {
	nodes := outputs[0].Graph().Nodes()
	last := make(map[*graph.Node]int) // where a node that is needed is last looked at
	for _, out := range outputs {
		last[out] = len(nodes)
	}
	freed := make([]int64, len(nodes)+1)
	for i := len(nodes) - 1; i >= 0; i-- {
		if _, needed := last[nodes[i]]; !needed {
			continue
		}
		for _, input := range nodes[i].Inputs() {
			if _, known := last[input]; !known {
				last[input] = i
			}
		}
		freed[last[nodes[i]]] += bytesOf(nodes[i])
	}
	var held, most int64
	for i, node := range nodes {
		if _, needed := last[node]; needed {
			held += bytesOf(node)
			most = max(most, held)
			held -= freed[i]
		}
	}
	return most
}

// bytesOf returns the size of a node's result; one of several results has parts of its own, which are nodes.
func bytesOf(node *graph.Node) int64 {
	if node.NumOutputs() != 1 {
		return 0
	}
	return int64(node.Shape().ByteSize())
}
