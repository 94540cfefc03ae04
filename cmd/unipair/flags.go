package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/unipair/unipair/internal/nearest"
)

// errHelp ends a command that was asked for its flags and has printed them.
var errHelp = errors.New("help was asked for")

// parse reads a command's flags. `--help` prints them to std.out and returns errHelp; a wrong flag is a usageError that names
// the nearest known one. Unless allowed, arguments that are not flags are refused.
func parse(flags *flag.FlagSet, args []string, std stdio, positional bool) error {
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(std.out, "unipair %s\n", flags.Name())
		flags.SetOutput(std.out)
		flags.PrintDefaults()
		return errHelp
	case err != nil:
		if name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); unknown {
			return usagef("%s: unknown flag --%s: %s", flags.Name(), name, nearest.Suggest(name, flagNames(flags)))
		}
		return usagef("%s: %w", flags.Name(), err)
	case !positional && flags.NArg() > 0:
		return usagef("%s: unexpected argument %q; flags are written --name value", flags.Name(), flags.Arg(0))
	}
	return nil
}

func flagNames(flags *flag.FlagSet) []string {
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	return names
}

// settings collects repeated `--set name=value` flags.
type settings map[string]string

// String implements [flag.Value].
func (s settings) String() string { return fmt.Sprint(map[string]string(s)) }

// Set implements [flag.Value].
func (s settings) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("want name=value, got %q", text)
	}
	if _, twice := s[name]; twice {
		return fmt.Errorf("%s is set twice", name)
	}
	s[name] = value
	return nil
}
