// Command classes trains a class-level loss with very many classes on this machine. It prints how the loss falls, what a step costs and
// how much memory the process has at most.
//
//	go run ./experiments/classes [-classes 1000000] [-dim 128] [-ratio 0.1] [-steps 60] [-batch 256] [-page experiments/RESULTS.md]
//
//	go run ./experiments/classes -race -classes 65536
//
// A step looks at -ratio of the classes (Partial FC); `-ratio 0` looks at all of them, exactly, in blocks. The examples are 64 made-up
// features of a class with noise. Classes are as uneven as people on the web. Class c has classes/(c+1) examples, so that a thousand of a
// million classes have half of the examples and most classes have one or two. All are negatives all the time.
//
// -race trains nothing: it takes turns between the loss over all classes at once, the loss in blocks, and the matrix products alone.
package main
