package train

import (
	"fmt"
	"strings"

	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/internal/suggest"
)

// resumable returns an error unless a run of asked may go on from checkpoint m in dir. All must be the same but the step, and, where the
// learning rate does not go by it, how many steps there are in all.
func (m Manifest) resumable(dir string, asked Manifest) error {
	longer := asked
	longer.Config.Steps = m.Config.Steps
	differences, err := differing(m, longer)
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	c, steps := m.Config, asked.Config.Steps
	why, ask := m.unsteady(steps)
	switch {
	case len(differences) == 0 && why == "":
		return nil
	case len(differences) == 0:
		return fmt.Errorf("train: %s holds a run of %d steps, of which %d are done, and %d are asked for: %s: ask for %s, "+
			"or give another directory", dir, c.Steps, m.Step, steps, why, ask)
	case why != "":
		differences = append(differences, fmt.Sprintf("steps is %d, not %d: %s", c.Steps, steps, why))
	case len(differences) == 1 && c.Warmup != asked.Config.Warmup && c.Steps != steps:
		return fmt.Errorf("train: %s holds a run that warmed up over %d steps, and one of %d steps would over %d: to make it longer "+
			"ask for the same (--warmup %d), or give another directory", dir, c.Warmup, steps, asked.Config.Warmup, c.Warmup)
	}
	return fmt.Errorf("train: %s holds another run (%s): give the same settings and data to resume it, or another directory",
		dir, strings.Join(differences, "; "))
}

// unsteady says why a run cannot come to have so many steps, and for how many one may ask; both are empty where it can.
func (m Manifest) unsteady(asked int) (why, ask string) {
	c := m.Config
	switch {
	case asked == c.Steps:
	case asked < m.Step:
		return "steps that are done cannot be taken back", fmt.Sprint(m.Step)
	case c.Schedule == ScheduleCosine:
		return fmt.Sprintf("its learning rate falls with the part of all steps that is done, so that a run of %d would have begun otherwise",
				asked),
			fmt.Sprintf("%d (a run can be made longer where its schedule is %s or %s)", c.Steps, ScheduleConstant, ScheduleDrops)
	case m.Step == c.Steps && c.Validation.Every > 0 && m.Step%c.Validation.Every != 0:
		return fmt.Sprintf("it was validated after its last step, %d, as a longer run is not, which is so every %d steps",
				m.Step, c.Validation.Every),
			fmt.Sprint(c.Steps)
	}
	return "", ""
}

// differing lists what two manifests differ in, as "loss is circle, not triplet", by the names in JSON.
func differing(there, asked Manifest) ([]string, error) {
	if there.Images == 0 { // from before they were counted
		asked.Images = 0
	}
	a, err := flatten(there)
	if err != nil {
		return nil, err
	}
	b, err := flatten(asked)
	if err != nil {
		return nil, err
	}
	return append(strictjson.Differences(a, b), otherData(there, asked)...), nil
}

// otherData lists what is not in the counts of two manifests: which classes came or went, and images that changed places.
func otherData(there, asked Manifest) (differences []string) {
	if there.Config.Validation != asked.Config.Validation {
		return nil // then other classes are held out of the same data
	}
	for _, classes := range []struct {
		what          string
		these, except []string
	}{
		{"no longer trained on", there.Trained, asked.Trained},
		{"not trained on before", asked.Trained, there.Trained},
	} {
		if there.Trained == nil {
			continue // from before they were kept
		}
		if names := without(classes.these, classes.except); len(names) > 0 {
			differences = append(differences, fmt.Sprintf("%s: %s", classes.what, suggest.Some(names)))
		}
	}
	if len(differences) > 0 || there.Images == 0 { // from before they were counted
		return differences
	}
	for _, content := range []struct {
		what         string
		there, asked Content
	}{{"images", there.Content, asked.Content}, {"validation images", there.Validated, asked.Validated}} {
		if content.there.Images == content.asked.Images && content.there.Labels != content.asked.Labels {
			differences = append(differences, "its "+content.what+" are of other classes than before, or in another order")
		}
	}
	return differences
}

// without returns the names that are not among others.
func without(names, others []string) (left []string) {
	known := make(map[string]bool, len(others))
	for _, name := range others {
		known[name] = true
	}
	for _, name := range names {
		if !known[name] {
			left = append(left, name)
		}
	}
	return left
}

// flatten returns every setting of a manifest as text by its name in JSON, those of inner objects as "augment.shear".
func flatten(m Manifest) (map[string]string, error) {
	settings, err := strictjson.Flatten(m.Config)
	if err != nil {
		return nil, err
	}
	for prefix, content := range map[string]Content{"": m.Content, "validation_": m.Validated} {
		if content != (Content{}) {
			settings[prefix+"data"] = content.Data
			settings[prefix+"data_classes"] = fmt.Sprint(content.Classes)
			settings[prefix+"data_images"] = fmt.Sprint(content.Images)
		}
	}
	return settings, nil
}
