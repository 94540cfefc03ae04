package train

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/sys/cpu"

	"github.com/unipair/unipair/internal/onednn"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// together brings several processes to where rank 0 is, and returns an error on all unless they are to do the same.
func (r *running) together() error {
	g := r.options.Ranks
	if g.Size() == 1 {
		return nil
	}
	if err := r.compare(); err != nil {
		return err
	}
	if err := r.meet(); err != nil {
		return err
	}
	r.note("%d processes share each step%s", g.Size(), r.learner.wholeOnEach())
	at := struct {
		Done, Resumed int
		Best          Best
		Stopped       bool
		Validated     bool // there is a best network
		FromSum       string
		History       []Record
	}{
		r.done, r.resumed, r.manifest.Best, r.manifest.Stopped, r.validator != nil && r.validator.values != nil, r.manifest.Config.FromSum,
		r.history,
	}
	if err := ranks.Tell(g, &at); err != nil {
		return err
	}
	r.done, r.resumed, r.manifest.Best, r.manifest.Stopped = at.Done, at.Resumed, at.Best, at.Stopped
	r.manifest.Config.FromSum, r.history = at.FromSum, at.History
	r.learner.config.FromSum = at.FromSum
	if g.Rank() > 0 {
		r.watch.limit = -1 // rank 0 watches
	}
	for _, v := range variablesOf(r.learner.store) { // before rank 0 writes a checkpoint, for which GoMLX adds a variable
		if !slices.Contains(r.learner.split, v) {
			r.shared = append(r.shared, v)
		}
	}
	if err := broadcast(g, r.shared); err != nil {
		return err
	}
	for _, v := range r.learner.split {
		if err := r.learner.classShare.deal(v); err != nil {
			return err
		}
	}
	if !at.Validated {
		return nil
	}
	if g.Rank() == 0 {
		if err := r.validator.values.Give(network.All(r.validator.embedder.layers)); err != nil {
			return err
		}
	}
	err := broadcast(g, variablesOf(r.validator.embedder.store))
	if err == nil {
		r.validator.values, err = network.CopyOf(network.All(r.validator.embedder.layers))
	}
	return err
}

// compare returns an error that names what a process is to train otherwise than rank 0. Only what differs is exchanged beside what rank 0 has: a
// manifest may name a million classes.
func (r *running) compare() error {
	g, mine := r.options.Ranks, r.manifest
	mine.Step, mine.Best, mine.Stopped = 0, Best{}, false
	var first struct {
		Manifest  Manifest
		SaveEvery int
	}
	if g.Rank() == 0 {
		first.Manifest, first.SaveEvery = mine, r.options.SaveEvery
	}
	if err := ranks.Tell(g, &first); err != nil {
		return fmt.Errorf("train: the settings of rank 0: %w", err)
	}
	mine.Config.FromSum = first.Manifest.Config.FromSum // rank 0 alone reads these weights
	differences, err := differing(mine, first.Manifest)
	if err := ranks.Agree(g, err); err != nil {
		return err
	}
	if r.options.SaveEvery != first.SaveEvery {
		differences = append(differences, fmt.Sprintf("the steps between checkpoints are %d, not %d", r.options.SaveEvery, first.SaveEvery))
	}
	all, err := ranks.Texts(g, strings.Join(differences, "; "))
	if err != nil {
		return err
	}
	for rank, others := range all {
		if others != "" {
			return ranks.Agreed{Err: fmt.Errorf("train: rank %d is to train otherwise than rank 0 (%s): give all ranks the same words, data and program",
				rank, others)}
		}
	}
	return nil
}

// broadcast gives all processes what rank 0 has in variables.
func broadcast(g ranks.Group, variables []*model.Variable) error {
	return eachValue(variables, func(v *model.Variable, value *tensors.Tensor) error {
		first, err := g.Broadcast(value)
		if err == nil && g.Rank() > 0 {
			err = v.SetValue(first)
		}
		return err
	})
}

