// Package reportcheck opens pages as a reader does, without a network and on screens of three widths, in the light and in the dark. It
// uses all that can be used in them, and says what a reader would miss.
package reportcheck

import (
	"context"
	_ "embed" // the scripts that look
	"fmt"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/browser"
)

// pageTime bounds how long it takes to look at a page.
const pageTime = 5 * time.Minute

// widths are those of the screens that a page is looked at on: a phone, a tablet, a desk.
var widths = []int64{360, 768, 1280}

// Page holds what Check found in a page.
type Page struct {
	Complaints []string `json:"complaints"` // what a reader would miss: a request, an error, raw mathematics, a figure that is not drawn
	Contents   int      `json:"contents"`   // lines of its table of contents
	Figures    int      `json:"figures"`    // images with pixels
	Formulas   int      `json:"formulas"`   // formulas that KaTeX has set
	Width      int      `json:"width"`      // of the content
	Controls   int      `json:"controls"`   // sliders, buttons, lists, folds that were used
	Pages      []string `json:"pages"`      // files beside it that it links to
}

// probe is run in the page at each width, use once in between: see the scripts.
//
//go:embed probe.js
var probe string

//go:embed use.js
var use string

//go:embed dark.js
var dark string

// Check looks at the page at path in the browser. The numbers that it returns are those on the narrowest screen.
func Check(ctx context.Context, program, path string) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	tab, err := browser.Open(ctx, program, path, nil)
	if err != nil {
		return Page{}, err
	}
	defer tab.Close()
	var found Page
	for i, width := range widths {
		if err := tab.Resize(width, 800); err != nil {
			return Page{}, fmt.Errorf("%s: %w", path, err)
		}
		page, err := browser.Eval[Page](tab, probe)
		if err != nil {
			return Page{}, fmt.Errorf("%s: %w", path, err)
		}
		if i == 0 {
			found = page
			if found.Controls, err = browser.Eval[int](tab, use); err != nil {
				return Page{}, fmt.Errorf("%s: using its controls: %w", path, err)
			}
			used, err := browser.Eval[Page](tab, probe)
			if err != nil {
				return Page{}, fmt.Errorf("%s: %w", path, err)
			}
			page.Complaints = nil
			for _, complaint := range used.Complaints {
				found.add(complaint, "once its controls are used")
			}
			page.Width = max(page.Width, used.Width)
		}
		for _, complaint := range page.Complaints {
			found.add(complaint, fmt.Sprintf("on a screen of %d pixels", width))
		}
		if page.Width > int(width) {
			found.add(fmt.Sprintf("it is %d wide", page.Width), fmt.Sprintf("on a screen of %d pixels", width))
		}
	}
	if err := tab.Dark(); err != nil {
		return Page{}, fmt.Errorf("%s: %w", path, err)
	}
	for _, width := range widths {
		if err := tab.Resize(width, 800); err != nil {
			return Page{}, fmt.Errorf("%s: %w", path, err)
		}
		bright, err := browser.Eval[[]string](tab, dark)
		if err != nil {
			return Page{}, fmt.Errorf("%s: in the dark: %w", path, err)
		}
		for _, complaint := range bright {
			found.add(complaint, fmt.Sprintf("where the reader has asked for dark, on a screen of %d pixels", width))
		}
	}
	found.Complaints = append(tab.Heard(), found.Complaints...)
	return found, nil
}

// add adds a complaint that is not there yet.
func (p *Page) add(complaint, when string) {
	for _, known := range p.Complaints {
		if strings.HasPrefix(known, complaint) {
			return
		}
	}
	p.Complaints = append(p.Complaints, complaint+", "+when)
}
