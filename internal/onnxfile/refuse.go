package onnxfile

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/gomlx/compute-onnx/support/protos"
)

// oldest is the first opset in which shapes are broadcast and batch normalisation is for inference, as GoMLX reads them.
const oldest = 7

// refuse returns an error for what GoMLX would read wrong, or not at all, and for weights that are not finite.
func refuse(m *protos.ModelProto) error {
	switch opset := wrapperOf(m).opset; {
	case opset < oldest:
		return fmt.Errorf("is of opset %d, whose operations mean something else: export it with opset %d or later, or convert it by "+
			"onnx.version_converter", opset, oldest)
	case len(m.Functions) > 0:
		return fmt.Errorf("has functions of its own (%s): export it with them inlined", m.Functions[0].Name)
	case len(m.Graph.SparseInitializer) > 0:
		return fmt.Errorf("has sparse weights: export it with dense ones")
	}
	for _, weight := range m.Graph.Initializer {
		if err := refuseWeight(weight); err != nil {
			return err
		}
	}
	for _, node := range m.Graph.Node {
		if err := refuseNode(node); err != nil {
			return err
		}
	}
	return refuseOrder(m.Graph, nil)
}

// fewest counts the inputs that an operation is rewritten with; others need one, unless they are constants.
var fewest = map[string]int{"PRelu": 2}

// sources are the operations that need no input.
var sources = []string{"Constant", "If", "RandomNormal", "RandomUniform"}

// refuseOrder returns an error for operations that cannot be computed one after the other, as in a circle, and for those without what they
// are made of. Beside the graph's own values there are those of the graph around it.
func refuseOrder(g *protos.GraphProto, around map[string]bool) error {
	made := map[string]bool{"": true} // the name of an input that is left out
	maps.Copy(made, around)
	for _, v := range g.Input {
		made[v.Name] = true
	}
	for _, weight := range g.Initializer {
		made[weight.Name] = true
	}
	for _, node := range g.Node {
		need := max(1, fewest[node.OpType])
		if slices.Contains(sources, node.OpType) {
			need = 0
		}
		if len(node.Output) == 0 || len(node.Input) < need {
			return fmt.Errorf("is damaged: an operation has no output or too few inputs (%s): export it again", describe(node))
		}
		for _, name := range node.Input {
			if !made[name] {
				return fmt.Errorf("is damaged: nothing before an operation makes its input %q (%s): export it again", name, describe(node))
			}
		}
		for _, a := range node.Attribute {
			for _, inner := range append(slices.Clone(a.Graphs), a.G) {
				if inner == nil {
					continue
				}
				if err := refuseOrder(inner, made); err != nil {
					return err
				}
			}
		}
		for _, name := range node.Output {
			made[name] = true
		}
	}
	return nil
}

// quantised matches the operations of numbers of 8 bits.
var quantised = regexp.MustCompile(`^QLinear|Integer$|(Q|Deq)uantizeLinear$`)

func refuseNode(node *protos.NodeProto) error {
	training := node.OpType == "BatchNormalization" && attribute(node, "training_mode").GetI() != 0 ||
		node.OpType == "Dropout" && len(node.Input) > 2
	switch {
	case quantised.MatchString(node.OpType):
		return fmt.Errorf("is quantised (%s): take the network in float32", describe(node))
	case training:
		return fmt.Errorf("is in training (%s), so that an image's output depends on the others: export it for inference, as after model.eval()",
			describe(node))
	case node.Domain != "" && node.Domain != "ai.onnx" && node.Domain != "com.microsoft":
		return fmt.Errorf("has an operation of the vendor %s (%s), which is not known here: export it with plain operations", node.Domain, describe(node))
	}
	for _, a := range node.Attribute {
		if a.T != nil {
			if err := refuseWeight(a.T); err != nil {
				return err
			}
		}
	}
	return nil
}

// Cubic describes an operation that resizes by cubic interpolation, which GoMLX takes for another one: it is read right only where nothing
// is resized. It is empty where there is none.
func (f *File) Cubic() string {
	for i, used := range f.used(f.outputs()...) {
		if node := f.graph.Node[i]; used && node.OpType == "Resize" && string(attribute(node, "mode").GetS()) == "cubic" {
			return describe(node)
		}
	}
	return ""
}

func refuseWeight(t *protos.TensorProto) error {
	switch kind := protos.TensorProto_DataType(t.DataType); {
	case t.DataLocation == protos.TensorProto_EXTERNAL:
		return fmt.Errorf("keeps weights in another file (%s): make it one, as by onnx.save(onnx.load(\"old.onnx\"), \"new.onnx\")", location(t))
	case kind == protos.TensorProto_FLOAT16 || kind == protos.TensorProto_BFLOAT16:
		return fmt.Errorf("has weights of half precision (%s: %s): take the network in float32", t.Name, strings.ToLower(kind.String()))
	case kind != protos.TensorProto_FLOAT:
		return nil
	}
	values, err := floats(t)
	if err != nil {
		return err
	}
	for _, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) && t.Name != "" && len(values) > 1 {
			return fmt.Errorf("has a weight that is not finite (%s: %v): its training diverged, take another", t.Name, v)
		}
	}
	return nil
}

// location names the file that a weight is kept in.
func location(t *protos.TensorProto) string {
	for _, entry := range t.ExternalData {
		if entry.Key == "location" {
			return entry.Value
		}
	}
	return "it does not say which"
}

// attribute returns a node's attribute, or nil, whose numbers are 0.
func attribute(node *protos.NodeProto, name string) *protos.AttributeProto {
	for _, a := range node.Attribute {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// describe names a node as its file does.
func describe(node *protos.NodeProto) string {
	name := node.Name
	if name == "" && len(node.Output) > 0 {
		name = node.Output[0]
	}
	return fmt.Sprintf("operation %s, node %q", node.OpType, name)
}
