package strictjson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Flatten returns every value of a struct as text by its name in JSON, those of inner objects as "augment.shear". Lists are one value.
func Flatten(value any) (map[string]string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // a seed may have more digits than a float64
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	all := make(map[string]string)
	var walk func(prefix string, branch map[string]any)
	walk = func(prefix string, branch map[string]any) {
		for name, value := range branch {
			if inner, ok := value.(map[string]any); ok {
				walk(prefix+name+".", inner)
			} else {
				all[prefix+name] = fmt.Sprint(value)
			}
		}
	}
	walk("", tree)
	return all, nil
}

// Differences lists what two flat structs differ in, as "loss is circle, not triplet", in the order of the names. What a struct has not is unset.
func Differences(there, asked map[string]string) (all []string) {
	names := maps.Clone(there)
	maps.Copy(names, asked)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if x, y := cmp.Or(there[name], "unset"), cmp.Or(asked[name], "unset"); x != y {
			all = append(all, fmt.Sprintf("%s is %s, not %s", name, x, y))
		}
	}
	return all
}
