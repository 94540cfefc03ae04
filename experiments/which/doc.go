// Command which makes the tables of notebook 11, "Which loss, with which settings, on my data?": comparisons as `unipair compare` makes them,
// on two data sets and at several budgets.
//
//	go run ./experiments/which [-tables emoji-heads,omniglot-150] [-in DIR] [-runs runs/which] [-results notebooks/which] [-page experiments/RESULTS.md]
//
// -in is a folder with emoji (a folder per group, a folder per emoji, a picture per artist) and efficientnet-lite0.onnx, which the tables of emoji
// need. A table that another one's losses are chosen by comes after it. On two idle cores emoji-heads takes 15 minutes, omniglot-150 and
// omniglot-700 55 each, emoji 30, omniglot-1400 25. Each training is kept at once in a directory of its table below -runs, and the same command
// goes on there.
package main
