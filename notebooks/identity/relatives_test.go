package identity_test

import (
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/identity"
)

// What a loss is said to be beside eq. (1) is what the plane shows: equal pushes for eq. (1) itself, an own logit that s_n does not move
// for another logit, and neither for what is not of this form.
func TestRelativesAreWhatTheyAreSaidToBe(t *testing.T) {
	const none = 1e-6
	count := map[identity.Kind]int{}
	for _, r := range identity.Relatives() {
		place, err := identity.PlaceOf(backendtest.Go(t), r)
		if err != nil {
			t.Fatal(err)
		}
		count[r.Kind]++
		equal := place.Unequal < none
		switch r.Kind {
		case identity.Exact:
			if !place.Seen || !equal || r.Scale > 0 && !(place.Logit < none) {
				t.Errorf("%s: %+v, want equal pushes and an own logit that stays", r.Name, place)
			}
		case identity.Logit:
			if !(place.Logit < none) {
				t.Errorf("%s: %+v, want an own logit that stays", r.Name, place)
			}
		default:
			if place.Seen && equal {
				t.Errorf("%s: %+v, want unequal pushes, or a look at other rows", r.Name, place)
			}
		}
	}
	for kind, want := range map[identity.Kind]int{identity.Exact: 5, identity.Logit: 4, identity.Softly: 2, identity.Another: 4} {
		if count[kind] != want {
			t.Errorf("%d losses are %q, want %d", count[kind], kind, want)
		}
	}
}
