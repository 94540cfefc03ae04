package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
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
