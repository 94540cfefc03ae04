package data

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
)

// maxRedirects bounds how often an address may lead to another.
const maxRedirects = 10

// ask sends the request: for the rest of the file if there is a part of it.
func (p published) ask(ctx context.Context, o Options, address, part string, have int64) (*answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if err := p.guarded(request.URL, false); err != nil {
		return nil, err
	}
	// The file as it is: left to itself, the client unpacks what a server calls packed, such as a tar.gz archive.
	request.Header.Set("Accept-Encoding", "identity")
	// A part is gone on with only if it is of the same file: by the publisher's tag of it, or by its known size and hash.
	tag, err := rememberedTag(part)
	if err != nil {
		return nil, err
	}
	if have > 0 && (tag != "" || p.sha256 != "") {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if tag != "" {
			request.Header.Set("If-Range", tag)
		}
	}
	var client http.Client
	if o.Client != nil {
		client = *o.Client
	}
	own := client.CheckRedirect
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) >= maxRedirects {
			return fmt.Errorf("%d addresses lead on to another", maxRedirects)
		}
		if err := p.guarded(next.URL, via[0].URL.Scheme == "https"); err != nil || own == nil {
			return err
		}
		return own(next, via)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, brief{err}
	}
	return p.answered(request, response, have), nil
}

// answer holds what a publisher answers.
type answer struct {
	*http.Response
	whole int64 // how many bytes it says that the file has; -1 where it does not
	rest  bool  // it is the rest that was asked for
	other bool  // what is there is no part of this file
}

var contentRange = regexp.MustCompile(`^bytes (\d+)-\d+/(\d+|\*)$`)

// answered reads what an answer says of itself.
func (p published) answered(request *http.Request, response *http.Response, have int64) *answer {
	a := &answer{Response: response, whole: response.ContentLength}
	if response.StatusCode != http.StatusPartialContent {
		a.other = response.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0
		return a
	}
	sent, tag := request.Header.Get("If-Range"), response.Header.Get("ETag")
	a.other = sent != "" && tag != "" && tag != sent
	a.whole = -1
	if parts := contentRange.FindStringSubmatch(response.Header.Get("Content-Range")); parts != nil {
		if whole, err := strconv.ParseInt(parts[2], 10, 64); err == nil {
			a.whole = whole
		}
		first, err := strconv.ParseInt(parts[1], 10, 64)
		a.rest = err == nil && first == have && request.Header.Get("Range") != "" && (a.whole >= 0 || p.sha256 != "")
	}
	return a
}

// guarded returns an error for a file of which no hash is known, over a connection on which anybody may change it. This machine's own
// addresses need no encryption, unless an encrypted one leads there.
func (p published) guarded(address *url.URL, encrypted bool) error {
	if p.sha256 != "" || address.Scheme == "https" {
		return nil
	}
	if ip := net.ParseIP(address.Hostname()); address.Scheme == "http" && ip.IsLoopback() && !encrypted {
		return nil
	}
	return fmt.Errorf("%q %w, and no hash of %s is known, so that anybody on the way could change it: fetch it by hand from where you trust it",
		address.Scheme+"://"+address.Host, errUnencrypted, p.name)
}

var errUnencrypted = errors.New("is not encrypted")
