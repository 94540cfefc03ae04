package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Variable is the environment variable that names the folder in which published files are looked for first, each in a
// folder of its data set: $UNIPAIR_DATA/omniglot/all_runs.zip. Nothing there is ever changed.
const Variable = "UNIPAIR_DATA"

// Options say where data comes from, and who is told what. The zero value is right for most.
type Options struct {
	Cache    string            // the folder that downloads are kept in; empty is "unipair" in the user's cache directory
	BaseURL  string            // in place of the publisher's address, for a mirror; ends with a slash
	Client   *http.Client      // for downloads; nil is one with time-outs
	Progress func(line string) // is told what a user wants to know: a download before it begins, what is left out; may be nil

	// Skip is told of every image that cannot be read, which is then left out: all are decoded once to find them. Where it is nil,
	// such an image is an error, which is found when its header is wrong before any work, and else when it is needed.
	Skip func(image string, reason error)
}

func (o Options) tell(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// published is a file as its publisher gives it.
type published struct {
	set, name string // the folder of its data set, and the file
	url       string // the folder it is published in
	size      int64
	sha256    string
}

// content returns the bytes of the file, checked: from $UNIPAIR_DATA, else from the cache, else from the publisher and into the
// cache.
func (p published) content(ctx context.Context, o Options) ([]byte, error) {
	missing := "$" + Variable + " is not set"
	if dir := os.Getenv(Variable); dir != "" {
		path := filepath.Join(dir, p.set, p.name)
		raw, err := p.read(path)
		if err == nil {
			return raw, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("data: %w; put %s%s in its place, or unset %s", err, p.url, p.name, Variable)
		}
		missing = path + " does not exist"
	}
	cache := o.Cache
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("data: no place to keep %s: %s, and there is no cache directory: %w; set %s", p.name, missing, err, Variable)
		}
		cache = filepath.Join(user, "unipair")
	}
	path := filepath.Join(cache, p.set, p.name)
	raw, err := p.read(path)
	if err == nil {
		return raw, nil
	}
	if errors.As(err, new(mismatch)) {
		// The cache is ours: what is wrong there goes, and is fetched again. Another process may be quicker.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("data: a bad file is in the cache and does not go: %w; delete it", err)
		}
		missing += ", " + err.Error() + " and was removed"
	} else if errors.Is(err, fs.ErrNotExist) {
		missing += ", " + path + " does not exist"
	} else {
		return nil, fmt.Errorf("data: %w; set %s to a folder with %s/%s", err, Variable, p.set, p.name)
	}
	raw, err = p.download(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("data: no %s: %s, and the download failed: %w; connect to the network, or put %s%s at %s",
			p.name, missing, err, p.url, p.name, path)
	}
	if err := keep(path, raw); err != nil {
		return nil, fmt.Errorf("data: cannot keep %s: %w; make room there, or set %s to a folder with %s/%s",
			p.name, err, Variable, p.set, p.name)
	}
	return raw, nil
}

// mismatch is the error of bytes that are not the publisher's.
type mismatch struct{ where, expected, found string }

func (m mismatch) Error() string {
	return fmt.Sprintf("%s is not the published file: expected %s, found %s", m.where, m.expected, m.found)
}

// check returns a mismatch if raw, from where, is not the published file.
func (p published) check(where string, raw []byte) error {
	if int64(len(raw)) != p.size {
		return mismatch{where, fmt.Sprintf("%d bytes", p.size), fmt.Sprintf("%d", len(raw))}
	}
	sum := sha256.Sum256(raw)
	if found := hex.EncodeToString(sum[:]); found != p.sha256 {
		return mismatch{where, "SHA-256 " + p.sha256, found}
	}
	return nil
}

// read returns the bytes of a file if they are the published ones.
func (p published) read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != p.size {
		return nil, mismatch{path, fmt.Sprintf("%d bytes", p.size), fmt.Sprintf("%d", info.Size())}
	}
	raw, err := io.ReadAll(io.LimitReader(file, p.size+1))
	if err != nil {
		return nil, err
	}
	return raw, p.check(path, raw)
}

// download returns what the publisher sends, checked.
func (p published) download(ctx context.Context, o Options) ([]byte, error) {
	url := p.url + p.name
	if o.BaseURL != "" {
		url = o.BaseURL + p.name
	}
	o.tell("downloading %s (%.1f MB)", url, float64(p.size)/1e6)
	client := o.Client
	if client == nil {
		client = &http.Client{Timeout: 5 * time.Minute}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	// One byte more than the file has is enough to see that it is another.
	raw, err := io.ReadAll(io.LimitReader(response.Body, p.size+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return raw, p.check("what "+url+" sends", raw)
}

// keep writes a file under a temporary name and renames it, so that under its own name it is whole or absent.
func keep(path string, raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(raw)
	if err := errors.Join(err, temporary.Chmod(0o644), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
