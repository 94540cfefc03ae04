package train

// For tests of the layers and of what a run writes.
var (
	PatchesOf         = patchesOf
	MomentsOfProduct  = momentsOfProduct
	NormalizedProduct = normalizedProduct
	Convolution       = convolution
	Moments           = moments
	Normalize         = normalize
	MaxPool           = maxPool
	Schedule          = schedule
	Summarize         = summarize
)
