package file

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ParseJSON reads a value from a text that is JSON and nothing else. The error is in the words of the text, not of Go's types.
func ParseJSON(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("another value than its %s is wanted", wrong.Value)
		}
		return fmt.Errorf("%s cannot be a %s", wrong.Field, wrong.Value)
	}
	return err
}
