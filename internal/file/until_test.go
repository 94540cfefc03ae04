package file_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// TestUntil: what is read is returned, unless the context is done before.
func TestUntil(t *testing.T) {
	if got, err := file.Until(t.Context(), func() (int, error) { return 1, io.EOF }); got != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("%d, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	never := make(chan int)
	defer close(never)
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := file.Until(ctx, func() (int, error) { return <-never, nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestUntilWhileReading: what reads for long does not keep anyone whose context ends meanwhile, such as a decoder of a picture.
func TestUntilWhileReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan struct{})
	_, err := file.Until(ctx, func() (int, error) {
		cancel()
		<-end
		return 0, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
	close(end)
}
