// Package viz draws what a pair-similarity loss sees and does: the (s_n, s_p) plane with gradients and decision boundaries,
// gradient surfaces, histories of scores, scatters of scores, retrieval galleries and comparisons with error bars, and
// animations of all of these.
//
// A figure is made from plain Go values and knows no file and no notebook: each function checks its data, returns a [Figure],
// and the Figure renders itself to SVG and PNG. Equal data gives equal bytes. Each figure carries a text alternative that
// is computed from its data.
//
//	figure.go     Figure: rendering, saving
//	plane.go      Planes: points, gradient arrows, boundaries and targets in the unit square of scores
//	boundary.go   decision boundaries
//	field.go      the gradients of any losses.Loss, at points or over the unit square
//	profile.go    a loss along the diagonal, as curves
//	surface.go    Surfaces: a function of (s_n, s_p) in three dimensions; camera.go projects it
//	heat.go       HeatMaps: the same function as colours with level lines
//	history.go    LineCharts: curves with bands over training steps
//	scatter.go    Scatters: where the pairs of a data set lie, with their density
//	gallery.go    Gallery: queries with what they retrieved
//	interval.go   ErrorBars: values with error bars beside reference values
//	pulls.go      the weight of each pair of a batch under any loss; pairgraph.go draws them
//	sector.go     which directions of the plane a class-level loss gives to a class; classmap.go draws them
//	embedding.go  EmbeddingMaps: embeddings on a plane, by principal components
//	cost.go       Costs: what contenders cost at growing sizes, on logarithmic axes
//	point.go      places on a map, and how classes are told apart on it
//	animation.go  Animation: figures that follow a setting, as one HTML element with a slider
//	diagnose.go   which operation of a loss makes a value that is not finite
//	svg.go        text of the right width in whatever font the reader has
//	style.go, text.go, number.go, colour.go, check.go   what all figures share
//
// Colours are Okabe and Ito's set and viridis, which readers with colour-blindness can tell apart; nothing is said by colour
// alone. In titles and labels a letter with an underscore and a letter after it, as in s_n, is set with a subscript.
//
// Sources: Y. Sun et al., "Circle Loss", CVPR 2020, figures 1, 2, 5 and 6; M. Okabe and K. Ito, "Color Universal Design",
// 2008; S. van der Walt and N. Smith, the viridis colour map, 2015.
package viz
