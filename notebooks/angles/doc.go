// Package angles learns embeddings of two numbers with class-level losses, and measures their angles, for a notebook that
// draws what cannot be drawn in 128 dimensions: the whole of an embedding space.
//
// drawings.go is the data, a few characters of Omniglot; learn.go the training of a small network on it; measure.go what is
// measured of it.
package angles
