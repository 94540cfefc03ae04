package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/unipair/unipair/internal/file"
)

const (
	stall    = time.Minute // without a byte, after which a connection is given up
	attempts = 5           // to go on with a download that breaks off
)

var errStalled = fmt.Errorf("nothing came for %v", stall)

// broken is the error of a download that broke off and can go on from where it is.
type broken struct{ error }

func (b broken) Unwrap() error { return b.error }

// partOfDownload returns the path that keeps what has come of a file until it is complete.
func partOfDownload(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".part")
}

// download fetches what the publisher sends, checks it, and puts it at path, in place of what is wrong there. It keeps what has come beside
// it until it is complete, and a later download goes on from there, in this process or in another. Of two at once the second waits for
// the first.
func (p published) download(ctx context.Context, o Options, path, cache string) (err error) {
	unlock, err := lockFolder(ctx, o, filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	_, err = p.check(ctx, path, cache)
	if _, wrong := errors.AsType[mismatch](err); wrong { // the cache is ours: what is wrong there goes, and is fetched again
		err = os.Remove(path)
	}
	if err == nil && exists(path) {
		return nil // another process was quicker
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	url := p.address()
	if o.BaseURL != "" {
		url = o.BaseURL + p.name
	}
	part := partOfDownload(path)
	for range attempts {
		err = p.goOn(ctx, o, url, part)
		if _, again := errors.AsType[broken](err); !again || ctx.Err() != nil {
			break
		}
		o.tell("%s: %v; going on", p.name, err)
	}
	if err == nil {
		return p.arrived(ctx, url, part, path, cache)
	}
	if info, statErr := os.Stat(part); statErr == nil && info.Mode().IsRegular() && info.Size() == 0 {
		err = errors.Join(err, os.Remove(part))
	}
	return err
}

// arrived checks a download that is complete, and gives it its name. A wrong one goes, so that nobody goes on with it.
func (p published) arrived(ctx context.Context, url, part, path, cache string) error {
	_ = os.Remove(tagOf(part)) // there need not be one
	_, err := p.check(ctx, part, cache)
	if wrong, ok := errors.AsType[mismatch](err); ok {
		wrong.where = "what " + url + " sends"
		return errors.Join(wrong, os.Remove(part))
	}
	if err != nil {
		return err
	}
	return os.Rename(part, path)
}

// goOn asks for what is missing of a file and appends it. It begins anew if the publisher sends all of it, or has another by now.
func (p published) goOn(ctx context.Context, o Options, url, part string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(errStalled) })
	defer watch.Stop()

	into, err := file.Update(part)
	if err != nil {
		return err
	}
	defer into.Close()
	have, err := into.Seek(0, io.SeekEnd)
	if err != nil || have > 0 && have == p.size {
		return err
	}
	response, err := p.ask(ctx, o, url, part, have)
	if err != nil {
		return causeOf(ctx, err)
	}
	defer response.Body.Close()
	switch {
	case response.other:
		if err := into.Truncate(0); err != nil {
			return err
		}
		return broken{errors.New("what was there is no part of the file")}
	case response.rest:
		o.tell("downloading %s, from %.1f MB on", url, float64(have)/1e6)
	case response.StatusCode == http.StatusOK:
		o.tell("downloading %s%s", url, megabytes(max(p.size, response.ContentLength)))
		have = 0
	default: // in our words: the server's own may be anything
		return fmt.Errorf("%s answers %d %s", url, response.StatusCode, http.StatusText(response.StatusCode))
	}
	if _, err := into.Seek(have, io.SeekStart); err != nil {
		return err
	}
	if err := errors.Join(into.Truncate(have), rememberTag(part, response.Response)); err != nil {
		return err
	}
	limit := p.most() + 1 // one byte more than the file may have is enough to see that it is another
	body := &counted{Reader: io.LimitReader(response.Body, limit-have), done: have, told: func(done int64) {
		watch.Reset(stall)
		if o.Transfer != nil {
			o.Transfer(p.name, done, p.size)
		}
	}}
	if _, err := io.Copy(into, body); err != nil {
		if body.failed {
			return broken{fmt.Errorf("%s: %w", url, brief{causeOf(ctx, err)})}
		}
		return err
	}
	if whole := response.whole; whole >= 0 && body.done != min(whole, limit) {
		return broken{fmt.Errorf("%s sends %d bytes of %d", url, body.done, whole)}
	}
	return into.Sync()
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

// unreachable reports whether a download failed because the network did not carry it, and not by what it carried.
func unreachable(err error) bool {
	_, broke := errors.AsType[broken](err)
	_, failed := errors.AsType[*url.Error](err)
	return (broke || failed) && !errors.Is(err, errUnencrypted)
}

// causeOf returns the cause of an error that comes from a connection that stalled; else it returns the error.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
		return cause
	}
	return err
}
