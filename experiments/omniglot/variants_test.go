package main

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/train"
)

func TestVariants(t *testing.T) {
	base, err := tuned()
	if err != nil {
		t.Fatal(err)
	}
	v := variation{seeds: 1, steps: 1400}
	want := v.config(base, func(*train.Config) {}, 0)
	for i, variant := range variants {
		got := v.config(base, variant.change, 0)
		if err := got.Validate(); err != nil {
			t.Errorf("%s: %v", variant.name, err)
		}
		if got.Classes*got.PerClass != want.Classes*want.PerClass {
			t.Errorf("%s: a batch has %d × %d images", variant.name, got.Classes, got.PerClass)
		}
		if (i == 0) != reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", variant.name, got)
		}
	}
}

func TestVariantTable(t *testing.T) {
	v := variation{seeds: 1, steps: 1400}
	got := v.table(newLog(
		entry{key: v.key("without what was chosen", 0), scores: scores{MAPAtR: 0.5, PrecisionAt1: 0.8}, Seconds: 200},
		entry{key: v.key("width 48", 0), scores: scores{MAPAtR: 0.52, PrecisionAt1: 0.81}, Seconds: 300},
		entry{key: v.key("average 0.99", 0), scores: scores{Error: "train: diverged"}},
	))
	for _, want := range []string{
		"| without what was chosen | 50.0 ± ? | 80.0 ± ? | +0.0 | 1 | 200 |\n", "| width 48 | 52.0 ± ? | 81.0 ± ? | +2.0 | 1 | 300 |\n",
		"seed 0: train: diverged",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("table = %s\nwant %q", got, want)
		}
	}
}

// A training that ends with an error is a result; one that was interrupted is not.
func TestTrainingThatFailsIsAResult(t *testing.T) {
	broken := train.DefaultConfig()
	broken.Set = map[string]string{"gamma": "-1"}
	if found, err := validated(t.Context(), nil, broken, nil); err != nil || found.MAPAtR != 0 || !strings.Contains(found.Error, "train: ") {
		t.Errorf("%+v, %v", found, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found, err := validated(ctx, nil, broken, nil); err == nil {
		t.Errorf("an interrupted training scores %+v", found)
	}
}
