package data

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// maxRedirects is how often an address may lead to another.
const maxRedirects = 10

// ask sends the request: for the rest of the file if there is a part of it.
func (p published) ask(ctx context.Context, o Options, address, part string, have int64) (*http.Response, error) {
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
	return response, nil
}

// guarded refuses to get a file that no hash is known of over a connection on which anybody may change it. This machine's own addresses
// need no encryption, unless an encrypted one leads there.
func (p published) guarded(address *url.URL, encrypted bool) error {
	if p.sha256 != "" || address.Scheme == "https" {
		return nil
	}
	if ip := net.ParseIP(address.Hostname()); address.Scheme == "http" && ip.IsLoopback() && !encrypted {
		return nil
	}
	return fmt.Errorf("%q is not encrypted, and no hash of %s is known, so that anybody on the way could change it: fetch it by hand from where you trust it",
		address.Scheme+"://"+address.Host, p.name)
}

// causeOf is what an error comes from, if it comes from a connection that stalled; else it is the error.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
		return cause
	}
	return err
}
