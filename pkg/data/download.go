package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	stall    = time.Minute // without a byte, after which a connection is given up
	attempts = 5           // to go on with a download that breaks off
	maxBytes = 1 << 34     // of a file whose size is not known
)

var errStalled = fmt.Errorf("nothing came for %v", stall)

// broken is the error of a download that broke off and can go on from where it is.
type broken struct{ error }

func (b broken) Unwrap() error { return b.error }

// download fetches what the publisher sends, checks it, and puts it at path. What has come is kept beside it until it is whole, and a
// later download goes on from there, in this process or in another; of two at once the second waits for the first.
func (p published) download(ctx context.Context, o Options, path, cache string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	part := filepath.Join(filepath.Dir(path), "."+p.name+".part")
	lock := flock.New(part)
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return err
	}
	defer lock.Unlock() // the file may be gone, and its lock with it
	if exists(path) {
		return p.check(path, cache) // the other one was quicker
	}
	url := p.address()
	if o.BaseURL != "" {
		url = o.BaseURL + p.name
	}
	var err error
	for range attempts {
		err = p.goOn(ctx, o, url, part)
		if _, again := errors.AsType[broken](err); !again || ctx.Err() != nil {
			break
		}
		o.tell("%s: %v; going on", p.name, err)
	}
	if err == nil {
		err = p.arrived(url, part, path, cache)
	} else if info, statErr := os.Stat(part); statErr == nil && info.Size() == 0 {
		err = errors.Join(err, os.Remove(part))
	}
	return err
}

// arrived checks a download that is whole, and gives it its name. A wrong one goes, so that it is not gone on with.
func (p published) arrived(url, part, path, cache string) error {
	_ = os.Remove(part + ".etag") // there need not be one
	err := p.check(part, "")
	if wrong, ok := errors.AsType[mismatch](err); ok {
		wrong.where = "what " + url + " sends"
		return errors.Join(wrong, os.Remove(part))
	}
	if err := errors.Join(err, os.Chmod(part, 0o644)); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return p.check(path, cache) // to remember it
}

// goOn asks for what is missing of a file and appends it. It begins anew if the publisher sends all of it, or has another by now.
func (p published) goOn(ctx context.Context, o Options, url, part string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(errStalled) })
	defer watch.Stop()

	file, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil || have > 0 && have == p.size {
		return err
	}
	response, err := p.ask(ctx, o, url, part, have)
	if err != nil {
		return causeOf(ctx, err)
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusPartialContent && strings.HasPrefix(response.Header.Get("Content-Range"), "bytes "+strconv.FormatInt(have, 10)+"-"):
		o.tell("downloading %s, from %.1f MB on", url, float64(have)/1e6)
	case response.StatusCode == http.StatusOK:
		o.tell("downloading %s%s", url, megabytes(max(p.size, response.ContentLength)))
		have = 0
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		if err := file.Truncate(0); err != nil {
			return err
		}
		return broken{errors.New("what was there is no part of the file")}
	default:
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	if _, err := file.Seek(have, io.SeekStart); err != nil {
		return err
	}
	if err := errors.Join(file.Truncate(have), rememberTag(part, response)); err != nil {
		return err
	}
	limit := int64(maxBytes)
	if p.size > 0 {
		limit = p.size + 1 // one byte more than the file has is enough to see that it is another
	}
	from := &counted{Reader: io.LimitReader(response.Body, limit-have), done: have, told: func(done int64) {
		watch.Reset(stall)
		if o.Transfer != nil {
			o.Transfer(p.name, done, p.size)
		}
	}}
	if _, err := io.Copy(file, from); err != nil {
		if from.failed {
			return broken{fmt.Errorf("%s: %w", url, causeOf(ctx, err))}
		}
		return err
	}
	return file.Sync()
}

// ask sends the request: for the rest of the file if there is a part of it.
func (p published) ask(ctx context.Context, o Options, url, part string, have int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	// The file as it is: left to itself, the client unpacks what a server calls packed, such as a tar.gz archive.
	request.Header.Set("Accept-Encoding", "identity")
	// A part is gone on with only if it is of the same file: by the publisher's tag of it, or by its known size and hash.
	if tag, err := os.ReadFile(part + ".etag"); have > 0 && (err == nil || p.sha256 != "") {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if err == nil {
			request.Header.Set("If-Range", string(tag))
		}
	}
	client := o.Client
	if client == nil {
		client = &http.Client{}
	}
	return client.Do(request)
}

// rememberTag keeps the publisher's strong tag of the file, with which its rest can be asked for.
func rememberTag(part string, response *http.Response) error {
	tag := response.Header.Get("ETag")
	if tag == "" || strings.HasPrefix(tag, "W/") {
		return nil
	}
	return os.WriteFile(part+".etag", []byte(tag), 0o644)
}

// causeOf is what an error comes from, if it comes from a connection that stalled; else it is the error.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
		return cause
	}
	return err
}

func megabytes(size int64) string {
	if size <= 0 {
		return ""
	}
	return fmt.Sprintf(" (%.1f MB)", float64(size)/1e6)
}

// counted tells of the bytes that are read, and whether it was the reading that failed.
type counted struct {
	io.Reader
	done   int64
	failed bool
	told   func(done int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.done += int64(n)
	c.failed = err != nil && !errors.Is(err, io.EOF)
	c.told(c.done)
	return n, err
}
