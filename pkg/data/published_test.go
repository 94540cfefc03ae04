package data_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/pkg/data"
)

var (
	content = bytes.Repeat([]byte("ink and paper "), 100)
	other   = append(bytes.Clone(content[1:]), '!') // as long, with another hash
)

func hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// serve answers every request with the status and body, and counts the requests.
func serve(t *testing.T, status int, body []byte) (options data.Options, requests *int) {
	t.Helper()
	t.Setenv(data.EnvFolder, "")
	requests = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests++
		if r.URL.Path != "/mirror/file.zip" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/mirror/"}, requests
}

func fetch(ctx context.Context, o data.Options) ([]byte, error) {
	return data.Fetch(ctx, o, "set", "file.zip", len(content), hash(content))
}

// place writes a file into a folder of the data set "set" and returns its path.
func place(t *testing.T, folder string, raw []byte) string {
	t.Helper()
	path := filepath.Join(folder, "set", "file.zip")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// expect checks that an error is one line that says all of it.
func expect(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("not one line: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// files lists what is under a folder.
func files(t *testing.T, folder string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDownloadFillsTheCacheOnce(t *testing.T) {
	options, requests := serve(t, http.StatusOK, content)
	var told []string
	options.Progress = func(line string) { told = append(told, line) }
	for range 2 {
		raw, err := fetch(t.Context(), options)
		if err != nil || !bytes.Equal(raw, content) {
			t.Fatalf("%d bytes, %v", len(raw), err)
		}
	}
	if *requests != 1 || len(told) != 1 || !strings.Contains(told[0], "file.zip") {
		t.Errorf("%d requests, told %q; want one of each", *requests, told)
	}
	if found := files(t, options.Cache); len(found) != 1 || found[0] != "file.zip" {
		t.Errorf("the cache holds %q", found)
	}
}

func TestBadDownload(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   []byte
		says   []string
	}{
		"absent":     {http.StatusNotFound, content, []string{"404"}},
		"truncated":  {http.StatusOK, content[:700], []string{"expected 1400 bytes", "found 700"}},
		"too long":   {http.StatusOK, bytes.Repeat(content, 1000), []string{"expected 1400 bytes", "found 1401"}},
		"wrong hash": {http.StatusOK, other, []string{"expected SHA-256 " + hash(content), "found " + hash(other)}},
	} {
		t.Run(name, func(t *testing.T) {
			options, _ := serve(t, test.status, test.body)
			_, err := fetch(t.Context(), options)
			if strings.Contains(err.Error(), "connect to the network") {
				t.Errorf("%q: the network has nothing to do with it", err)
			}
			expect(t, err, append(test.says, "file.zip", "UNIPAIR_DATA is not set", "https://publisher.invalid/file.zip", options.Cache)...)
			if found := files(t, options.Cache); len(found) != 0 {
				t.Errorf("the cache holds %q", found)
			}
		})
	}
}

func TestBadFileLeavesTheCache(t *testing.T) {
	for name, bad := range map[string][]byte{"truncated": content[:9], "wrong hash": other, "empty": nil} {
		t.Run(name, func(t *testing.T) {
			options, _ := serve(t, http.StatusOK, content)
			place(t, options.Cache, bad)
			raw, err := fetch(t.Context(), options)
			if err != nil || !bytes.Equal(raw, content) {
				t.Fatalf("%d bytes, %v", len(raw), err)
			}
			options, _ = serve(t, http.StatusInternalServerError, nil)
			path := place(t, options.Cache, bad)
			_, err = fetch(t.Context(), options)
			expect(t, err, path, "expected", "found", "removed", "500")
			if found := files(t, options.Cache); len(found) != 0 {
				t.Errorf("the cache holds %q", found)
			}
		})
	}
}

func TestUsersFolderComesFirst(t *testing.T) {
	options, requests := serve(t, http.StatusOK, other)
	place(t, options.Cache, other)
	folder := t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	place(t, folder, content)
	raw, err := fetch(t.Context(), options)
	if err != nil || !bytes.Equal(raw, content) {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	path := place(t, folder, other)
	_, err = fetch(t.Context(), options)
	expect(t, err, path, "expected SHA-256 "+hash(content), "found "+hash(other), "https://publisher.invalid/file.zip")
	if found := files(t, folder); len(found) != 1 {
		t.Errorf("the user's folder holds %q", found)
	}
	if *requests != 0 {
		t.Errorf("%d requests, want none", *requests)
	}
}

func TestNoNetworkAndNoData(t *testing.T) {
	options, _ := serve(t, http.StatusOK, content)
	options.BaseURL = "http://127.0.0.1:1/"
	folder := t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	_, err := data.OmniglotSmall1(t.Context(), options)
	expect(t, err, "images_background_small1.zip", folder, options.Cache, "connect to the network", "https://github.com/brendenlake/omniglot")
	_, err = data.OneShotRuns(t.Context(), options)
	expect(t, err, "all_runs.zip", folder, options.Cache)
	_, err = data.OmniglotSmall2(t.Context(), options)
	expect(t, err, "data: no images_background_small2.zip", folder, options.Cache)
	_, err = data.OmniglotNovel(t.Context(), options)
	expect(t, err, "images_background_small2.zip", folder, options.Cache)
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	options, _ := serve(t, http.StatusOK, content)
	options.Cache = filepath.Join(options.Cache, "file")
	if err := os.WriteFile(options.Cache, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := fetch(t.Context(), options)
	expect(t, err, options.Cache, data.EnvFolder)
}

func TestDownloadEndsWithItsContext(t *testing.T) {
	t.Setenv(data.EnvFolder, "")
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	begun := time.Now()
	_, err := fetch(ctx, data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/"})
	if !errors.Is(err, context.Canceled) || time.Since(begun) > 30*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
}
