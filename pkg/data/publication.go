package data

import "context"

// Publication is a data set that its authors publish.
type Publication struct {
	Name    string // what [Open] takes, and the folder of its files in $UNIPAIR_DATA and in the cache
	About   string // what is in it, and how much
	Split   string // its parts: class-disjoint wherever one is learnt from
	Address string // its authors' page
	Licence string // what its authors say about its use
	Paper   string // its citation, to give with results; empty if there is none

	files  []published
	folder string // what an unpacked archive begins with: if $UNIPAIR_DATA/Name has it, that is read in place of the archives
	read   func(r reading) (Parts, error)
}

// Files describes what is to be downloaded, or to be fetched by hand.
func (p Publication) Files() []PublishedFile {
	var all []PublishedFile
	for _, f := range p.files {
		all = append(all, PublishedFile{Name: f.name, Address: f.address(), Bytes: f.size, SHA256: f.sha256, ByHand: f.byHand})
	}
	return all
}

// PublishedFile is a file of a data set.
type PublishedFile struct {
	Name    string // of the file, in the set's folder
	Address string // it is downloaded from
	Bytes   int64  // 0 if it is not known
	SHA256  string // empty if it is not known for certain: then the first file that is seen is trusted, and remembered
	ByHand  string // why it cannot be downloaded by a program, and what to do; empty if it can
}

// reading gives the reader of a set its files.
type reading struct {
	ctx   context.Context
	o     Options
	of    Publication
	found *[]sighting // the files that were found, to be remembered
	bad   *int        // what cannot be read and was left out
}
