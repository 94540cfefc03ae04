package train_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// alike fails unless two histories have the same losses to a tolerance. AdamW divides by the gradient's own size, so that rounding
// grows from step to step.
func alike(t *testing.T, what string, got, want []train.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d steps, want %d", what, len(got), len(want))
	}
	for i, record := range want {
		tolerance := 1e-6
		if i > 0 {
			tolerance = 1e-4
		}
		if x := got[i].Loss; !(math.Abs(x-record.Loss) <= tolerance*math.Abs(record.Loss)) {
			t.Errorf("%s, step %d: loss %.9g, want %.9g", what, i+1, x, record.Loss)
		}
	}
}

// Two and four devices learn what one learns, with positives of an anchor on other devices: a run that began on one goes on with
// them and has the losses of a run on one.
func TestDevicesLearnTheSame(t *testing.T) {
	b := backendtest.FourDevices(t)
	for loss, devices := range map[string]int{"circle": 2, "am-softmax": 4} {
		c := tiny()
		c.Loss, c.Steps = loss, 6
		if devices == 2 { // whatever else a step may keep
			c.FrozenNorm, c.Average, c.ClipNorm = true, 0.9, 1
		}
		want := run(t, b, c, train.Options{}).History
		dir := t.TempDir()
		ctx, options := interrupt(dir, 3)
		if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want that the run was cancelled", err)
		}
		alike(t, loss+", continued", run(t, b, c, train.Options{Dir: dir, Devices: devices}).History, want)
	}
}

func TestDevicesRefuse(t *testing.T) {
	for _, test := range []struct {
		name    string
		devices int
		want    string
	}{
		{"fewer than none", -1, "the number of devices must be 1 or more, got -1"},
		{"more than there are", 2, "2 devices are asked for, and the backend Go Backend has 1"},
	} {
		_, err := train.Run(t.Context(), backendtest.Go(t), tiny(), bars, train.Options{Devices: test.devices})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.want)
		}
	}
	odd := tiny()
	odd.Classes, odd.PerClass = 3, 3
	_, err := train.Run(t.Context(), backendtest.FourDevices(t), odd, bars, train.Options{Devices: 2})
	if want := "a batch of 3 × 3 images does not go evenly over 2 devices"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %q", err, want)
	}
}
