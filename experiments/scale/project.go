package main

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
)

// links lists what machines are joined by.
var links = []link{
	{"10 Gbit/s, 50 µs", 1.25e9, 50e-6},
	{"100 Gbit/s, 10 µs", 12.5e9, 10e-6},
}

// network counts the bytes of gradients of a network that is trained along: 25 million numbers, a ResNet-50.
const network = 4 * 25e6

// project writes what the model says of more machines like this one.
func project(text *strings.Builder, rates map[string]machine) {
	text.WriteString("\nComputed for machines like this one, with d = 512, 512 images on each for pairs and 64 for classes, and the gradients of a network of 25 million numbers reduced along:\n\n")
	text.WriteString("| loss | machines | batch | gathered a step, MB | loss, s |")
	for _, l := range links {
		fmt.Fprintf(text, " exchange over %s, s |", l.name)
	}
	text.WriteString("\n|---|---|---|---|---|---|---|\n")
	for _, row := range []struct {
		name    string
		each    float64 // images on each machine
		classes float64
	}{{"circle, pairs", 512, 0}, {"am-softmax, classes", 64, 1e6}} {
		for _, machines := range []float64{1, 4, 16, 64} {
			j := job{batch: machines * row.each, dim: 512, classes: row.classes, devices: machines}
			work, _ := rates[row.name].seconds(j, links[0], network)
			fmt.Fprintf(text, "| %s | %.0f | %.0f | %.1f | %.2f |", named(row.name, row.classes), machines, j.batch, j.gathered()/1e6, work)
			for _, l := range links {
				_, exchange := rates[row.name].seconds(j, l, network)
				fmt.Fprintf(text, " %.3f |", exchange)
			}
			text.WriteString("\n")
		}
	}
}

func named(name string, classes float64) string {
	if classes == 0 {
		return name
	}
	return fmt.Sprintf("%s, %.0f million of them", name, classes/1e6)
}

func labels(rows, classes int) *tensors.Tensor {
	values := make([]int32, rows)
	for i := range values {
		values[i] = int32(i % classes)
	}
	return tensors.FromFlatDataAndDimensions(values, rows)
}
