package losses_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// TestFewProductsAtOnce: of large products of which none waits for another, fewer than four are in the graph of a loss. On the pure-Go
// backend each holds one of 2·GOMAXPROCS workers while it waits for a free one: with four and two processors they wait for ever.
func TestFewProductsAtOnce(t *testing.T) {
	for _, entry := range losses.Catalogue() {
		for _, rows := range []int{256, 1024, 5000} {
			for name, how := range map[string]func(labels, x, w *graph.Node) losses.Scores{
				"pairs": func(labels, x, _ *graph.Node) losses.Scores { return losses.Pairs(labels, x, entry.Similarity) },
				"whole": func(labels, x, _ *graph.Node) losses.Scores {
					return losses.ByAutodiff(losses.Pairs(labels, x, entry.Similarity))
				},
				"classes": func(labels, x, w *graph.Node) losses.Scores {
					return losses.Classes(labels, x, w, losses.Measure(entry.Default, entry.Similarity))
				},
			} {
				g := graph.NewGraph(backendtest.Go(t), "products")
				labels := graph.Parameter(g, "labels", shapes.Make(dtypes.Int32, rows))
				x := graph.Parameter(g, "x", shapes.Make(dtypes.Float32, rows, 128))
				w := graph.Parameter(g, "w", shapes.Make(dtypes.Float32, rows*losses.CentersOf(entry.Default), 128))
				scores := how(labels, x, w)
				loss := losses.Mean.Of(entry.Default, scores)
				learnt := []*graph.Node{x}
				if name == "classes" {
					learnt = append(learnt, w)
				}
				outputs := append(graph.Gradient(loss, learnt...), loss)
				most := 3
				if entry.Name == "vicreg" {
					most = 7 // two covariances, with two products each in the gradient, and a look whether vectors are finite: the doc has what that asks
				}
				if n := atOnce(outputs); n > most {
					t.Errorf("%s, %s of %d rows: %d products at once", entry.Name, name, rows, n)
				}
				g.Finalize()
			}
		}
	}
}

// atOnce is the size of the largest set of large products that outputs need of which none needs another: by Dilworth's theorem, the number
// of chains that cover them, found by matching each with one after it.
func atOnce(outputs []*graph.Node) int {
	var products []*graph.Node
	before := map[*graph.Node]map[int]bool{} // the products that a node needs
	var visit func(n *graph.Node) map[int]bool
	visit = func(n *graph.Node) map[int]bool {
		if known, ok := before[n]; ok {
			return known
		}
		needs := map[int]bool{}
		for _, input := range n.Inputs() {
			for p := range visit(input) {
				needs[p] = true
			}
		}
		if n.Type() == graph.NodeTypeDotGeneral && isLarge(n) {
			own := map[int]bool{len(products): true}
			for p := range needs {
				own[p] = true
			}
			products, needs = append(products, n), own
		}
		before[n] = needs
		return needs
	}
	for _, n := range outputs {
		visit(n)
	}
	next := map[int]int{} // of a product, that which is matched with it
	var match func(of int, tried map[int]bool) bool
	match = func(of int, tried map[int]bool) bool {
		for p := range before[products[of]] {
			if p == of || tried[p] {
				continue
			}
			tried[p] = true
			if other, taken := next[p]; !taken || match(other, tried) {
				next[p] = of
				return true
			}
		}
		return false
	}
	chains := len(products)
	for p := range products {
		if match(p, map[int]bool{}) {
			chains--
		}
	}
	return chains
}

// isLarge tells whether the pure-Go backend shares a product among its workers.
func isLarge(product *graph.Node) bool {
	of, with := product.Inputs()[0].Shape(), product.Inputs()[1].Shape()
	// The sides' sizes multiplied count what is summed up twice, and what is common to both sides too.
	both := float64(of.Size()) * float64(with.Size()) * float64(product.Shape().Size())
	return both >= 4<<20*4<<20 || product.Rank() > 2
}
