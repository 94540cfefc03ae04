package data_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/pkg/data"
)

// trusted is content of a file whose hash is not known: what comes first is trusted.
var trusted = append([]byte("ink"), content...)

// raw answers every request with bytes as they are, whatever HTTP says of them.
func raw(t *testing.T, answer string) data.Options {
	t.Helper()
	t.Setenv(data.EnvFolder, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, err = io.WriteString(connection, answer)
			err = errors.Join(err, connection.Close())
		}
		if err != nil && !strings.Contains(err.Error(), "connection reset") && !strings.Contains(err.Error(), "broken pipe") {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/"}
}

// TestLyingServers: whatever a server says, a file comes whole or not at all, and the message is a short line without its control characters.
func TestLyingServers(t *testing.T) {
	body, length := string(trusted), len(trusted)
	head := func(status string, more ...string) string {
		return "HTTP/1.1 " + status + "\r\n" + strings.Join(append(more, "Connection: close"), "\r\n") + "\r\n\r\n"
	}
	for name, test := range map[string]struct{ answer, says string }{
		"less than it says":      {head("200 OK", fmt.Sprintf("Content-Length: %d", length+9)) + body, "unexpected EOF"},
		"2^62 bytes":             {head("200 OK", "Content-Length: 4611686018427387904") + body, "unexpected EOF"},
		"two lengths":            {head("200 OK", "Content-Length: 3", "Content-Length: 4") + body, "file.zip"},
		"no number":              {head("200 OK", "Content-Length: many") + body, "file.zip"},
		"a part unasked":         {head("206 Partial Content", fmt.Sprintf("Content-Range: bytes 0-9/%d", length), "Content-Length: 10") + body[:10], "answers 206"},
		"another part":           {head("206 Partial Content", "Content-Range: bytes 5-9/10", "Content-Length: 5") + body[:5], "answers 206"},
		"a part of no range":     {head("206 Partial Content", "Content-Range: words", "Content-Length: 5") + body[:5], "answers 206"},
		"more than the range":    {head("206 Partial Content", "Content-Range: bytes 0-2/3") + body, "answers 206"},
		"a part beyond numbers":  {head("206 Partial Content", "Content-Range: bytes 0-9/99999999999999999999999", "Content-Length: 10") + body[:10], "answers 206"},
		"escapes in the status":  {head("404 \x1b[31m\x1b]0;title\x07no") + body, "answers 404 Not Found"},
		"long status":            {head("500 "+strings.Repeat("x", 100_000)) + body, "answers 500"},
		"no such status":         {head("999 what") + body, "answers 999"},
		"escapes for a status":   {"\x1b[31m\x1b]0;title\x07\r\n\r\n", "malformed"},
		"escapes for a header":   {"HTTP/1.1 200 OK\r\n\x1b[31m evil\r\n\r\n", "file.zip"},
		"a long line":            {"HTTP/1.1 200 OK\r\n" + strings.Repeat("y", 100_000) + "\r\n\r\n", "file.zip"},
		"leads nowhere":          {head("302 Found", "Location: \x01\x1b[31m"), "file.zip"},
		"leads to a long name":   {head("302 Found", "Location: http://127.0.0.1:1/"+strings.Repeat("z", 100_000)), "file.zip"},
		"leads to another place": {head("302 Found", "Location: file:///etc/passwd"), "is not encrypted"},
		"leads to the network":   {head("302 Found", "Location: http://publisher.invalid/file.zip"), "is not encrypted"},
		"leads on and on":        {head("302 Found", "Location: /file.zip"), "lead on to another"},
		"another kind of file":   {head("200 OK") + "<html>not found</html>", `begins with "ink"`},
		"nothing":                {"", "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			o := raw(t, test.answer)
			_, err := data.FetchSeen(t.Context(), o)
			expect(t, err, "no file.zip", test.says)
			if len(err.Error()) > 1500 || strings.ContainsAny(err.Error(), "\x1b\x07\x01") {
				t.Errorf("%d letters: %q", len(err.Error()), err)
			}
			if _, err := os.Stat(filepath.Join(o.Cache, "set", "file.zip")); err == nil {
				t.Error("the file is there")
			}
			if _, err := os.Stat(filepath.Join(o.Cache, "set", "file.zip.seen.json")); err == nil {
				t.Error("it is trusted")
			}
		})
	}
}

