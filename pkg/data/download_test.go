package data_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/unipair/unipair/pkg/data"
)

// publisher serves content with ranges, under a tag; but the first breaks answers end after 500 bytes.
type publisher struct {
	mu     sync.Mutex
	breaks int
	plain  bool // without ranges
	tag    string
	asked  []string // the ranges
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Header.Get("Range"))
	breaks := p.breaks > 0
	p.breaks--
	p.mu.Unlock()
	if p.tag != "" {
		w.Header().Set("ETag", p.tag)
	}
	if p.plain {
		r.Header.Del("Range")
	}
	if breaks {
		w = &cut{ResponseWriter: w, left: 500}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// cut ends an answer in the middle.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	c.ResponseWriter.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// publish serves p and returns options that download from it.
func publish(t *testing.T, p *publisher) data.Options {
	t.Helper()
	t.Setenv(data.EnvFolder, "")
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/"}
}

func partOf(t *testing.T, o data.Options, raw []byte, tag string) {
	t.Helper()
	dir := filepath.Join(o.Cache, "set")
	if err := errors.Join(os.MkdirAll(dir, 0o777), os.WriteFile(filepath.Join(dir, ".file.zip.part"), raw, 0o666)); err != nil {
		t.Fatal(err)
	}
	if tag != "" {
		if err := os.WriteFile(filepath.Join(dir, ".file.zip.part.etag"), []byte(tag), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDownloadGoesOn: a download that broke off, in this process or in one that was killed, goes on where it is, but not with a part of
// another file; and nothing but the file is left.
func TestDownloadGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		publisher *publisher
		part      []byte
		tag       string
		asked     []string
	}{
		"broken twice":       {&publisher{breaks: 2, tag: `"1"`}, nil, "", []string{"", "bytes=500-", "bytes=1000-"}},
		"killed":             {&publisher{tag: `"1"`}, content[:700], `"1"`, []string{"bytes=700-"}},
		"killed at the end":  {&publisher{}, content, "", nil},
		"no tag, known hash": {&publisher{}, content[:700], "", []string{"bytes=700-"}},
		"another by now":     {&publisher{tag: `"2"`}, []byte("of the file before"), `"1"`, []string{"bytes=18-"}},
		"no ranges":          {&publisher{plain: true}, content[:700], "", []string{"bytes=700-"}},
		"too long":           {&publisher{}, slices.Concat(content, content), "", []string{"bytes=2800-", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			p := test.publisher
			o := publish(t, p)
			if test.part != nil {
				partOf(t, o, test.part, test.tag)
			}
			last := int64(0)
			o.Transfer = func(file string, done, total int64) {
				if last = done; file != "file.zip" || total != int64(len(content)) || done > total {
					t.Errorf("%s: %d of %d", file, done, total)
				}
			}
			raw, err := fetch(t.Context(), o)
			if err != nil || !bytes.Equal(raw, content) {
				t.Fatalf("%d bytes, %v", len(raw), err)
			}
			if !slices.Equal(p.asked, test.asked) {
				t.Errorf("asked for %q, want %q", p.asked, test.asked)
			}
			if found := files(t, o.Cache); !slices.Equal(found, []string{"file.zip"}) {
				t.Errorf("the cache holds %q", found)
			}
			if len(p.asked) > 0 && last != int64(len(content)) {
				t.Errorf("told of %d bytes last", last)
			}
		})
	}
}

func TestDownloadThatAlwaysBreaks(t *testing.T) {
	p := publisher{breaks: 1 << 20, plain: true}
	o := publish(t, &p)
	_, err := fetch(t.Context(), o)
	expect(t, err, "unexpected EOF", "connect to the network")
	if len(p.asked) != 5 {
		t.Errorf("tried %d times", len(p.asked))
	}
	if found := files(t, o.Cache); !slices.Equal(found, []string{".file.zip.part"}) {
		t.Errorf("the cache holds %q: what has come is to be kept", found)
	}
	bad := slices.Clone(content[:700])
	bad[3]++ // a part that does not fit is not gone on with for ever
	partOf(t, o, bad, "")
	p.breaks, p.plain = 0, false
	_, err = fetch(t.Context(), o)
	expect(t, err, "expected SHA-256")
	if raw, err := fetch(t.Context(), o); err != nil || !bytes.Equal(raw, content) {
		t.Error(err)
	}
}

func TestTwoDownloadsAtOnce(t *testing.T) {
	p := publisher{}
	o := publish(t, &p)
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			if raw, err := fetch(t.Context(), o); err != nil || !bytes.Equal(raw, content) {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if len(p.asked) != 1 {
		t.Errorf("%d requests", len(p.asked))
	}
}

// silent is a connection that sends nothing.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	pipe, _ := io.Pipe()
	context := r.Context()
	go func() {
		<-context.Done()
		_ = pipe.CloseWithError(context.Err())
	}()
	return &http.Response{StatusCode: http.StatusOK, Body: pipe, Header: http.Header{}, Request: r}, nil
}

func TestDownloadThatStalls(t *testing.T) {
	t.Setenv(data.EnvFolder, "")
	cache := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := fetch(t.Context(), data.Options{Cache: cache, Client: &http.Client{Transport: silent{}}})
		expect(t, err, "nothing came for 1m0s")
		if took := time.Since(begun); took != 5*time.Minute {
			t.Errorf("given up after %v", took)
		}
	})
}

