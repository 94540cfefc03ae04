package main

import (
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

func TestEveryLossHasFourSettings(t *testing.T) {
	for _, loss := range losses.Catalogue() {
		settings := settingsOf(loss.Name)
		if len(settings) != 4 {
			t.Errorf("%s has %d settings, want 4", loss.Name, len(settings))
		}
		if got := len(tried[loss.Name]); got == 0 != (len(loss.Parameters()) == 0) {
			t.Errorf("%s has %d parameters, and %d sets of them are tried", loss.Name, len(loss.Parameters()), got)
		}
		var kinds []string
		for i, s := range settings {
			config := s.config(300, 1)
			if err := config.Validate(); err != nil {
				t.Errorf("%v: %v", s, err)
			}
			value, err := loss.With(config.Set)
			if err != nil {
				t.Errorf("%v: %v", s, err)
			}
			if slices.Index(settings, s) != i {
				t.Errorf("%v is there twice", s)
			}
			if len(config.Set) > 0 && s.LearningRate == learningRates[0] { // the same loss in other words would be no second setting
				kinds = append(kinds, own(value))
			}
		}
		if len(kinds) == 2 && kinds[0] == kinds[1] {
			t.Errorf("%s: both settings are %s", loss.Name, kinds[0])
		}
	}
	for name := range tried {
		if _, err := losses.Find(name); err != nil {
			t.Error(err)
		}
	}
}

func TestSettingsDifferByLossAndLearningRateAlone(t *testing.T) {
	got := setting{"circle", "margin=0.25 gamma=256", 1e-3}.config(300, 7)
	want := train.DefaultConfig()
	want.Set, want.LearningRate, want.Steps, want.Seed = map[string]string{"margin": "0.25", "gamma": "256"}, 1e-3, 300, 7
	equal(t, got, want)
}
