package viz

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// culprit runs a computation of float results again with its operations watched. It returns which of them is the first to make a value that
// is not finite out of finite ones, or an empty text when none does.
func culprit(b compute.Backend, build func(inputs []*graph.Node) []*graph.Node, inputs ...any) string {
	var watched []*graph.Node
	results := 0
	exec, err := graph.NewExec(b, func(inputs []*graph.Node) *graph.Node {
		inputs[0].Graph().SetTraced(true)
		outputs := build(inputs)
		watched, results = reachable(outputs), len(outputs)
		flags := make([]*graph.Node, len(watched))
		for i, node := range watched {
			flags[i] = graph.ConvertDType(graph.LogicalAll(graph.IsFinite(node)), dtypes.Int32)
		}
		return graph.Stack(flags, 0)
	})
	if err != nil {
		return ""
	}
	defer exec.Finalize()
	values, err := exec.Call(inputs...)
	if err != nil {
		return ""
	}
	finite := map[*graph.Node]bool{}
	for i, flag := range values[0].Value().([]int32) {
		finite[watched[i]] = flag == 1
	}
	return origin(watched[:results], finite)
}

// reachable lists the results and the float values that they are made of; each result is its own, at the front.
func reachable(results []*graph.Node) []*graph.Node {
	seen := map[*graph.Node]bool{}
	queue := append([]*graph.Node(nil), results...)
	for _, node := range results {
		seen[node] = true
	}
	for i := 0; i < len(queue); i++ {
		for _, input := range queue[i].Inputs() {
			if !seen[input] && input.NumOutputs() == 1 && input.DType().IsFloat() && input.Function() == results[0].Function() {
				seen[input] = true
				queue = append(queue, input)
			}
		}
	}
	return queue
}

// origin goes from a result that is not finite back to an operation whose inputs all are.
func origin(results []*graph.Node, finite map[*graph.Node]bool) string {
	bad := func(nodes []*graph.Node) *graph.Node {
		for _, node := range nodes {
			if ok, known := finite[node]; known && !ok {
				return node
			}
		}
		return nil
	}
	node := bad(results)
	if node == nil {
		return ""
	}
	for earlier := node; earlier != nil; earlier = bad(node.Inputs()) {
		node = earlier
	}
	return fmt.Sprintf("%s%s is the first operation whose result is not finite", node.Type(), writer(node))
}

// frameOfStack is a function of a stack trace, as pkg/errors prints it.
var frameOfStack = regexp.MustCompile(`(?m)^([\w./()*\[\]·-]+)\n\t`)

// writer names the function that wrote an operation: the first in its stack outside GoMLX and the losses' own parts.
func writer(node *graph.Node) string {
	for _, match := range frameOfStack.FindAllStringSubmatch(fmt.Sprintf("%+v", node.Trace()), -1) {
		name := match[1]
		if strings.HasPrefix(name, "github.com/gomlx/gomlx/core/graph.") {
			continue
		}
		if strings.Contains(name, "internal/scoreplane.Differentiate") {
			return " in the gradient"
		}
		return " in " + name[strings.LastIndex(name, "/")+1:]
	}
	return ""
}
