package show_test

import (
	"errors"
	"testing"

	"github.com/unipair/unipair/notebooks/show"
	"github.com/unipair/unipair/pkg/viz"
)

// Outside a notebook nothing is shown; what is wrong must still end the program.
func TestWhatIsWrongEndsTheCell(t *testing.T) {
	failure := errors.New("no data")
	for _, test := range []struct {
		name string
		cell func()
	}{
		{"Check", func() { show.Check(failure) }},
		{"Must", func() { show.Must(1, failure) }},
		{"Figure, error", func() { show.Figure(viz.Planes()) }},
		{"Figure, empty", func() { show.Figure(viz.Figure{}, nil) }},
		{"Animation", func() { show.Animation(viz.Animation{Name: "γ"}, nil) }},
		{"Table, error", func() { show.Table(nil, nil, failure) }},
		{"Table, missing", func() { show.Table([]string{"a", "b"}, [][]string{{"1"}}) }},
	} {
		if !panics(test.cell) {
			t.Errorf("%s: want a panic", test.name)
		}
	}
	if panics(func() { show.Check(nil); show.Table([]string{"a"}, [][]string{{"1"}}, nil) }) {
		t.Error("a table in order: want no panic")
	}
	if got := show.Must(7, nil); got != 7 {
		t.Errorf("Must(7, nil) = %d, want 7", got)
	}
}

func panics(cell func()) (did bool) {
	defer func() { did = recover() != nil }()
	cell()
	return false
}