// variablesOf lists the variables of a store, in an order that is the same on all processes.
func variablesOf(store *model.Store) (all []*model.Variable) {
	for v := range store.IterVariables() {
		all = append(all, v)
	}
	return all
}

// eachValue calls do with variables and their values.
func eachValue(variables []*model.Variable, do func(v *model.Variable, value *tensors.Tensor) error) error {
	for _, v := range variables {
		value, err := v.Value()
		if err == nil {
			err = do(v, value)
		}
		if err != nil {
			return fmt.Errorf("variable %s: %w", v.Path(), err)
		}
	}
	return nil
}

// note says something on rank 0.
func (r *running) note(format string, about ...any) {
	if r.options.Noted != nil {
		r.options.Noted(fmt.Sprintf(format, about...))
	}
}

// meet finds out whether processes compute with what may round differently, and says so.
func (r *running) meet() error {
	all, err := ranks.Texts(r.options.Ranks, machine(r.backend))
	if err != nil {
		return err
	}
	other := slices.IndexFunc(all, func(text string) bool { return text != all[0] })
	if r.mixed = other > 0; r.mixed {
		r.note("rank %d computes with another backend or processor than rank 0 (%s, not %s): rank 0 sends its network after each step",
			other, all[other], all[0])
	}
	return nil
}

// machine says what a process computes with, as far as it decides how numbers are rounded.
func machine(backend compute.Backend) string {
	// What a compiler makes of a graph goes by what the processor can, and how a library divides sums by how many there are.
	able := sha256.Sum256(fmt.Appendf(nil, "%+v %+v", cpu.X86, cpu.ARM64))
	by := cmp.Or(onednn.Convolver(backend), backend.Name())
	return fmt.Sprintf("%s, convolutions by %s, %s, processor %x, %d of %d cores", folders.ReplaceAllString(backend.Description(), ""), by,
		runtime.GOARCH, able[:3], runtime.GOMAXPROCS(0), runtime.NumCPU())
}

// folders matches those that a backend's library lies in: what it computes does not go by them.
var folders = regexp.MustCompile(`[^\s":]*/`)

// compareEvery counts the steps from one comparison of the processes' variables to the next.
const compareEvery = 100

// equal keeps the variables of all processes equal. Where they may round differently, all get the network of rank 0 after each step. Else they
// are compared once in a while and after the last step, and it is an error that names the process if one has others than rank 0.
func (r *running) equal() error {
	g := r.options.Ranks
	switch {
	case g.Size() == 1:
		return nil
	case r.mixed:
		moved := append(append(r.learner.learnt(), r.learner.layers.Running()...), r.learner.average.means...)
		return broadcast(g, slices.DeleteFunc(moved, func(v *model.Variable) bool { return slices.Contains(r.learner.split, v) }))
	case r.done%compareEvery != 0 && r.done != r.manifest.Config.Steps:
		return nil
	}
	var sums []string
	err := eachValue(r.shared, func(v *model.Variable, value *tensors.Tensor) error {
		return value.ConstBytes(func(data []byte) {
			sum := sha256.Sum256(data)
			sums = append(sums, v.Path()+" "+hex.EncodeToString(sum[:8]))
		})
	})
	if err != nil {
		return err
	}
	all, err := ranks.Texts(g, strings.Join(sums, "\n"))
	if err != nil {
		return err
	}
	for rank, text := range all {
		for i, theirs := range strings.Split(text, "\n") {
			if theirs != strings.Split(all[0], "\n")[i] {
				return fmt.Errorf("rank %d has other numbers than rank 0 in %s, though both compute with %s: its memory or processor has a fault, "+
					"its processor is of another model, by which a library divides sums otherwise, or a network that is given as a function has random "+
					"numbers of its own", rank, strings.Fields(theirs)[0], machine(r.backend))
			}
		}
	}
	return nil
}
