package data_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// The names that no file of an archive may have.
var badNames = map[string]string{
	"climbing out":   "../x.jpg",
	"climbing later": "CUB_200_2011/../../x.jpg",
	"from the root":  "/etc/passwd",
	"of a drive":     `C:\x.jpg`,
	"backslash":      `CUB_200_2011\..\..\x.jpg`,
	"double slash":   "CUB_200_2011//x.jpg",
	"escape":         "CUB_200_2011/\x1b]0;title\x07.jpg",
	"line feed":      "CUB_200_2011/a\nb.jpg",
	"NUL":            "CUB_200_2011/a\x00b.jpg",
	"right to left":  "CUB_200_2011/\u202egpj.exe",
	"no UTF-8":       "CUB_200_2011/\xff.jpg",
	"very long":      "CUB_200_2011/" + strings.Repeat("x", 60_000),
	"very deep":      strings.Repeat("x/", 30_000) + "y",
}

// tarOf is a tar.gz archive of heads, and of as many zeros after each as it declares.
func tarOf(t testing.TB, heads ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	w := tar.NewWriter(packed)
	for _, h := range heads {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeros{}, h.Size); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// zipOf is a zip archive of heads without content.
func zipOf(t testing.TB, heads ...zip.FileHeader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, h := range heads {
		if _, err := w.CreateRaw(&h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// refuser opens a set with an archive in the place of its own, and checks that this is an error of one short line, and that it takes no more
// memory than a little.
func refuser(t *testing.T) func(t *testing.T, set, archive string, raw []byte, says ...string) {
	sets := made(t)
	return func(t *testing.T, set, archive string, raw []byte, says ...string) {
		t.Helper()
		refused(t, set, changed(sets[set].files, archive, raw), says...)
	}
}

func refused(t *testing.T, set string, files map[string][]byte, says ...string) {
	t.Helper()
	folder := t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	laid(t, folder, set, files)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := data.OpenMade(t.Context(), set, files, data.Options{Cache: t.TempDir()})
	runtime.ReadMemStats(&after)
	expect(t, err, append(says, set)...)
	if len(err.Error()) > 1000 {
		t.Errorf("an error of %d letters", len(err.Error()))
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == '\u202e' }) {
		t.Errorf("%q steers a terminal", err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<29 {
		t.Errorf("it takes %d MB", took>>20)
	}
}

// TestNamesInArchives: a name that leads out of an archive, cannot be printed or is there twice, and what is no file, are refused.
func TestNamesInArchives(t *testing.T) {
	refused := refuser(t)
	const tgz, people = "CUB_200_2011.tgz", "Market-1501-v15.09.15.zip"
	for name, bad := range badNames {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(bad, "\x00") { // what packs the archive refuses it
				refused(t, "cub", tgz, tarOf(t, tar.Header{Name: bad, Typeflag: tar.TypeReg, Format: tar.FormatGNU}), "no plain path")
			}
			refused(t, "market1501", people, zipOf(t, zip.FileHeader{Name: bad}), "no plain path")
			refused(t, "market1501", people, zipOf(t, zip.FileHeader{Name: strings.TrimSuffix(bad, "/") + "/"}), "no plain path")
		})
	}
	twice := zip.FileHeader{Name: "Market-1501-v15.09.15/query/0001_c2s1_000301_00.jpg"}
	refused(t, "market1501", people, zipOf(t, twice, twice), "is there twice")
	same := tar.Header{Name: "CUB_200_2011/images.txt", Typeflag: tar.TypeReg}
	dotted := same
	dotted.Name = "./" + same.Name
	refused(t, "cub", tgz, tarOf(t, same, dotted), "is there twice")
	link := zip.FileHeader{Name: "Market-1501-v15.09.15/query"}
	link.SetMode(fs.ModeSymlink | 0o777)
	refused(t, "market1501", people, zipOf(t, link), "a link or a device")
	pipe := zip.FileHeader{Name: "Market-1501-v15.09.15/query"}
	pipe.SetMode(fs.ModeNamedPipe | 0o777)
	refused(t, "market1501", people, zipOf(t, pipe), "a link or a device")
	for _, kind := range []byte{tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo} {
		refused(t, "cub", tgz, tarOf(t, tar.Header{Name: "x", Linkname: "/etc/passwd", Typeflag: kind}), "a link or a device")
	}
	refused(t, "market1501", people, zipOf(t, zip.FileHeader{Name: "x", Flags: 1}), "is encrypted")
}

// TestDeclaredSizes: an archive that says it has more than a set of its size would, or that has more or less than it says, is refused before
// there is room made for it.
func TestDeclaredSizes(t *testing.T) {
	refused := refuser(t)
	const tgz, people, image = "CUB_200_2011.tgz", "Market-1501-v15.09.15.zip", "Market-1501-v15.09.15/query/0001_c2s1_000301_00.jpg"
	claims := func(size uint64) zip.FileHeader {
		return zip.FileHeader{Name: image, UncompressedSize64: size, CompressedSize64: 0, Method: zip.Deflate}
	}
	refused(t, "market1501", people, zipOf(t, claims(1<<40)), "unpacks to more than")
	refused(t, "market1501", people, zipOf(t, claims(1<<63)), "unpacks to more than")
	var many []zip.FileHeader
	for i := range 100 { // each allowed, and together too much
		h := claims(1 << 20)
		h.Name += fmt.Sprint(i)
		many = append(many, h)
	}
	refused(t, "market1501", people, zipOf(t, many...), "unpacks to more than")
	bomb := pack(t, map[string][]byte{image: make([]byte, 70<<20)})
	refused(t, "market1501", people, bomb, "unpacks to more than")
	central := bytes.LastIndex(bomb, []byte("PK\x01\x02"))
	for _, declared := range []uint32{0, 1, 1 << 20} { // the same, but it says that it is small
		liar := bytes.Clone(bomb)
		binary.LittleEndian.PutUint32(liar[central+24:], declared)
		refused(t, "market1501", people, liar, "damaged")
	}
	var long []zip.FileHeader
	for i := range 1100 {
		long = append(long, zip.FileHeader{Name: strings.Repeat("x", 62_000) + fmt.Sprint(i)})
	}
	refused(t, "market1501", people, zipOf(t, long...), "the list of its files has more than 64 MB")
	lists := pack(t, map[string][]byte{"Stanford_Online_Products/Ebay_train.txt": make([]byte, 1<<25+1)})
	refused(t, "online-products", "Stanford_Online_Products.zip", lists, "Ebay_train.txt has more than 32 MB")

	refused(t, "cub", tgz, tarOf(t, tar.Header{Name: "a", Size: 66 << 20, Typeflag: tar.TypeReg}), "unpacks to more than")
	pieces := make([]tar.Header, 66)
	for i := range pieces {
		pieces[i] = tar.Header{Name: fmt.Sprint(i), Size: 1 << 20, Typeflag: tar.TypeReg}
	}
	refused(t, "cub", tgz, tarOf(t, pieces...), "unpacks to more than")
	var tail bytes.Buffer
	packed := gzip.NewWriter(&tail)
	w := tar.NewWriter(packed)
	err := errors.Join(w.WriteHeader(&tar.Header{Name: "a", Typeflag: tar.TypeReg}), w.Close())
	if _, failed := io.CopyN(packed, zeros{}, 1<<21); errors.Join(err, failed, packed.Close()) != nil {
		t.Fatal(err, failed)
	}
	refused(t, "cub", tgz, tail.Bytes(), "follow its end")
	packedLong := gzipped(t, slices.Concat(idx([]int{1, 1, 1}, []uint8{0}), make([]byte, 1<<26)))
	refused(t, "mnist", "train-images-idx3-ubyte.gz", packedLong, "unpacks to more than")
	refused(t, "mnist", "train-images-idx3-ubyte.gz", gzipped(t, idx([]int{1 << 31, 1 << 31, 1 << 31}, []uint8{0})), "declares more than")
	refused(t, "mnist", "train-labels-idx1-ubyte.gz", slices.Concat(gzipped(t, idx([]int{0}, nil)), []byte("more")), "cut or damaged")
	refused(t, "lfw", "pairs.txt", list("4611686018427387904 2"), "expected the numbers of folds")
}
