// Package angles learns embeddings of two numbers with class-level losses, and measures their angles. It is for a notebook that draws what
// cannot be drawn in 128 dimensions: the whole of an embedding space. The data is a few characters of Omniglot.
package angles
