//go:build linux && cgo

package backend

import "C" // so that pages_linux.c is built: what it does begins before the program
