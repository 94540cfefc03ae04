package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

// runVersion says what the program was built from: a report of a fault needs it.
func runVersion(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("version", flag.ContinueOnError)
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	version, gomlx := "(unknown)", "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, module := range info.Deps {
			if module.Path == "github.com/gomlx/gomlx" {
				gomlx = module.Version
			}
		}
	}
	_, err := fmt.Fprintf(std.out, "unipair %s, GoMLX %s, %s %s/%s\n", version, gomlx, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
