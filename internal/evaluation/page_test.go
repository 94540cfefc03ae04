package evaluation

import (
	"regexp"
	"strings"
	"testing"
)

// A caption is light where the page is dark, and its figure alone is on white.
func TestPageCaptions(t *testing.T) {
	white := regexp.MustCompile(`([\w. ]+) \{[^}]*background: #fff`)
	for _, rule := range white.FindAllStringSubmatch(pageHTML, -1) {
		if selector := strings.TrimSpace(rule[1]); selector != "body" && selector != "figure .scroll" {
			t.Errorf("%s is white in the dark, too", selector)
		}
	}
}

// A page of one-shot runs alone says why there is no figure.
func TestPageOfRunsAlone(t *testing.T) {
	var p page
	if err := p.add(Result{}); err != nil || !strings.HasPrefix(strings.Join(p.Left, "; "), "figures, confusions and mistakes: ") {
		t.Errorf("left out: %q, %v", p.Left, err)
	}
}
