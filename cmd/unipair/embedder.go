package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// places collects a repeated flag of directories.
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

const aboutCheckpoint = "`directory` that unipair train --out wrote; several are an ensemble"

// readManifests returns what the checkpoints are of, before any work.
func readManifests(dirs places) ([]train.Manifest, error) {
	if len(dirs) == 0 {
		return nil, usage.Errorf("which checkpoint? --checkpoint takes the directory that `unipair train --out` wrote")
	}
	var manifests []train.Manifest
	for _, dir := range dirs {
		m, err := train.ReadManifest(dir)
		if err != nil {
			return nil, err
		}
		manifests = append(manifests, m)
	}
	return manifests, nil
}

// openEmbedder opens the backend and loads checkpoints into an ensemble, be it of one. With views it sees each image in further ways.
func openEmbedder(std stdio, dirs places, views bool) (train.Ensemble, error) {
	device, line, err := backend.Open()
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(std.err, line)
	return loadEnsemble(device, dirs, views)
}

func loadEnsemble(device compute.Backend, dirs places, views bool) (train.Ensemble, error) {
	var members train.Ensemble
	for _, dir := range dirs {
		member, err := train.Load(device, dir)
		if err != nil {
			return nil, err
		}
		if views {
			member.Views = data.SmallViews()
		}
		members = append(members, member)
	}
	return members, nil
}

// learntFrom is the classes that any of the checkpoints was trained on.
func learntFrom(manifests []train.Manifest) map[string]bool {
	classes := make(map[string]bool)
	for _, m := range manifests {
		for _, class := range m.Trained {
			classes[class] = true
		}
	}
	return classes
}
