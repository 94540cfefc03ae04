package data_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/pkg/data"
)

// laid lays the files of a set into the user's folder.
func laid(t testing.TB, folder, set string, files map[string][]byte) {
	t.Helper()
	for name, raw := range files {
		path := filepath.Join(folder, set, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, raw, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
}

// changed is files with another content of one of them.
func changed(files map[string][]byte, name string, raw []byte) map[string][]byte {
	files = maps.Clone(files)
	files[name] = raw
	return files
}

func flipped(raw []byte, at int) []byte {
	raw = bytes.Clone(raw)
	raw[at] ^= 1
	return raw
}

// TestTrustAfterReading: of a file whose hash nobody published nothing is remembered unless all of its set could be read; then the good
// one is trusted, and no other any more.
func TestTrustAfterReading(t *testing.T) {
	sets := made(t)
	market, shop, cars := sets["market1501"].files, sets["in-shop"].files, sets["cars196"].files
	const people, clothes, partition, photos, annotations = "Market-1501-v15.09.15.zip", "img.zip", "list_eval_partition.txt", "car_ims.tgz", "cars_annos.mat"
	type bad struct {
		set, file string
		raw       []byte
		says      string
	}
	trials := map[string]bad{
		"zip cut":            {"market1501", people, market[people][:len(market[people])-30], "cut or damaged"},
		"zip empty":          {"market1501", people, nil, `begins with "PK"`},
		"zip without parts":  {"market1501", people, pack(t, map[string][]byte{"Market-1501-v15.09.15/readme.txt": nil}), "bounding_box_train"},
		"zip without people": {"market1501", people, noPeople(t), "the test part has no image"},
		"zip, flipped":       {"market1501", people, flipped(market[people], bytes.Index(market[people], []byte("_03.jpg"))+20), "cut or damaged"},
		"another zip cut":    {"in-shop", clothes, shop[clothes][:len(shop[clothes])-5], "cut or damaged"},
		"list empty":         {"in-shop", partition, nil, "is empty"},
		"list of spaces":     {"in-shop", partition, []byte(" \n\n\t\n"), "is empty"},
		"list binary":        {"in-shop", partition, []byte("1\nhead\n\x00\x01\x02"), "is no text, by its byte 8"},
		"list not UTF-8":     {"in-shop", partition, []byte("1\nhead\n\xff\xfe"), "is no text, by its byte 8"},
		"list a picture":     {"in-shop", partition, shade(t, 3), "is no text"},
		"list climbing out":  {"in-shop", partition, list("1", "head", "img/../../x/1.jpg id_1 train"), "no plain path"},
		"list with a class":  {"in-shop", partition, list("1", "head", "img/a/b/1.jpg id_\u202e1 train"), "no name of a class"},
		"list with a twin":   {"in-shop", partition, list("2", "head", "img/a/b/1.jpg id_1 train", "img/a/b/1.jpg id_1 train"), "listed twice"},
		"list of more":       {"in-shop", partition, list("4", "head", "img/a/b/1.jpg id_1 train"), "says 4 images, it lists 1"},
		"list of head alone": {"in-shop", partition, list("0", "head"), "the training part has no image"},
		"list long line":     {"in-shop", partition, list("1", "head", strings.Repeat("x", 1<<20)), "line 3"},
		"tar.gz empty":       {"cars196", photos, gzipped(t, nil), "file does not exist"},
		"tar.gz no files":    {"cars196", photos, tarball(t, nil), "file does not exist"},
		"tar.gz and more":    {"cars196", photos, slices.Concat(cars[photos], []byte("and more")), "cut or damaged"},
		"tar.gz, checksum":   {"cars196", photos, flipped(cars[photos], len(cars[photos])-7), "checksum"},
		"tar.gz, length":     {"cars196", photos, flipped(cars[photos], len(cars[photos])-2), "checksum"},
		"tar.gz, no trailer": {"cars196", photos, cars[photos][:len(cars[photos])-8], "cut or damaged"},
		"mat cut":            {"cars196", annotations, cars[annotations][:len(cars[annotations])-9], "cars_annos.mat"},
		"mat of head alone":  {"cars196", annotations, cars[annotations][:128], "expected annotations"},
		"mat too long":       {"cars196", annotations, slices.Concat([]byte("MATLAB 5.0"), make([]byte, 1<<24)), "at most 16777216 bytes"},
	}
	whole := string(shop[partition])
	for end := 1; end < len(whole)-len("\n"); end += 5 {
		trials[fmt.Sprintf("list, first %d bytes", end)] = bad{"in-shop", partition, []byte(whole[:end]), partition}
	}
	for at := 10; at < len(cars[photos]); at += 19 {
		trials[fmt.Sprintf("tar.gz, byte %d", at)] = bad{"cars196", photos, flipped(cars[photos], at), photos}
	}
	for name, test := range trials {
		t.Run(name, func(t *testing.T) {
			folder, cache := t.TempDir(), t.TempDir()
			t.Setenv(data.EnvFolder, folder)
			o, good := data.Options{Cache: cache}, sets[test.set].files
			laid(t, folder, test.set, changed(good, test.file, test.raw))
			_, err := data.OpenMade(t.Context(), test.set, good, o)
			expect(t, err, "data: ", test.set, test.says)
			if len(err.Error()) > 1000 {
				t.Errorf("an error of %d letters", len(err.Error()))
			}
			for _, left := range files(t, cache) {
				if strings.HasSuffix(left, ".seen.json") && !strings.HasPrefix(left, "car_ims-") || strings.HasPrefix(left, ".") {
					t.Errorf("the cache holds %s", left)
				}
			}
			laid(t, folder, test.set, good)
			if _, err := data.OpenMade(t.Context(), test.set, good, o); err != nil {
				t.Fatalf("the good file after it: %v", err)
			}
			laid(t, folder, test.set, changed(good, test.file, slices.Concat(good[test.file], []byte{0})))
			_, err = data.OpenMade(t.Context(), test.set, good, o)
			expect(t, err, "not what was seen first", filepath.Join(cache, test.set, test.file+".seen.json"))
		})
	}
}

// noPeople is an archive of Market-1501 whose queries are none.
func noPeople(t testing.TB) []byte {
	return pack(t, map[string][]byte{
		"Market-1501-v15.09.15/bounding_box_train/0002_c1s1_000451_03.jpg": shade(t, 10), "Market-1501-v15.09.15/query/readme.txt": {1},
		"Market-1501-v15.09.15/bounding_box_test/0001_c1s2_042000_02.jpg": shade(t, 60),
	})
}

// TestDamagedRecord: what is remembered and cannot be read makes no file trusted anew.
func TestDamagedRecord(t *testing.T) {
	made := made(t)["market1501"].files
	folder, cache := t.TempDir(), t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	laid(t, folder, "market1501", made)
	for _, raw := range []string{"", "{", "[]", "{}", `{"sha256": "12"}`, strings.Repeat(" ", 1<<20)} {
		laid(t, cache, "market1501", map[string][]byte{"Market-1501-v15.09.15.zip.seen.json": []byte(raw)})
		_, err := data.OpenMade(t.Context(), "market1501", made, data.Options{Cache: cache})
		expect(t, err, "data: market1501", filepath.Join(cache, "market1501", "Market-1501-v15.09.15.zip.seen.json"))
	}
}

// TestNoRegularFiles: a pipe, a socket, a device or a folder in the place of any file that is looked for is refused at once.
func TestNoRegularFiles(t *testing.T) {
	sets := made(t)
	kinds := map[string]func(path string) error{
		"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o666) },
		"device": func(path string) error { return os.Symlink("/dev/zero", path) },
		"folder": func(path string) error { return os.MkdirAll(path, 0o777) },
		"socket": func(path string) error {
			near, err := os.MkdirTemp("", "s") // a socket's path is short
			if err != nil {
				return err
			}
			t.Cleanup(func() { os.RemoveAll(near) })
			listener, err := net.Listen("unix", filepath.Join(near, "s"))
			if err != nil {
				return err
			}
			t.Cleanup(func() { listener.Close() })
			return os.Symlink(filepath.Join(near, "s"), path)
		},
	}
	for name, test := range map[string]struct {
		set, file string // what stands in its place
		user      bool   // in the user's folder, else in the cache
		lacks     string // a file that the user's folder has not
	}{
		"archive":           {"market1501", "Market-1501-v15.09.15.zip", true, ""},
		"tar.gz":            {"cub", "CUB_200_2011.tgz", true, ""},
		"list":              {"in-shop", "list_eval_partition.txt", true, ""},
		"compressed file":   {"mnist", "t10k-labels-idx1-ubyte.gz", true, ""},
		"annotations":       {"cars196", "cars_annos.mat", true, ""},
		"record":            {"market1501", "Market-1501-v15.09.15.zip.seen.json", false, ""},
		"cached archive":    {"market1501", "Market-1501-v15.09.15.zip", false, "Market-1501-v15.09.15.zip"},
		"cached list":       {"lfw", "pairs.txt", false, "pairs.txt"},
		"part of one":       {"lfw", ".pairs.txt.part", false, "pairs.txt"},
		"tag of a part":     {"lfw", ".pairs.txt.part.etag", false, "pairs.txt"},
		"unpacked list":     {"cub", "CUB_200_2011/images.txt", true, "CUB_200_2011.tgz"},
		"unpacked pictures": {"cub", "CUB_200_2011/images/001.Albatross/a.jpg", true, "CUB_200_2011.tgz"},
	} {
		for kind, make := range kinds {
			t.Run(name+" a "+kind, func(t *testing.T) {
				o, _ := served(t, sets[test.set].files)
				folder := t.TempDir()
				t.Setenv(data.EnvFolder, folder)
				there := maps.Clone(sets[test.set].files)
				delete(there, test.lacks)
				if test.set == "cub" && test.lacks != "" {
					there = map[string][]byte{"CUB_200_2011/images.txt": list("1 001.Albatross/a.jpg", "2 101.Hawk/c.jpg"),
						"CUB_200_2011/images/101.Hawk/c.jpg": shade(t, 1)}
				}
				laid(t, folder, test.set, there)
				path := filepath.Join(folder, test.set, test.file)
				if !test.user {
					path = filepath.Join(o.Cache, test.set, test.file)
				}
				_ = os.Remove(path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), make(path)); err != nil {
					t.Fatal(err)
				}
				ended := beside(func() error { _, err := data.OpenMade(t.Context(), test.set, sets[test.set].files, o); return err })
				select {
				case err := <-ended:
					expect(t, err, "data: ", test.file, "a "+kind)
				case <-time.After(time.Minute):
					t.Fatal("waits")
				}
			})
		}
	}
}

// beside runs something beside the test, and gives its error.
func beside(do func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	return ended
}

// TestHandFetchedFileStays: what somebody put into the cache by hand is refused where it is wrong, but it is not ours to remove.
func TestHandFetchedFileStays(t *testing.T) {
	t.Setenv(data.EnvFolder, "")
	cache := t.TempDir()
	laid(t, cache, "market1501", map[string][]byte{"Market-1501-v15.09.15.zip": []byte("words")})
	_, err := data.OpenMade(t.Context(), "market1501", made(t)["market1501"].files, data.Options{Cache: cache})
	expect(t, err, `begins with "PK"`, "put the published file in its place")
	if found := files(t, cache); len(found) != 1 {
		t.Errorf("the cache holds %q", found)
	}
}
