package strictjson_test

import (
	"slices"
	"testing"

	"github.com/unipair/unipair/internal/strictjson"
)

// Differences come in the order of the names, and what one side has not is unset.
func TestDifferences(t *testing.T) {
	there := map[string]string{"same": "1", "loss": "circle", "gone": "x", "empty": ""}
	asked := map[string]string{"same": "1", "loss": "triplet", "come": "y"}
	want := []string{"come is unset, not y", "gone is x, not unset", "loss is circle, not triplet"}
	if got := strictjson.Differences(there, asked); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
