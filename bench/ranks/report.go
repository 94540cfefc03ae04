package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/train"
)

// report writes the tables of what was taken.
func report(all []training, taken []map[string][]steps) (string, error) {
	var text strings.Builder
	text.WriteString("| training | one rank, s a step | two ranks | strong efficiency | half on one rank | weak efficiency | two ranks: in exchanges | " +
		"other than half of one's | received a step, MB | by the model |\n|---|---|---|---|---|---|---|---|---|---|\n")
	var work []float64
	var networks []int
	dim := train.DefaultConfig().Dim
	for i, t := range all {
		one, two, part := walls(taken[i][alone]), walls(taken[i][both]), walls(taken[i][half])
		if len(one) == 0 || len(one) != len(two) || len(one) != len(part) {
			return "", errors.New("a training was not taken by all")
		}
		var exchange []float64
		for _, s := range taken[i][both] {
			exchange = append(exchange, s.Exchange)
		}
		last := taken[i][both][len(two)-1]
		in := turns.Of(exchange).Median
		both, alone := turns.Walls(two).Median, turns.Walls(one).Median
		fmt.Fprintf(&text, "| %s | %.3g | %.3g | %s | %.3g | %s | %.3g s | %.3g s | %.3f | %.3f |\n", t.name, alone, both,
			turns.Ratio(one, two).Times(1./2), turns.Walls(part).Median, turns.Ratio(part, two).Times(t.work), in, both-in-alone/2,
			last.Bytes/1e6, exchanged(2, float64(t.rows), float64(dim), float64(last.Network), t.classes > 0)/1e6)
		work, networks = append(work, both-in), append(networks, last.Network)
	}
	text.WriteString("\nEfficiencies are the median of the rounds, with the least and the most: strong is the time of one rank over twice that of two; weak " +
		"that of one rank with half of the batch or of the classes over that of two, for the same work on a rank. In exchanges is the wait for the " +
		"other rank too.\n")
	project(&text, all, dim, work, networks)
	return text.String(), nil
}

// walls returns the median seconds of a step in each round.
func walls(taken []steps) (all []turns.Turn) {
	for _, s := range taken {
		all = append(all, turns.Turn{Wall: turns.Of(s.Seconds).Median})
	}
	return all
}
