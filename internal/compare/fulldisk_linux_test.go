package compare

import (
	"errors"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/disktest"
)

// A disk that is full in the middle, of a training or of the test, is said in one line, and the same comparison goes on to the same bits
// once there is room.
func TestNoSpaceLeft(t *testing.T) {
	disktest.Small(t, func(dir string) {
		s := small("circle", "softmax")
		whole, _, err := compared(t, t.TempDir(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ name, when, want string }{
			{"in a training", "softmax, seed 1 of 2 (", "compare: circle, seed 2 of 2: "},
			{"in the test", "softmax, seed 2 of 2 (", "cannot write " + dir},
		} {
			var makeRoom func()
			_, _, err := compared(t, dir, s, func(said string) bool {
				if makeRoom == nil && strings.Contains(said, c.when) {
					makeRoom = disktest.Fill(t, dir, 0)
				}
				return false
			})
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%s: error %v, want no space left, with %q", c.name, err, c.want)
			}
			makeRoom()
		}
		resumed, _, err := compared(t, dir, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(untimed(resumed), untimed(whole)) {
			t.Errorf("it ended with\n%v, want\n%v", untimed(resumed), untimed(whole))
		}
	})
}
