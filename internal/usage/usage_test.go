package usage_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/unipair/unipair/internal/usage"
)

// Errors are joined in one line, and one in the words of a call makes all of them so.
func TestJoin(t *testing.T) {
	failure, word := errors.New("the disk is full"), usage.Errorf("unknown flag %q", "x")
	for _, c := range []struct {
		name string
		errs []error
		want string // empty: no error
		is   bool
	}{
		{"none", nil, "", false},
		{"nils", []error{nil, nil}, "", false},
		{"a failure", []error{nil, failure}, "the disk is full", false},
		{"a word", []error{word, nil}, `unknown flag "x"`, true},
		{"a word within", []error{fmt.Errorf("train: %w", word)}, `train: unknown flag "x"`, true},
		{"both", []error{failure, word}, `the disk is full; unknown flag "x"`, true},
		{"failures", []error{failure, failure}, "the disk is full; the disk is full", false},
	} {
		err := usage.Join(c.errs...)
		if got := fmt.Sprint(err); c.want != "" && got != c.want || (err == nil) != (c.want == "") || usage.Is(err) != c.is {
			t.Errorf("%s: %v, in the words of a call: %v; want %q and %v", c.name, err, usage.Is(err), c.want, c.is)
		}
	}
	if usage.Error(nil) != nil || !usage.Is(usage.Error(failure)) {
		t.Error("an error is not made one in the words of a call, or nil is")
	}
}