// TestTrustOnFirstUse: a file whose hash nobody published is remembered, and refused when it is another.
func TestTrustOnFirstUse(t *testing.T) {
	p := publisher{}
	o := publish(t, &p)
	var told []string
	o.Progress = func(line string) { told = append(told, line) }
	path, err := data.FetchSeen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || told[0] != "set: for everybody" || !strings.HasPrefix(told[1], "downloading ") {
		t.Errorf("told %q, want the licence before the download", told)
	}
	if again, err := data.FetchSeen(t.Context(), o); err != nil || again != path || len(p.asked) != 1 {
		t.Errorf("%v, %d requests", err, len(p.asked))
	}
	folder := t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	place(t, folder, []byte("<html>not found</html>"))
	_, err = data.FetchSeen(t.Context(), o)
	expect(t, err, `expected a file that begins with "ink", found "<ht"`)
	another := append(bytes.Clone(content), '!')
	place(t, folder, another)
	_, err = data.FetchSeen(t.Context(), o)
	expect(t, err, "expected SHA-256 "+hash(content), "found "+hash(another), "not what was seen first ("+path+")", "delete "+filepath.Join(o.Cache, "set", "file.zip.seen.json"))
	t.Setenv(data.EnvFolder, "")
	place(t, o.Cache, another) // in the cache it is fetched again
	if _, err = data.FetchSeen(t.Context(), o); err != nil || len(p.asked) != 2 {
		t.Errorf("%v, %d requests", err, len(p.asked))
	}
}

// TestLargeFileIsHashedOnce: while its size and time are the same; then again.
func TestLargeFileIsHashedOnce(t *testing.T) {
	p := publisher{}
	o := publish(t, &p)
	path := place(t, o.Cache, []byte("ink"))
	when := time.Now().Add(-time.Hour)
	if err := errors.Join(os.Truncate(path, 1<<26), os.Chtimes(path, when, when)); err != nil {
		t.Fatal(err)
	}
	if _, err := data.FetchSeen(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString("ink, another")
	}
	if err := errors.Join(err, file.Close(), os.Chtimes(path, when, when)); err != nil {
		t.Fatal(err)
	}
	if _, err := data.FetchSeen(t.Context(), o); err != nil || len(p.asked) != 0 {
		t.Errorf("hashed again: %v", err)
	}
	if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err = data.FetchSeen(t.Context(), o) // is noticed, removed and downloaded, but is not what was seen first
	expect(t, err, "was removed", "not what was seen first")
}

func TestByHand(t *testing.T) {
	o := publish(t, &publisher{})
	_, err := data.FetchByHand(t.Context(), o)
	expect(t, err, "no file.zip", "it is behind a form: fill it in, and put it at "+filepath.Join(o.Cache, "set", "file.zip"))
	place(t, o.Cache, content)
	if _, err := data.FetchByHand(t.Context(), o); err != nil {
		t.Error(err)
	}
}

// TestPackedFileStaysPacked: a server that calls a packed file packed, which a client likes to unpack on the way.
func TestPackedFileStaysPacked(t *testing.T) {
	t.Setenv(data.EnvFolder, "")
	raw := gzipped(t, content)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(raw)
	}))
	defer server.Close()
	got, err := data.Fetch(t.Context(), data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/"}, "set", "file.tar.gz", len(raw), hash(raw))
	if err != nil || !bytes.Equal(got, raw) {
		t.Errorf("%d bytes of %d, %v", len(got), len(raw), err)
	}
}
