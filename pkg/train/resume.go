package train

import (
	"cmp"
	"errors"
	"io/fs"

	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// open takes the run's directory and resumes what is there.
func (r *running) open(dir string) error {
	if err := checkpoint.Fits(r.manifest.sealedBy); err != nil {
		return err
	}
	var err error
	if r.unlock, err = checkpoint.Hold(dir); err != nil {
		return err
	}
	if err := r.resume(dir); err != nil {
		return err
	}
	if r.journal, err = checkpoint.OpenJournal(dir, r.done, upTo(r.done, &r.history)); err != nil {
		return err
	}
	for _, record := range r.history {
		if err := r.watch.see(record, r.manifest.Config); err != nil {
			r.watch.flat = 0 // it was given up here, and is asked to go on
			r.givenUp = cmp.Or(r.givenUp, err)
		}
	}
	return nil
}

// resume brings back the newest checkpoint, and the best, where they are of the same run. A best one from after the newest, or from before
// there was one, comes to be again.
func (r *running) resume(dir string) error {
	paths, there := make(map[checkpoint.Kind]string), make(map[checkpoint.Kind]Manifest)
	for _, kind := range []checkpoint.Kind{checkpoint.Step, checkpoint.Best} {
		path, err := checkpoint.Newest(dir, kind)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		m, wrong := Manifest{}, err
		if err == nil {
			m, wrong = manifestOf(path)
		}
		if wrong == nil {
			wrong = m.resumable(dir, r.manifest)
		}
		if wrong != nil {
			return wrong
		}
		paths[kind], there[kind] = path, m
	}
	last, ok := there[checkpoint.Step]
	if !ok {
		return nil
	}
	if err := checkpoint.Restore(paths[checkpoint.Step], r.learner.store, ""); err != nil {
		return err
	}
	r.done, r.resumed = last.Step, last.Step
	r.manifest.Best, r.manifest.Stopped = last.Best, last.Stopped
	if r.validator == nil || last.Best.Step == 0 {
		return nil
	}
	path, err := checkpoint.Newest(dir, checkpoint.Best)
	if err != nil {
		return err
	}
	if err := checkpoint.Restore(path, r.validator.embedder.store, ""); err != nil {
		return err
	}
	r.validator.values, err = network.CopyOf(network.All(r.validator.embedder.layers))
	return err
}
