package workspace

import (
	"errors"
	"strings"
	"testing"
)

// What pip failed on is not always the network.
func TestPipError(t *testing.T) {
	const online = "is the machine online?"
	for text, want := range map[string]string{
		"ERROR: No matching distribution found for numpy==2.1.0":                                                online,
		"ERROR: Could not find a version that satisfies the requirement numpy":                                  online,
		"ERROR: HTTPSConnectionPool(host='a', port=443): Read timed out.":                                       online,
		"ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated …":       "the download is not what is pinned",
		"ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device":               "No space left on device",
		"ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements here": "the download is not what is pinned",
	} {
		err := pipError(errors.New("exit status 1: " + text))
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), online) != (want == online) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
