package losses

import "reflect"

// foldingOf returns a loss as the sums that it is. A struct that embeds such a loss has its sums too, but it may have a PerAnchor of
// its own, which they would pass over: it is taken by that alone.
func foldingOf(loss Loss) (Folding, bool) {
	folding, ok := loss.(Folding)
	if t := reflect.TypeOf(loss); ok && t.Kind() == reflect.Struct {
		for field := range t.Fields() {
			if field.Anonymous && field.Type.Implements(reflect.TypeFor[Folding]()) {
				return nil, false
			}
		}
	}
	return folding, ok
}
