package train

// For tests of the layers and of what a run writes.
var (
	FirstConvolution = firstConvolution
	Convolution      = convolution
	Moments          = moments
	Normalize        = normalize
	MaxPool          = maxPool
	Schedule         = schedule
	Summarize        = summarize
)
