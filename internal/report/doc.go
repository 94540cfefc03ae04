// Package report runs the notebooks of the repository and makes of each a page of HTML that needs no network, and an index.
//
//	notebook.go  which notebooks there are, and what they say of themselves
//	report.go    all that were asked for, one after the other
//	run.go       one notebook: runner.py in the workspace's Python, its events, its end
//	index.go     the index, made from the pages that are there
//	explorer.go  the explorer: internal/explorer compiled to WebAssembly, and the page in explorer/ round it
//	stills.go    its pictures for browsers that cannot run it
//	template/    how a page looks (a template of nbconvert)
//	katex/       KaTeX 0.19.1 (npm package katex, MIT): the code, and the style sheet with its woff2 fonts inlined
package report
