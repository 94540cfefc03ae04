// Command omniglot measures what is learnt from Omniglot's background set small 1, and chooses settings on its classes alone. The 20
// official one-shot runs are asked at the end.
//
//	go run ./experiments/omniglot -recipes omniglot-35,omniglot-best [-seeds 3] [-runs runs/recipes] [-page experiments/RESULTS.md]
//
// trains and measures recipes as `unipair train` and `unipair eval` do: each seed, and all of them as an ensemble.
//
//	go run ./experiments/omniglot -tune [-steps 1400] [-seeds 1] [-log experiments/omniglot/recipe.jsonl]
//
// tries what else recipe omniglot-best could be (variants.go), on characters held out of training.
//
// Every training is a line of a log at once. The same command goes on where the last one was stopped; with -table it trains nothing, and writes
// the table of what is in the log.
package main
