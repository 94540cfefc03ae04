// Package tryout trains small networks in seconds, so that a notebook can change one thing at a time: on three alphabets of Omniglot
// (Greek, Korean, Latin: 90 characters), judged by retrieval on two others (Balinese, Early Aramaic: 46).
//
// recipe.go says what is trained; train.go trains it, two at a time, and keeps it under the folder of runs; judge.go measures it;
// sweep.go goes over a setting; figure.go makes the figures' values.
package tryout