// TestEndlessBody: an answer without an end is given up where the file may not be larger.
func TestEndlessBody(t *testing.T) {
	t.Setenv(data.EnvFolder, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(w, zeros{}, 1<<40)
	}))
	defer server.Close()
	o := data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/"}
	_, err := fetch(t.Context(), o)
	expect(t, err, "expected 1400 bytes, found 1401")
	_, err = data.FetchAtMost(t.Context(), o, 1<<20)
	expect(t, err, "expected at most 1048576 bytes, found 1048577")
	if found := files(t, o.Cache); len(found) != 0 {
		t.Errorf("the cache holds %q", found)
	}
}

// TestTagsThatCannotBeSent: a tag that no request can have is not kept, and one that is there does no harm.
func TestTagsThatCannotBeSent(t *testing.T) {
	for _, tag := range []string{`W/"1"`, `"a b"`, `"` + strings.Repeat("x", 5000) + `"`, "no quotes", ""} {
		p := &publisher{tag: tag, breaks: 1}
		o := publish(t, p)
		if raw, err := fetch(t.Context(), o); err != nil || !bytes.Equal(raw, content) {
			t.Errorf("%.20q: %v", tag, err)
		}
		p = &publisher{}
		o = publish(t, p)
		partOf(t, o, content[:700], "\x1b"+tag+"\n")
		if raw, err := fetch(t.Context(), o); err != nil || !bytes.Equal(raw, content) || !slices.Equal(p.asked, []string{"bytes=700-"}) {
			t.Errorf("%.20q: %v, asked %q", tag, err, p.asked)
		}
		if found := files(t, o.Cache); !slices.Equal(found, []string{"file.zip"}) {
			t.Errorf("the cache holds %q", found)
		}
	}
}

// TestRestOfAnother: a server that sends the rest of another file than that of which a part is there.
func TestRestOfAnother(t *testing.T) {
	t.Setenv(data.EnvFolder, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("If-Range")
		w.Header().Set("ETag", `"2"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(trusted))
	}))
	defer server.Close()
	o := data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/"}
	partOf(t, o, []byte("ink of the file before"), `"1"`)
	path, err := data.FetchSeen(t.Context(), o)
	if err != nil || !bytes.Equal(must(os.ReadFile(path)), trusted) {
		t.Error(err)
	}
}

// TestUnencrypted: a file whose hash is not known comes only over an encrypted connection, whatever way an address leads.
func TestUnencrypted(t *testing.T) {
	t.Setenv(data.EnvFolder, "")
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(trusted) }))
	defer plain.Close()
	secret := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plain/file.zip" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
			return
		}
		_, _ = w.Write(trusted)
	}))
	defer secret.Close()
	for base, says := range map[string]string{
		"http://publisher.invalid/": "is not encrypted", "ftp://127.0.0.1/": "is not encrypted", "http://10.0.0.1/": "is not encrypted",
		secret.URL + "/plain/": "is not encrypted", secret.URL + "/": "", plain.URL + "/": "",
	} {
		o := data.Options{Cache: t.TempDir(), BaseURL: base, Client: secret.Client()}
		_, err := data.FetchSeen(t.Context(), o)
		if says == "" && err != nil {
			t.Errorf("%s: %v", base, err)
		}
		if says != "" {
			expect(t, err, says, "fetch it by hand")
			if strings.Contains(err.Error(), "connect to the network") {
				t.Errorf("%q: the network has nothing to do with it", err)
			}
		}
	}
	for _, p := range data.Catalogue() {
		for _, f := range p.Files() {
			if f.SHA256 == "" && f.ByHand == "" && !strings.HasPrefix(f.Address, "https://") {
				t.Errorf("%s of %s is to be trusted as it comes from %s", f.Name, p.Name, f.Address)
			}
		}
	}
}
