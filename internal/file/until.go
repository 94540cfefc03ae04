package file

import "context"

// Until returns what read gives, or the context's error once that is done. Reading or decoding a large file may take longer than an
// interrupted program may wait, and cannot be stopped; it goes on unheeded.
func Until[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := read()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
