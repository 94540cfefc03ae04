package datasets

import (
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// Counted says how many classes a set has, or how many labels, where an image has several.
func Counted(set data.Dataset) string {
	if names, _, several := data.Labels(set); several {
		return fmt.Sprintf("%d labels in %d sets", len(names), len(set.Classes()))
	}
	return fmt.Sprintf("%d classes", len(set.Classes()))
}
