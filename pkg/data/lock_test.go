package data_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
		t.Setenv(data.EnvFolder, folder)
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

// TestLeftovers: what a killed process left in the cache goes, whatever is read there next, and nothing that only looks like it.
func TestLeftovers(t *testing.T) {
	ours := []string{".unipair-0123abcd.partial", ".unipair-ffffffff.partial", ".CUB_200_2011-44ab-18a.zip-123456", ".CUB_200_2011.tgz.seen.json-77",
		".CUB_200_2011.tgz.part", ".CUB_200_2011.tgz.part.etag", "CUB_200_2011-44ab-18acd.zip"}
	others := []string{".unipair-0123abcd.partial.txt", ".unipair-0123ABCD.partial", "unipair-0123abcd.partial", ".unipair-0123abcde.partial",
		"my.zip", ".other.tgz.part", "CUB_200_2011-notes.zip", "CUB_200_2011-44ab-18acd.zip.txt", ".hidden.zip-1x", ".seen.json-1"}
	made := made(t)["cub"].files
	for name, inCache := range map[string]bool{"found in the cache": true, "of the user": false} {
		t.Run(name, func(t *testing.T) {
			folder, cache := t.TempDir(), t.TempDir()
			t.Setenv(data.EnvFolder, folder)
			all := map[string][]byte{}
			for _, name := range append(ours, others...) {
				all[name] = []byte("left")
			}
			laid(t, cache, "cub", all)
			if err := os.Mkdir(filepath.Join(cache, "cub", ".unipair-00000000.partial"), 0o777); err != nil {
				t.Fatal(err)
			}
			place := folder
			if inCache {
				place = cache
			}
			laid(t, place, "cub", made)
			if _, err := data.OpenMade(t.Context(), "cub", made, data.Options{Cache: cache}); err != nil {
				t.Fatal(err)
			}
			left := files(t, cache)
			for _, name := range ours {
				if slices.Contains(left, name) {
					t.Errorf("%s is still there", name)
				}
			}
			for _, name := range others {
				if !slices.Contains(left, name) {
					t.Errorf("%s is gone", name)
				}
			}
			if _, err := os.Stat(filepath.Join(cache, "cub", ".unipair-00000000.partial")); errors.Is(err, fs.ErrNotExist) {
				t.Error("a folder is gone")
			}
		})
	}
}

// TestRepackedCopy: a copy of a tar.gz archive is read only if it is as it was made of just this archive.
func TestRepackedCopy(t *testing.T) {
	made := made(t)["cub"].files
	folder, cache := t.TempDir(), t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	laid(t, folder, "cub", made)
	unpacked := 0
	o := data.Options{Cache: cache, Progress: func(line string) {
		if strings.HasPrefix(line, "unpacking ") {
			unpacked++
		}
	}}
	open := func(want int) string {
		t.Helper()
		parts, err := data.OpenMade(t.Context(), "cub", made, o)
		if err != nil || unpacked != want || described(t, parts.Train) != "001.Albatross=10 100.Gull=20" {
			t.Fatalf("unpacked %d times, want %d: %v", unpacked, want, err)
		}
		copies := must(filepath.Glob(filepath.Join(cache, "cub", "CUB_200_2011-*.zip")))
		if len(copies) != 1 {
			t.Fatalf("copies: %q", copies)
		}
		return copies[0]
	}
	path := open(1)
	open(1)
	raw := must(os.ReadFile(path))
	for _, spoil := range []func() error{
		func() error { return os.WriteFile(path, raw[:len(raw)-10], 0o666) },
		func() error { return os.WriteFile(path, flipped(raw, 60), 0o666) },
		func() error { return os.WriteFile(path, pack(t, nil), 0o666) },
		func() error { return os.Remove(path) },
		func() error { return os.Remove(path + ".seen.json") },
		func() error { return os.WriteFile(path+".seen.json", []byte("{"), 0o666) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		open(unpacked + 1)
		open(unpacked)
	}
}

// TestTwoAtOnce: processes that begin together unpack once, and trust one file.
func TestTwoAtOnce(t *testing.T) {
	for _, set := range []string{"cub", "cars196", "market1501"} {
		folder, cache := t.TempDir(), t.TempDir()
		t.Setenv(data.EnvFolder, folder)
		files := made(t)[set].files
		laid(t, folder, set, files)
		var told sync.Map
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := data.OpenMade(t.Context(), set, files, data.Options{Cache: cache, Progress: func(line string) {
					if _, twice := told.LoadOrStore(line, nil); twice && strings.HasPrefix(line, "unpacking ") {
						t.Error("unpacked twice")
					}
				}})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}

// TestAnotherProcessIsFirst: a process that trusts another file while this one reads wins; this one says so and does not write over it.
func TestAnotherProcessIsFirst(t *testing.T) {
	folder, cache := t.TempDir(), t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	files := made(t)["market1501"].files
	laid(t, folder, "market1501", files)
	record := fmt.Sprintf(`{"sha256": %q, "path": "elsewhere"}`, hash(other))
	_, err := data.OpenMade(t.Context(), "market1501", files, data.Options{Cache: cache, Progress: func(line string) {
		if strings.HasPrefix(line, "reading all of ") {
			laid(t, cache, "market1501", map[string][]byte{"Market-1501-v15.09.15.zip.seen.json": []byte(record)})
		}
	}})
	expect(t, err, "not what was seen first (elsewhere)")
	if raw := must(os.ReadFile(filepath.Join(cache, "market1501", "Market-1501-v15.09.15.zip.seen.json"))); string(raw) != record {
		t.Errorf("the record is %q", raw)
	}
}
