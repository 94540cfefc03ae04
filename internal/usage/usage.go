// Package usage tells what is wrong with the words of a call from what is wrong with the work: a program ends with an exit code for each.
package usage

import (
	"errors"
	"fmt"
	"strings"
)

// wrong is an error in what the user has said.
type wrong struct{ error }

// Unwrap returns what a wrong is made of.
func (w wrong) Unwrap() error { return w.error }

// Errorf returns an error in what the user has said: in a flag, a name or a file that is given to be read.
func Errorf(format string, args ...any) error { return wrong{fmt.Errorf(format, args...)} }

// Error returns an error as one in what the user has said; nil stays nil.
func Error(err error) error {
	if err == nil {
		return nil
	}
	return wrong{err}
}

// Is reports whether an error, or one that it wraps, is in what the user has said.
func Is(err error) bool {
	_, is := errors.AsType[wrong](err)
	return is
}

// Join returns one error of several, some of which may be nil, in one line, so that the user sees every mistake of a call at once. It is in
// what the user has said if one of them is.
func Join(errs ...error) error {
	var texts []string
	for _, err := range errs {
		if err != nil {
			texts = append(texts, err.Error())
		}
	}
	all := errors.Join(errs...)
	if len(texts) < 2 {
		return all
	}
	joined := errors.New(strings.Join(texts, "; "))
	if Is(all) {
		return wrong{joined}
	}
	return joined
}
