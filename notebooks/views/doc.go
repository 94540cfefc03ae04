// Package views learns embeddings without labels: two random views of an image are a pair, and all else is not. Every pair-wise loss
// is then a self-supervised one.
//
// views.go is the data and the losses; compare.go trains several methods with several seeds; marks.go judges them by retrieval and by
// a linear probe. The images are those of package tryout, without their labels.
package views
