package data_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/pkg/data"
)

// TestAnotherProcessWrites: while another process holds the folder of a set, nothing of it is cleared or written; who waits says so, and ends
// with its context.
func TestAnotherProcessWrites(t *testing.T) {
	const left = ".unipair-0123abcd.partial"
	sets := made(t)
	for _, set := range []string{"cub", "cars196", "market1501"} {
		folder, cache := t.TempDir(), t.TempDir()
		t.Setenv(data.Variable, folder)
		laid(t, folder, set, sets[set].files)
		laid(t, cache, set, map[string][]byte{left: nil})
		other := flock.New(filepath.Join(cache, set), flock.SetFlag(os.O_RDONLY))
		if err := other.Lock(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := data.OpenMade(ctx, set, sets[set].files, data.Options{Cache: cache, Progress: func(line string) {
			if strings.HasPrefix(line, "waiting for another process ") {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", set, err)
		}
		if found := files(t, cache); !slices.Equal(found, []string{left}) {
			t.Errorf("%s: the cache holds %q", set, found)
		}
		if err := other.Unlock(); err != nil {
			t.Fatal(err)
		}
		if _, err := data.OpenMade(t.Context(), set, sets[set].files, data.Options{Cache: cache}); err != nil {
			t.Errorf("%s: %v", set, err)
		}
		if slices.Contains(files(t, cache), left) {
			t.Errorf("%s: %s is still there", set, left)
		}
		cancel()
	}
}
