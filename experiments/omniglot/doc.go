// Command omniglot measures what is learnt from Omniglot's background set small 1, and chooses settings on its classes alone. The 20
// official one-shot runs are asked at the end.
//
//	go run ./experiments/omniglot -rank [-losses all] [-trials 4] [-seeds 5] [-steps 300] [-runs runs/ranking-300] [-page experiments/RESULTS.md]
//
// compares the losses of the catalogue at one budget, as `unipair compare --data omniglot` does: some hours on two cores for all of them.
//
//	go run ./experiments/omniglot -recipes omniglot-35,omniglot-best [-seeds 3] [-runs runs/recipes] [-page experiments/RESULTS.md]
//
// trains and measures recipes as `unipair train` and `unipair eval` do: each seed, and all of them as an ensemble.
//
//	go run ./experiments/omniglot -tune [-steps 1400] [-seeds 1] [-log experiments/omniglot/recipe.jsonl]
//
// tries what else recipe omniglot-best could be (variants.go), on characters held out of training.
//
// Every training is a line of a log at once. The same command goes on where the last one was stopped; with -table, -recipes and -tune train
// nothing, and write the table of what is in the log.
package main
