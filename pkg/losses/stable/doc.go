// Package stable holds the primitives for losses of your own: exponentials, logarithms, roots and hinges, and sums over the pairs that a
// mask takes. Value and gradient are finite for all finite input, unless the doc of a function says otherwise.
//
// The loss log[1 + Σ_n exp(γ(s_n − mean over p of s_p))] per anchor, of scores s that package losses makes:
//
//	logits := graph.MulScalar(s.Similarity, gamma)
//	negatives := stable.LogSumExp(logits, s.Negative)
//	positives := stable.MaskedMean(logits, s.Positive)
//	perAnchor := stable.Softplus(graph.Sub(negatives, positives))
//
// The example of Loss in package losses has the whole of it. The losses of package losses are made of these primitives alone.
//
// # Why not graph.Log
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
// an entry that counts stays NaN: a run that explodes must show. What a mask leaves out may be anything. Ties have the gradient that
// PyTorch gives them.
package stable
