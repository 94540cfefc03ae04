package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// resumable returns an error unless a run of asked may go on from checkpoint m in dir: all must be the same but the step.
func (m Manifest) resumable(dir string, asked Manifest) error {
	differences, err := differing(m, asked)
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if len(differences) > 0 {
		return fmt.Errorf("train: %s holds another run (%s): give the same settings to resume it, or another directory",
			dir, strings.Join(differences, "; "))
	}
	return nil
}

// differing lists what two manifests differ in, as "loss is circle, not triplet", by the names in JSON.
func differing(there, asked Manifest) ([]string, error) {
	a, err := flatten(there)
	if err != nil {
		return nil, err
	}
	b, err := flatten(asked)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(a)
	maps.Copy(names, b)
	var differences []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if x, y := orNone(a[name]), orNone(b[name]); x != y {
			differences = append(differences, fmt.Sprintf("%s is %s, not %s", name, x, y))
		}
	}
	return differences, nil
}

func orNone(text string) string {
	if text == "" {
		return "unset"
	}
	return text
}

// flatten returns every setting of a manifest as text by its name in JSON, those of inner objects as "augment.shear".
func flatten(m Manifest) (map[string]string, error) {
	settings := map[string]string{"data": m.Data, "data_classes": fmt.Sprint(m.Classes)}
	text, err := json.Marshal(m.Config)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // a seed may have more digits than a float64
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	var walk func(prefix string, branch map[string]any)
	walk = func(prefix string, branch map[string]any) {
		for name, value := range branch {
			if inner, ok := value.(map[string]any); ok {
				walk(prefix+name+".", inner)
			} else {
				settings[prefix+name] = fmt.Sprint(value)
			}
		}
	}
	walk("", tree)
	return settings, nil
}
