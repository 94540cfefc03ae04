// Command omniglot measures what losses learn from handwriting: it trains the same network by each of them on Omniglot's
// background set small 1, in four rotations, and scores it on the 20 official one-shot runs.
//
//	go run ./bench/omniglot [-seeds 3] [-steps 700] [-losses circle,triplet,am-softmax] [-page bench/RESULTS.md] [-json FILE]
//
// Settings are those of pytorch-metric-learning's users at this budget, chosen on classes of the background set and never on
// the official runs: `-validate` trains on Greek, Latin and Korean and scores retrieval on Balinese and Early Aramaic
// instead. Rows differ by the loss alone.
package main
