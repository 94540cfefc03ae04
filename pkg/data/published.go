package data

import (
	"cmp"
	"strings"
)

// published is a file as its publisher gives it.
type published struct {
	set, name string    // the folder of its data set, and the file
	url       string    // the folder it is published in, ending with a slash, or the whole address if that does not end in the name
	size      int64     // 0 where it is not known
	limit     int64     // bytes that it may have where its size is not known; 0 is maxBytes
	sha256    string    // empty where it is not known for certain: then what comes first is trusted, and remembered (see verify.go)
	begins    string    // with what such a file begins: a page that says "not found" is not to be trusted
	also      []version // the same content compressed by others
	byHand    string    // why it cannot be downloaded by a program, and what to do; empty if it can
	licence   string    // told before a download; empty for none
}

// version is a file by its size and hash.
type version struct {
	size   int64
	sha256 string
}

// maxBytes bounds a file whose size is not known.
const maxBytes = 1 << 34

// address returns the address at which the publisher has the file.
func (p published) address() string {
	if strings.HasSuffix(p.url, "/") {
		return p.url + p.name
	}
	return p.url
}

// most returns how many bytes the file may have.
func (p published) most() int64 { return cmp.Or(p.size, p.limit, maxBytes) }
