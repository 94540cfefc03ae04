package eval_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// Each vector is a query to all others: is the nearest one of its class?
func ExampleRetrieve() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1}, // the last vector lies in the other class
	}
	result, err := eval.Retrieve(set, eval.Options{RecallAt: []int{1, 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, metric := range result.List() {
		fmt.Printf("%s %.2f\n", metric.Name, metric.Value)
	}
	// Output:
	// recall_at_1 0.33
	// recall_at_2 0.83
	// precision_at_1 0.33
	// r_precision 0.42
	// map_at_r 0.29
	// mean_average_precision 0.60
	// mrr 0.62
}

// Queries are looked for among references, such as the images of a shop.
func ExampleRetrieveFrom() {
	shop := eval.Set{Dim: 2, Embeddings: []float32{1, 0, 0, 1, 0.7, 0.7}, Labels: []int32{10, 11, 12}}
	seen := eval.Set{Dim: 2, Embeddings: []float32{0.9, 0.1, 0.5, 0.6}, Labels: []int32{10, 11}}
	result, err := eval.RetrieveFrom(seen, shop, eval.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.PrecisionAt1, "of", result.Queries)
	found, err := eval.Neighbours(seen, shop, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for q, neighbours := range found {
		fmt.Printf("query %d:", q)
		for _, n := range neighbours {
			fmt.Printf(" %d at %.2f", shop.Labels[n.Index], n.Distance)
		}
		fmt.Println()
	}
	// Output:
	// 0.5 of 2
	// query 0: 10 at 0.14 12 at 0.63
	// query 1: 12 at 0.22 11 at 0.64
}

// How well does a threshold of similarity tell pairs of one class from pairs of two, if it may accept one wrong pair in five?
func ExampleVerify() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1},
	}
	comparisons, err := eval.CompareAll(set, 1000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := eval.Verify(comparisons, 0.2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d pairs of one class, %d of two\n", v.Same, v.Different)
	fmt.Printf("area under the curve %.2f, equal error rate %.2f\n", v.AUC, v.EER)
	for _, point := range v.At {
		fmt.Printf("from a similarity of %.3f on, %.2f of the right pairs and %.2f of the wrong ones are accepted\n", point.Threshold, point.TAR, point.FAR)
	}
	// Output:
	// 6 pairs of one class, 9 of two
	// area under the curve 0.59, equal error rate 0.33
	// from a similarity of 0.996 on, 0.17 of the right pairs and 0.11 of the wrong ones are accepted
}

// An interval says how far a metric would move with other classes.
func ExampleRetrieval_Intervals() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1},
	}
	result, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	intervals, err := result.Intervals(eval.DefaultBootstrap())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("precision@1 %.2f, 95 %% interval %.2f\n", result.PrecisionAt1, intervals["precision_at_1"])
	// Output:
	// precision@1 0.33, 95 % interval {0.00 0.67}
}

// Clusters that are found without labels are compared with the classes.
func ExampleCluster() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1},
	}
	clusters, err := eval.Cluster(set, 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	nmi, err := eval.NMI(clusters, set.Labels)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v, NMI %.2f\n", clusters, nmi)
	// Output:
	// [1 1 1 0 0 1], NMI 0.48
}

// One vector per class is known, and each query takes the class of the nearest one.
func ExampleClassifyOneShot() {
	known := eval.Set{Dim: 1, Embeddings: []float32{0, 10, 20}, Labels: []int32{1, 2, 3}}
	asked := eval.Set{Dim: 1, Embeddings: []float32{1, 12, 14, 21}, Labels: []int32{1, 2, 3, 3}}
	result, err := eval.ClassifyOneShot([]eval.Episode{{Support: known, Queries: asked}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("error", result.Error)
	// Output:
	// error 0.25
}
