// Package views learns embeddings without labels: two random views of an image are a pair, and all else is not. Every pair-wise loss
// is then a self-supervised one.
//
// Methods are trained with several seeds each, and judged by retrieval and by a linear probe. The images
// are those of short trainings of package omniglot, without their labels.
package views
