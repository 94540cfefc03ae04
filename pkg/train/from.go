package train

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// firstWeights returns the values of what a run begins with, and the configuration with their sum. A run that is resumed does not read
// them again, and has the sum that it had.
func (c Config) firstWeights(backend compute.Backend, o Options) (Config, network.Values, error) {
	if c.From == "" {
		return c, nil, nil
	}
	if there, ok := resumed(o.Dir); ok {
		if c.FromSum == "" && c.From == there.From {
			c.FromSum = there.FromSum
		}
		return c, nil, nil
	}
	read := c.fromFile
	about, err := os.Stat(c.From)
	if err == nil && about.IsDir() {
		if own, wrong := os.Stat(o.Dir); wrong == nil && os.SameFile(about, own) {
			err = errors.New("it is the run's own directory, where it goes on by itself: leave From (--from) out")
		}
		read = c.fromRun
	}
	if err != nil {
		return c, nil, fmt.Errorf("train: %s cannot be begun with: %w", c.From, err)
	}
	values, sum, err := read(backend, o.Network)
	if err == nil && c.FromSum != "" && c.FromSum != sum {
		err = fmt.Errorf("train: %s has other weights than those that are asked for (SHA-256 %s, not %s): give what has them, or leave "+
			"from_sha256 out", c.From, sum, c.FromSum)
	}
	c.FromSum = sum
	return c, values, err
}

// resumed returns the configuration of the checkpoint that a run in a directory goes on from, if there is one.
func resumed(dir string) (Config, bool) {
	if dir == "" {
		return Config{}, false
	}
	path, err := checkpoint.Newest(dir, checkpoint.Step)
	if err != nil {
		return Config{}, false
	}
	m, err := manifestOf(path)
	return m.Config, err == nil
}

// fromRun reads the network of a run that is to be used, and the sum of its weights.
func (c Config) fromRun(backend compute.Backend, f *Function) (network.Values, string, error) {
	path, err := checkpoint.ToUse(c.From)
	if err != nil {
		return nil, "", err
	}
	m, err := manifestOf(path)
	if err != nil {
		return nil, "", err
	}
	if err := c.fits(m.Config.Network); err != nil {
		return nil, "", err
	}
	embedder, err := loadFrom(backend, path, f)
	if err != nil {
		return nil, "", err
	}
	sum, err := checkpoint.SumOfValues(path)
	if err != nil {
		return nil, "", err
	}
	values, err := network.CopyOf(network.All(embedder.layers))
	return values, sum, err
}

// fits returns an error that names what a network has other than the configuration's, in its graph or in what is done to pictures.
func (c Config) fits(theirs Network) error {
	mine := c.Network
	for _, n := range []*Network{&mine, &theirs} {
		if !n.onFeatures() {
			n.Channels = n.channels()
		}
	}
	of := func(n Network) Manifest { return Manifest{Config: Config{Network: n}} }
	differences, err := differing(of(theirs), of(mine))
	if err == nil && len(differences) > 0 {
		err = fmt.Errorf("train: %s has another network (%s): train with its settings, or begin with another", c.From,
			strings.Join(differences, "; "))
	}
	return err
}

// fromFile reads the network of a safetensors file, and the file's sum.
func (c Config) fromFile(backend compute.Backend, f *Function) (network.Values, string, error) {
	layers, err := makeLayers(backend, model.NewStore(), c.Network, "", network.Source{}, f)
	if err != nil {
		return nil, "", err
	}
	return network.ReadWeights(c.From, layers, c.Network.words())
}

// begin gives the network its first values, where a configuration names some, unless the directory has a checkpoint to go on from.
func (l *learner) begin(dir string, first network.Values) error {
	if first != nil {
		if err := first.Give(network.All(l.layers)); err != nil {
			return err
		}
		return l.average.begin(first)
	}
	if l.config.Weights == "" {
		return nil
	}
	if dir != "" {
		if _, err := checkpoint.Newest(dir, checkpoint.Step); err == nil {
			return nil
		}
	}
	return l.layers.(network.Loader).Load(l.config.Weights)
}

// begin sets the means to first values.
func (a average) begin(first network.Values) error {
	for i, v := range a.of {
		value, err := first[v.Path()].LocalClone()
		if err == nil {
			err = a.means[i].SetValue(value)
		}
		if err != nil {
			return fmt.Errorf("train: cannot set variable %s: %w", a.means[i].Path(), err)
		}
	}
	return nil
}
