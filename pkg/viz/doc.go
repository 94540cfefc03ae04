// Package viz draws figures of metric learning: training curves, embeddings on a plane, retrieved pictures, and what a loss does to the
// similarities of pairs.
//
// A figure is made from plain Go values and knows no file and no notebook:
//
//	accuracy := viz.Curve{Name: "circle", X: []float64{0, 100, 200}, Mean: []float64{0.2, 0.6, 0.7}}
//	figure, err := viz.LineCharts(1, viz.LineChart{Title: "Accuracy", Label: "precision@1", Curves: []viz.Curve{accuracy}})
//	if err != nil {
//		return err
//	}
//	return figure.Save("accuracy.svg")
//
// Each function checks its data and returns a [Figure], which renders itself to SVG and PNG. Equal data gives equal bytes. Each figure
// carries a text alternative that is computed from its data.
//
// # Show a training
//
//   - [LineCharts]: curves with bands, over training steps or anything else
//   - [ErrorBars]: values with error bars beside reference values
//   - [Costs]: what contenders cost at growing sizes, on logarithmic axes
//
// # Show embeddings
//
//   - [EmbeddingMaps]: embeddings on a plane, by principal components ([PCA])
//   - [Gallery]: queries with what they retrieved
//   - [Scatters]: where the pairs of a data set lie in the plane of scores, with their density
//   - [ClipMoment]: a picture of a clip, and its way among embeddings
//
// # Show what a loss does
//
// In the plane of scores a pair has a between-class similarity s_n and a within-class similarity s_p:
//
//   - [Planes]: points, gradient arrows, boundaries and targets in the unit square of scores
//   - [Surfaces], [HeatMaps]: a function of (s_n, s_p) in three dimensions, or as colours with level lines
//   - [Flows]: the ways that pairs of scores take when a loss moves them
//   - [PairGraphs]: the weight of each pair of a batch under any loss
//   - [ClassMaps]: which directions of the plane a class-level loss gives to a class
//
// [FieldOf], [Gradients], [Profile], [PairWeights] and [ClassSectors] ask any [losses.Loss] for what these show.
//
// # Show a setting that changes
//
// An [Animation] holds figures that follow a setting, as one HTML element with a slider.
//
// # How figures look
//
// Colours are Okabe and Ito's set and viridis, which readers with colour-blindness can tell apart. Nothing is said by colour alone. In
// titles and labels a letter with an underscore and a letter after it, as in s_n, is set with a subscript.
//
// Sources: Y. Sun et al., "Circle Loss", CVPR 2020, figures 1, 2 and 5; M. Okabe and K. Ito, "Color Universal Design",
// 2008; S. van der Walt and N. Smith, the viridis colour map, 2015.
package viz
