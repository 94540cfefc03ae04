package data

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"unicode"
)

// What an archive may hold: against a mistake in trusting one.
const (
	maxTreeEntries    = 1 << 20
	maxTreeRatio      = 10      // bytes for one of the archive: photographs do not become smaller by packing
	maxTreeFree       = 1 << 26 // bytes that the ratio does not count: of small files
	maxDirectoryBytes = 1 << 26 // of a zip archive's list of its files: Online Products has 15 MB for 120,000
	encrypted         = 1       // the flag of an entry of a zip archive
)

// maxNameBytes bounds the name of a file in an archive.
const maxNameBytes = 1 << 10

var errUnpacksToMore = errors.New("it unpacks to more than a data set of its size would: get it again")

// bounded reads until its context is done, and at most left bytes.
type bounded struct {
	ctx  context.Context
	from io.Reader
	left *int64 // nil: any number
}

func (b bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.from.Read(p)
	if b.left == nil {
		return n, err
	}
	if *b.left -= int64(n); *b.left < 0 {
		return 0, errUnpacksToMore
	}
	return n, err
}

// plainPath reports whether a name leads nowhere but into the archive and can be printed: classes are named by it.
func plainPath(name string) bool {
	unprinted := func(r rune) bool { return r == '\\' || !unicode.IsPrint(r) }
	return len(name) <= maxNameBytes && fs.ValidPath(name) && !strings.ContainsFunc(name, unprinted)
}
