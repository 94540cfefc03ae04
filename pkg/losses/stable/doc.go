// Package stable holds the primitives that losses are made of: exponentials, logarithms, roots, powers and hinges, and sums over the
// true entries of a mask. Each has a finite value and a finite gradient for all finite input, unless its doc says otherwise, and ties
// have the gradient that torch gives them. The losses of the package above use no others.
//
// A loss that calls graph.Log or graph.Sqrt itself works until a batch has an anchor without a positive, two equal vectors or a large
// logit. Then its value or, worse, only its gradient is infinite or NaN, and so are all weights one step later:
//
//   - graph.Where(mask, graph.Log(x), zero) has a NaN gradient where x is 0, though the value is not chosen: [SafeLog], [SafeSqrt] and
//     [SafePow] replace x before they look at it;
//   - graph.Log(graph.ReduceSum(graph.Exp(x))) overflows at x = 89 in float32: [LogSumExp], [LogAddExp] and [Softplus] do not;
//   - a mean over no pairs is 0/0: [MaskedMean] and [Ratio] have 0 there, with gradient 0.
//
// # Conventions
//
// x is a float node; where a function has a mask, both are [anchors, candidates] and the result is [anchors], one number per row. NaN in
// an entry that counts stays NaN: a run that explodes must show. What a mask leaves out may be anything.
package stable
