// Package report runs the notebooks of the repository and makes of each a page of HTML that needs no network, and an index.
//
//	template/    how a page looks (a template of nbconvert)
//	katex/       KaTeX 0.19.1 (npm package katex, MIT): the code, and the style sheet with its woff2 fonts inlined
package report
