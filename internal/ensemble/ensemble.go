// Package ensemble opens trained networks: one checkpoint, or several as an ensemble.
package ensemble

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Checkpoints are one or several, whose weights are not read yet.
type Checkpoints struct {
	Dirs      []string
	Manifests []train.Manifest
	Views     bool      // each image is seen in further, slightly changed ways
	To        io.Writer // is told how far a network from elsewhere, and the embedding of a set, is; nil is nobody

	Ranks ranks.Group // share the images that are embedded; nil is this process alone
}

// Read reads what the checkpoints in directories are of.
func Read(dirs []string, views bool) (Checkpoints, error) {
	c := Checkpoints{Dirs: dirs, Views: views}
	for _, dir := range dirs {
		m, err := train.ReadManifest(dir)
		if err != nil {
			return Checkpoints{}, err
		}
		c.Manifests = append(c.Manifests, m)
	}
	return c, nil
}

// Load reads the networks.
func (c Checkpoints) Load(backend compute.Backend) (train.Ensemble, error) {
	var members train.Ensemble
	var embedded *progress.Gauge
	if c.To != nil {
		embedded = progress.NewGauge(c.To, "images", 1)
	}
	for i, dir := range c.Dirs {
		member, err := pretrained.Load(context.Background(), backend, dir, c.Manifests[i].Config.Network, c.To)
		if err != nil {
			return nil, err
		}
		if c.Views {
			member.Views = data.SmallViews()
		}
		if embedded != nil {
			member.Progress = func(set string, done, of int) {
				if len(c.Dirs) > 1 {
					set += fmt.Sprintf(" by network %d of %d", i+1, len(c.Dirs))
				}
				embedded.Show("embedding "+set, int64(done), int64(of))
			}
		}
		members = append(members, member)
	}
	return members, nil
}

// Learnt returns the classes that any of the networks was trained on.
func (c Checkpoints) Learnt() map[string]bool {
	classes := make(map[string]bool)
	for _, m := range c.Manifests {
		for _, class := range m.Trained {
			classes[class] = true
		}
	}
	return classes
}

// String describes the networks for people.
func (c Checkpoints) String() string {
	var all []string
	for i, m := range c.Manifests {
		step := m.Step
		if m.Best.Step > 0 {
			step = m.Best.Step
		}
		all = append(all, fmt.Sprintf("%s (%s on %s, step %d, seed %d)", c.Dirs[i], m.Config.Loss, m.Data, step, m.Config.Seed))
	}
	text := strings.Join(all, "; ")
	if c.Views {
		text += "; each image seen in 9 ways"
	}
	return text
}

// Sums returns the SHA-256 of each network's weights.
func (c Checkpoints) Sums() ([]string, error) {
	sums := make([]string, len(c.Dirs))
	for i, dir := range c.Dirs {
		var err error
		if sums[i], err = train.WeightsSum(dir); err != nil {
			return nil, err
		}
	}
	return sums, nil
}
