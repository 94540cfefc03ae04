package losses

// OddsSum is a loss whose odds are a sum over the negatives: for an anchor with one positive,
//
//	exp(L) − 1 = Σ_j [exp(L_j) − 1],  L_j the loss against negative j alone
//
// It is the form log[1 + Σ_j exp(…)] of [Unified] and of all that come from it. With exp(−L) the chance of the own class, exp(L) − 1
// are the odds against it. So the loss against all classes comes from the losses against parts of them, whatever the exponent
// is: [ClassBlocks] takes the classes in blocks, [ClassSample] stands for all by some. With several positives nothing is said.
//
// A loss of yours that has the form joins by the method; the rest of the class-level losses do not have it: [P2SGrad] is a mean
// over classes, [ProxyAnchor] looks at whole columns.
type OddsSum interface {
	Loss
	OddsSum()
}
