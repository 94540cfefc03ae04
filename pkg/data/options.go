package data

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// EnvFolder names the environment variable for the folder in which published files are looked for first. There, each is in a folder of
// its data set: $UNIPAIR_DATA/omniglot/all_runs.zip. Nothing in it is ever changed.
const EnvFolder = "UNIPAIR_DATA"

// Options tells where data comes from, and who is told what. The zero value is right for most.
type Options struct {
	Cache    string            // the folder that downloads are kept in; empty is "unipair" in the user's cache directory
	BaseURL  string            // in place of the publisher's address, for a mirror; ends with a slash
	Client   *http.Client      // for downloads; nil is one with time-outs
	Progress func(line string) // is told what a user wants to know: a licence and a download before it begins, what is left out

	// Undivided leaves a set of the user's that has no split as it is, in [Parts].Undivided, in place of holding classes out for a test.
	Undivided bool

	// Unsorted takes pictures that lie in no folder of a class, of a folder without a split, as one class, which is called as the folder is.
	// Else they are an error. It is for what needs no classes, such as a search.
	Unsorted bool

	// Checking is told how many of the images of a set have been looked at, from several goroutines at once; may be nil.
	Checking func(set string, done, of int)

	// Transfer is told how far a download is, in bytes, many times a second; total is 0 where the publisher does not say.
	Transfer func(file string, done, total int64)

	// Skip is told of every image that cannot be read, which is then left out: all are decoded once to find them. Where Skip is nil, such
	// an image is an error: before any work if its header is wrong, and else when it is needed.
	Skip func(image string, reason error)
}

func (o Options) tell(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// cache returns the folder that downloads are kept in.
func (o Options) cache() (string, error) {
	if o.Cache != "" {
		return o.Cache, nil
	}
	user, err := os.UserCacheDir()
	return filepath.Join(user, "unipair"), err
}
