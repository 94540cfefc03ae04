package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
)

// errHelp ends a command that was asked for its flags and has printed them.
var errHelp = errors.New("help was asked for")

// parse reads a command's flags. `--help` prints them to std.out and returns errHelp; a wrong flag is an error of package usage that names
// the flag that was probably meant. Unless allowed, arguments that are not flags are refused.
func parse(flags *flag.FlagSet, args []string, std stdio, positional bool) error {
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return errors.Join(errHelp, printCommand(flags, std.out))
	case err != nil:
		return usage.Errorf("%s: %s", flags.Name(), inDashes(flags, err))
	case !positional && flags.NArg() > 0:
		return usage.Errorf("%s: unexpected argument %q; flags are written --name value, and what has spaces in quotes",
			flags.Name(), flags.Arg(0))
	}
	return nil
}

// interleaved reads the flags that come after words, as in `report 02 --out there`, and returns the words.
func interleaved(flags *flag.FlagSet, std stdio) (words []string, err error) {
	for flags.NArg() > 0 {
		words = append(words, flags.Arg(0))
		if err := parse(flags, flags.Args()[1:], std, true); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// What package flag writes of a flag.
var (
	unknownFlag  = regexp.MustCompile(`^flag provided but not defined: -(.*)$`)
	needsValue   = regexp.MustCompile(`^flag needs an argument: -(.*)$`)
	invalidValue = regexp.MustCompile(`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([^ :]+): (.*)$`)
)

// inDashes says what is wrong with a flag, naming it with two dashes.
func inDashes(flags *flag.FlagSet, err error) string {
	text := err.Error()
	if found := unknownFlag.FindStringSubmatch(text); found != nil {
		if meant := meantFlag(found[1], flags); meant != "" {
			return fmt.Sprintf("unknown flag --%s: did you mean --%s?", found[1], meant)
		}
		return fmt.Sprintf("unknown flag --%s: unipair %s --help lists the flags", found[1], flags.Name())
	}
	if found := needsValue.FindStringSubmatch(text); found != nil {
		return fmt.Sprintf("--%s needs a value: write --%s=VALUE", found[1], found[1])
	}
	if found := invalidValue.FindStringSubmatch(text); found != nil {
		value, name, reason := found[1], found[2], found[3]
		if kind := kindOf(flags.Lookup(name)); kind != "" {
			reason = fmt.Sprintf("want %s, got %s", kind, value)
		}
		return fmt.Sprintf("--%s: %s", name, reason)
	}
	return text
}

// elsewhere has flags of other programs, and what ours are: the first that a command has is meant. Where several words stand for one, the
// first of them says whether a command has them.
var elsewhere = map[string][]string{
	"lr": {"learning-rate"}, "epochs": {"steps"}, "iterations": {"steps"}, "batch-size": {"classes and --per-class"},
	"model": {"checkpoint", "architecture"}, "arch": {"architecture"}, "backbone": {"architecture"}, "embedding-size": {"dim"},
	"embedding-dim": {"dim"}, "dataset": {"data"}, "input": {"data"}, "output": {"out"}, "output-dir": {"out"}, "optim": {"optimizer"},
	"scheduler": {"schedule"}, "wd": {"weight-decay"}, "k": {"recall-at"},
}

// meantFlag returns the flag that an unknown one was probably meant to be; empty where none is near. The parameters of losses have none of
// their own.
func meantFlag(name string, flags *flag.FlagSet) string {
	for _, meant := range elsewhere[name] {
		if first, _, _ := strings.Cut(meant, " "); flags.Lookup(first) != nil {
			return meant
		}
	}
	if flags.Lookup("set") != nil && isParameter(name) {
		return "set " + name + "=VALUE"
	}
	if near, ok := suggest.Near(name, flagNames(flags)); ok {
		return near
	}
	return ""
}

// isParameter reports whether a loss has a parameter of the name.
func isParameter(name string) bool {
	return slices.ContainsFunc(losses.Catalogue(), func(e losses.Entry) bool {
		return slices.ContainsFunc(e.Parameters(), func(p losses.Parameter) bool { return p.Name == name })
	})
}

// kindOf says what values a flag of a basic type takes; empty for other flags, which say it themselves.
func kindOf(f *flag.Flag) string {
	typed, ok := f.Value.(flag.Getter)
	if !ok {
		return ""
	}
	switch typed.Get().(type) {
	case int:
		return "a whole number"
	case uint64:
		return "a whole number from 0 on"
	case float64:
		return "a number"
	case bool:
		return "true or false"
	}
	return ""
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

// places collects a repeated flag of files or directories.
type places []string

// String implements [flag.Value].
func (p *places) String() string { return strings.Join(*p, ", ") }

// Set implements [flag.Value].
func (p *places) Set(text string) error {
	if text == "" {
		return errors.New("want a directory")
	}
	if slices.Contains(*p, text) {
		return fmt.Errorf("%s is given twice", text)
	}
	*p = append(*p, text)
	return nil
}

// unless returns an error for a condition that is not met.
func unless(met bool, err error) error {
	if met {
		return nil
	}
	return err
}

// wrongPart returns an error unless a command can take the part.
func wrongPart(of, part string) error {
	if part != "" && !slices.Contains(datasets.PartNames, part) {
		return usage.Errorf("%s: unknown part %q: %s", of, part, suggest.For(part, datasets.PartNames))
	}
	return nil
}

const aboutCheckpoint = "`directory` that unipair train --out wrote; several are an ensemble"

// readCheckpoints returns what the checkpoints are of, before any work.
func readCheckpoints(dirs places, views bool) (ensemble.Checkpoints, error) {
	if len(dirs) == 0 {
		return ensemble.Checkpoints{}, usage.Errorf("which checkpoint? --checkpoint takes the directory that `unipair train --out` wrote")
	}
	return ensemble.Read(dirs, views)
}

// openBackend opens the backend of the machine, and says which it is.
func openBackend(std stdio) (compute.Backend, error) { return openDevices(std, 1) }

// openDevices opens the backend of the machine with so many devices, and says which it is.
func openDevices(std stdio, devices int) (compute.Backend, error) {
	device, line, err := backend.OpenDevices(devices)
	if err == nil {
		fmt.Fprintln(std.err, line)
	}
	return device, err
}
