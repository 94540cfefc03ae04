// Package hub brings networks from the Hugging Face hub, or from a server with its interface ($HF_ENDPOINT), into the cache that Python's
// programs use too ($HF_HOME). What is private needs $HF_TOKEN.
package hub

import (
	"fmt"
	"regexp"
	"strings"
)

// Address says where a network is: ORG/MODEL, at a revision, and which of its files.
type Address struct {
	Repo     string // ORG/MODEL
	Revision string // a commit, a branch or a tag; empty is the newest of the main branch
	File     string // of several ONNX files; empty is the one that [Model.Network] finds
}

// addressed matches ORG/MODEL[@REVISION][:FILE].
var addressed = regexp.MustCompile(`^([\w-][\w.-]*/[\w-][\w.-]*)(?:@([\w-][\w./-]*))?(?::([\w-][\w./-]*\.onnx))?$`)

// Parse reads ORG/MODEL[@REVISION][:FILE].
func Parse(words string) (Address, error) {
	parts := addressed.FindStringSubmatch(words)
	if parts == nil || strings.Contains(words, "..") {
		return Address{}, fmt.Errorf("a network of the hub is ORG/MODEL, ORG/MODEL@REVISION or ORG/MODEL@REVISION:onnx/FILE.onnx, got %q", words)
	}
	return Address{parts[1], parts[2], parts[3]}, nil
}

// String gives the words that [Parse] reads.
func (a Address) String() string {
	text := a.Repo
	if a.Revision != "" {
		text += "@" + a.Revision
	}
	if a.File != "" {
		text += ":" + a.File
	}
	return text
}

// Pins reports whether the address is of the same network as another, with the commit that the other leaves open.
func (a Address) Pins(other Address) bool {
	return a.Repo == other.Repo && commit.MatchString(a.Revision) && other.Revision == "" && (other.File == "" || other.File == a.File)
}
