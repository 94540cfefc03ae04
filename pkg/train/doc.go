// Package train teaches a network to embed images, or features of them, by any loss of package losses, and keeps what it
// learnt: [Run] trains, [Load] brings back, [Embedder] embeds.
//
// The small network is for images of 16 to 64 pixels a side, gray as handwriting (ink is 1, paper 0, by [Network].Invert) or in colour.
// The package prints nothing and opens no backend. The same configuration, data and backend give the same result, bit for bit,
// whether a run is broken off and resumed or not; another backend differs by rounding.
package train
