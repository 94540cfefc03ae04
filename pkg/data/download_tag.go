package data

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"regexp"

	"github.com/unipair/unipair/internal/file"
)

// tagOf returns the path that keeps the publisher's tag of what has come.
func tagOf(part string) string { return part + ".etag" }

const maxTagBytes = 1 << 10

// strongTag is a publisher's tag of a file with which its rest can be asked for.
var strongTag = regexp.MustCompile(`^"[!#-~]*"$`)

// rememberTag keeps the strong tag of the file; where all of it comes without one, that of another answer goes.
func rememberTag(part string, response *http.Response) error {
	tag := response.Header.Get("ETag")
	if strongTag.MatchString(tag) {
		return file.WriteBytes(tagOf(part), []byte(tag))
	}
	if response.StatusCode == http.StatusPartialContent {
		return nil
	}
	if err := os.Remove(tagOf(part)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// rememberedTag returns the tag of what has come; empty if there is none that can be sent.
func rememberedTag(part string) (string, error) {
	tag, err := file.Read(tagOf(part), maxTagBytes)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, file.ErrTooLarge) || err == nil && !strongTag.Match(tag) {
		return "", nil
	}
	return string(tag), err
}
