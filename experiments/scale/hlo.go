package main

import (
	"regexp"
	"strconv"
	"strings"
)

// program says what one device does in a compiled graph. It counts floating-point operations of its matrix products, and how many bytes of
// each kind of exchange it takes part in, counted by the result.
type program struct {
	flops     float64
	exchanged map[string]float64 // by "all-gather", "all-reduce" …
	exchanges int
}

var (
	instruction = regexp.MustCompile(`^\s*(?:ROOT )?(%[\w.\-]+) = (\([^)]*\)|\S+) ([\w\-]+)\((.*)$`)
	array       = regexp.MustCompile(`(\w+)\[([\d,]*)\]`)
	contracting = regexp.MustCompile(`lhs_contracting_dims=\{([\d,]*)\}`)
	operand     = regexp.MustCompile(`%[\w.\-]+`)
)

// bits says how wide a number of a type is.
var bits = map[string]float64{
	"pred": 8, "s8": 8, "u8": 8, "s16": 16, "f16": 16, "bf16": 16, "s32": 32, "u32": 32, "f32": 32, "s64": 64, "u64": 64, "f64": 64,
}

// parse reads the text of XLA's optimised HLO.
func parse(text string) program {
	p := program{exchanged: map[string]float64{}}
	shapes := map[string][]float64{}
	for line := range strings.Lines(text) {
		found := instruction.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if found == nil {
			continue
		}
		name, result, op, rest := found[1], found[2], strings.TrimSuffix(found[3], "-start"), found[4]
		if first := array.FindStringSubmatch(result); first != nil {
			shapes[name] = dimensions(first[2])
		}
		switch op {
		case "dot":
			p.flops += flops(shapes[name], shapes[operand.FindString(rest)], contracting.FindStringSubmatch(rest))
		case "all-gather", "all-reduce", "reduce-scatter", "all-to-all", "collective-permute":
			p.exchanges++
			for _, part := range array.FindAllStringSubmatch(result, -1) {
				p.exchanged[op] += product(dimensions(part[2])) * bits[part[1]] / 8
			}
		}
	}
	return p
}

// flops returns those of a matrix product: two for each number of the result and each term of its sum.
func flops(result, left []float64, contracted []string) float64 {
	terms := 1.0
	if contracted != nil {
		for _, axis := range dimensions(contracted[1]) {
			if int(axis) < len(left) {
				terms *= left[int(axis)]
			}
		}
	}
	return 2 * product(result) * terms
}

func dimensions(text string) []float64 {
	var dims []float64
	for part := range strings.SplitSeq(text, ",") {
		if n, err := strconv.ParseFloat(part, 64); err == nil {
			dims = append(dims, n)
		}
	}
	return dims
}

func product(dims []float64) float64 {
	total := 1.0
	for _, d := range dims {
		total *= d
	}
	return total
}
