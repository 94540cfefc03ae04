// Package pretrained opens the networks from elsewhere that a training names, an ONNX file or one of the hub, and puts them before heads.
package pretrained

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/hub"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/train"
)

// Wrong returns an error, before any work, where an architecture names a file that is not there, or nothing that the hub could have. It is
// nil for an architecture that is not from elsewhere.
func Wrong(n train.Network) error {
	if !n.IsBackbone() {
		return nil
	}
	if words, ok := strings.CutPrefix(string(n.Architecture), train.HubPrefix); ok {
		_, err := hub.Parse(words)
		return usage.Error(err)
	}
	path := strings.TrimPrefix(string(n.Architecture), train.ONNXPrefix)
	if about, err := os.Stat(path); err != nil {
		return usage.Errorf("--architecture: %w", err)
	} else if about.IsDir() {
		return usage.Errorf("--architecture: %s is a folder: name the ONNX file in it", path)
	}
	return nil
}

// pinned returns a network of the hub as a run that goes on has it, where words leave its commit open: with what was found when it was
// fetched. Nobody is asked then.
func pinned(words, there train.Network) train.Network {
	of := func(n train.Network) (hub.Address, error) {
		return hub.Parse(strings.TrimPrefix(string(n.Architecture), train.HubPrefix))
	}
	a, wrong := of(there)
	b, other := of(words)
	if wrong != nil || other != nil || !a.Pins(b) {
		return words
	}
	words.Architecture = there.Architecture
	words.Backbone.Licence = there.Backbone.Licence
	words.Backbone.Size = cmp.Or(words.Backbone.Size, there.Backbone.Size)
	words.Backbone.Pixels = cmp.Or(words.Backbone.Pixels, there.Backbone.Pixels)
	return words
}

// found is a network's file, and what is known of it beside.
type found struct {
	path     string
	name     train.Architecture // by which it is found again
	licence  string
	prepared *hub.Prepared // nil where nothing says how pictures are prepared
}

// find finds a network's file. One of the hub is downloaded unless it is in the cache; its licence is told first.
func find(ctx context.Context, n train.Network, tell func(string, ...any)) (found, error) {
	if path, ok := strings.CutPrefix(string(n.Architecture), train.ONNXPrefix); ok {
		path, err := filepath.Abs(path)
		return found{path: path, name: train.Architecture(train.ONNXPrefix + path), licence: n.Backbone.Licence}, err
	}
	address, err := hub.Parse(strings.TrimPrefix(string(n.Architecture), train.HubPrefix))
	if err != nil {
		return found{}, usage.Error(err)
	}
	if n.Backbone.SHA256 != "" && address.File != "" { // it was opened before, and what is known of it is recorded
		if path, ok := hub.Cached(address, address.File); ok {
			return found{path: path, name: n.Architecture, licence: n.Backbone.Licence}, nil
		}
	}
	m, err := hub.Look(ctx, address)
	if err != nil {
		return found{}, err
	}
	name, err := m.Network()
	if err != nil {
		return found{}, err
	}
	licence := m.License
	if licence == "" {
		licence = "not said on its page"
	}
	tell("%s: licence: %s; at the commit %s", m.Repo, licence, m.Revision)
	f := found{licence: licence}
	if f.path, err = m.Fetch(ctx, name); err != nil {
		return found{}, err
	}
	address = m.Address
	address.File = name
	f.name = train.Architecture(train.HubPrefix + address.String())
	if m.Has(hub.PreparationName) {
		path, err := m.Fetch(ctx, hub.PreparationName)
		if err != nil {
			return found{}, err
		}
		prepared, err := hub.ReadPreparation(path)
		if err != nil && n.Backbone.Pixels != (train.Pixels{}) { // which the words have said in its place
			return f, nil
		}
		if err != nil {
			return found{}, fmt.Errorf("%w; give --input or --input-scale, --input-mean and --input-std", err)
		}
		f.prepared = &prepared
	}
	return f, nil
}
