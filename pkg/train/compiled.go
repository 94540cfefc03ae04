package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
)

// Compiled keeps the compiled graphs of runs, so that a further run which differs in its seed, steps or learning rates alone takes them as
// they are. Compiling a step takes as long as many steps. It also keeps the images that the last run has read, but of no run what it has
// learnt: a graph rests without values. What a run gives is the same to the bit with it and without. It is for runs of one backend, one
// after the other. Its zero value is empty.
//
// Steps of several devices or processes, in pieces, over blocks or samples of classes, and those of a network or loss of one's own are not
// kept.
type Compiled struct {
	steps     []kept[keptStep]
	embedders []kept[*Embedder]
	images    *data.PairBatches // that have read them
	Hits      int               // how many steps were taken as they were
	Misses    int               // and how many were compiled
}

// mostCompiled bounds how many steps are kept; the one that was not used for longest goes. [Compiled.Forget] lets others go before.
const mostCompiled = 64

type kept[T any] struct {
	key   string
	value T
}

// keptStep is the graph of a step with the variables that it is bound to.
type keptStep struct {
	learner   *learner
	stepper   wholeStep
	variables []*model.Variable // that a further run gives values: a checkpoint adds one
}

// forget frees the graph.
func (k keptStep) forget() {
	k.stepper.graph.exec.Finalize()
	k.learner.store.Finalize()
}

// take returns what is kept by a key, and moves it to the end, where it is kept for longest.
func take[T any](all []kept[T], key string) (value T, ok bool) {
	i := slices.IndexFunc(all, func(k kept[T]) bool { return k.key == key })
	if i < 0 {
		return value, false
	}
	found := all[i]
	copy(all[i:], all[i+1:])
	all[len(all)-1] = found
	return found.value, true
}

// step returns a learner and its stepper: those kept of an equal graph, with the values of l, or l with a stepper that make makes.
func (c *Compiled) step(l *learner, batches *data.PairBatches, options Options, make func() (stepper, error)) (*learner, stepper, error) {
	if c == nil || options.Loss != nil || options.Network != nil || options.Devices > 1 || options.Ranks.Size() > 1 {
		made, err := make()
		return l, made, err
	}
	key, err := l.key(batches)
	if err != nil {
		return nil, nil, err
	}
	if there, ok := take(c.steps, key); ok {
		c.Hits++
		there.learner.config = l.config
		return there.learner, there.stepper, give(there.learner.store, l.store)
	}
	made, err := make()
	whole, ok := made.(wholeStep)
	if err != nil || !ok {
		return l, made, err
	}
	c.Misses++
	if len(c.steps) == mostCompiled {
		c.steps[0].value.forget()
		c.steps = slices.Delete(c.steps, 0, 1)
	}
	c.steps = append(c.steps, kept[keptStep]{key, keptStep{l, whole, variablesOf(l.store)}})
	return l, made, nil
}

// rest frees what a run has learnt, if its step is kept: weights and their moments are three times the network's bytes.
func (c *Compiled) rest(l *learner) (all error) {
	if c == nil {
		return nil
	}
	for _, k := range c.steps {
		if k.value.learner != l {
			continue
		}
		for _, v := range k.value.variables {
			all = errors.Join(all, v.Reset())
		}
	}
	return all
}

// Forget lets go of the steps whose last run had such a configuration: no further run will have their graph.
func (c *Compiled) Forget(such func(Config) bool) {
	c.steps = slices.DeleteFunc(c.steps, func(k kept[keptStep]) bool {
		forgotten := such(k.value.learner.config)
		if forgotten {
			k.value.forget()
		}
		return forgotten
	})
}

// share lets batches take the images that those of the run before have read.
func (c *Compiled) share(batches *data.PairBatches) {
	if c != nil {
		batches.ShareImages(c.images)
		c.images = batches
	}
}

// key tells graphs of steps apart: all of a configuration but what is an input of the graph or a first value of its variables.
func (l *learner) key(batches *data.PairBatches) (string, error) {
	c := l.config
	c.Seed, c.Steps, c.Warmup, c.LearningRate, c.ClassLearningRate, c.Validation = 0, 0, 0, 0, 0, Validation{}
	c.Schedule, c.DropEvery, c.DropFactor = "", 0, 0
	c.Set, c.Weights, c.From, c.FromSum = nil, "", "", ""
	text, err := json.Marshal(c)
	_, _, several := data.Labels(batches.Dataset)
	return fmt.Sprintf("%s %T%+v %d %t %t", text, l.objective.loss, l.objective.loss, len(batches.Dataset.Classes()), l.numbered, several), err
}

// give moves the values of a store's variables to those of another, which has the same ones.
func give(to, from *model.Store) error {
	var all error
	for v := range from.IterVariables() {
		value, err := v.Value()
		if err == nil {
			err = to.GetVariable(v.Path()).SetValue(value)
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("train: cannot set variable %s: %w", v.Path(), err))
		}
	}
	return all
}

// validator returns a validator whose network is compiled but once.
func (c *Compiled) validator(backend compute.Backend, config Config, options Options, held data.Dataset) (*validator, error) {
	if c == nil || options.Network != nil {
		return newValidator(backend, config, options, held)
	}
	embedder, err := c.embedder(backend, config.Network)
	return &validator{backend: backend, held: held, ranks: options.Ranks, embedder: embedder}, err
}

// embedder returns the one kept embedder of a network, whatever its values are.
func (c *Compiled) embedder(backend compute.Backend, n Network) (*Embedder, error) {
	text, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	if there, ok := take(c.embedders, string(text)); ok {
		return there, nil
	}
	made, err := freshEmbedder(backend, n, 0, nil)
	if err == nil {
		c.embedders = append(c.embedders, kept[*Embedder]{string(text), made})
	}
	return made, err
}

// Load does what [Load] does, without compiling a network anew. The embedder is good until the next run or Load with c: they share it.
func (c *Compiled) Load(backend compute.Backend, dir string) (*Embedder, error) {
	path, err := checkpoint.ToUse(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := manifestOf(path)
	if err != nil {
		return nil, err
	}
	embedder, err := c.embedder(backend, manifest.Config.Network)
	if err != nil {
		return nil, err
	}
	return embedder, checkpoint.Restore(path, embedder.store, averagePrefix)
}

// Untrained does what [NewEmbedder] does, without compiling a network anew. The embedder is shared as that of Load.
func (c *Compiled) Untrained(backend compute.Backend, n Network, seed uint64) (*Embedder, error) {
	embedder, err := c.embedder(backend, n)
	if err != nil {
		return nil, err
	}
	fresh, err := freshEmbedder(backend, n, seed, nil)
	if err != nil {
		return nil, err
	}
	return embedder, give(embedder.store, fresh.store)
}
