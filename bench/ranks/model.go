package main

import (
	"fmt"
	"math"
	"strings"
)

// exchanged returns the bytes that a rank receives in a step, as docs/machines.md says. They depend on the rows of a batch, the numbers of
// a row and those of the network. Of class weights in blocks it has those of the vectors of own classes too, and of what is wanted of them.
func exchanged(ranks, rows, dim, network float64, classes bool) float64 {
	part := (ranks - 1) / ranks
	if classes {
		return part*(24*rows*dim+8*network) + (ranks-1)*16*rows
	}
	return part*(8*rows*dim+8*network) + (ranks-1)*24*rows
}

// A link joins machines: each receives so many bytes a second, and what is passed on takes at least so many seconds.
type link struct {
	name      string
	bandwidth float64
	latency   float64
}

// links lists what machines are joined by.
var links = []link{{"10 Gbit/s, 50 µs", 1.25e9, 50e-6}, {"100 Gbit/s, 10 µs", 12.5e9, 10e-6}}

// seconds returns how long a rank waits for so many bytes of a step. What is gathered goes round a ring once, so does what is reduced by
// rows, and what is reduced whole goes twice. The four exchanges of a few numbers go along a tree.
func (l link) seconds(ranks, bytes float64) float64 {
	return bytes/l.bandwidth + l.latency*(4*(ranks-1)+4*2*math.Ceil(math.Log2(ranks)))
}

// network counts the numbers of a network that is trained along with a loss: a ResNet-50's.
const network = 25e6

// project writes what more machines would gain, each like a core of the one that measured: its work is what a rank of two had beside its
// exchanges.
func project(text *strings.Builder, all []training, dim int, work []float64, networks []int) {
	fmt.Fprintf(text, "\nComputed from these for machines like one of these cores, %d numbers per embedding. Each has the rows and classes that one of two "+
		"ranks had here, or its share of the classes; with a loss alone the gradients of a network of %.0f million numbers are exchanged. Efficiency is "+
		"the share of a step that is work:\n\n", dim, network/1e6)
	text.WriteString("| training | machines | batch | work a step, s | received a step, MB |")
	for _, l := range links {
		fmt.Fprintf(text, " %s: exchange, s | efficiency |", l.name)
	}
	text.WriteString("\n|---|---|---|---|---|" + strings.Repeat("---|---|", len(links)) + "\n")
	for i, t := range all {
		for _, machines := range []float64{4, 16, 64} {
			rows, seconds, numbers := float64(t.rows)/2*machines, work[i], float64(networks[i])
			if t.work == 1 {
				if t.classes > 0 { // all rows against a share of the classes: as many pairs
					numbers = network
				}
			} else { // each row against more columns
				seconds, numbers = work[i]*machines/2, network
			}
			bytes := exchanged(machines, rows, float64(dim), numbers, t.classes > 0)
			fmt.Fprintf(text, "| %s | %.0f | %.0f | %.3g | %.1f |", t.name, machines, rows, seconds, bytes/1e6)
			for _, l := range links {
				exchange := l.seconds(machines, bytes)
				fmt.Fprintf(text, " %.3g | %.2f |", exchange, seconds/(seconds+exchange))
			}
			text.WriteString("\n")
		}
	}
}
