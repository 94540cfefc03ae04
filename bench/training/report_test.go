package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	got := report([]string{"ours", "theirs"}, [][]turn{
		{{Seconds: 1, CPU: 2}, {Seconds: 2, CPU: 2}},
		{{Seconds: 2, CPU: 3, Version: "x 1"}, {Seconds: 2, CPU: 3, Version: "x 1"}},
	}, 100)
	for _, want := range []string{
		"| ours | 75 (50 – 100) | 50 | 1.00 | 1.00 | this tree |\n",
		"| theirs | 50 (50 – 50) | 33 | 1.50 | 1.50 | x 1 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("report = %q, want a line %q", got, want)
		}
	}
}
