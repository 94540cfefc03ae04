// Package show puts figures and tables into a notebook, and opens the backend there. Each is one line in a cell; an error
// ends the cell, so that a report cannot pass over it.
//
// A figure is sent once in three forms: SVG where it is trusted, PNG where it is not (a fresh clone, GitHub), and words. An
// animation has a fourth before them, HTML with a slider, which is its still where scripts are not trusted.
package show

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/viz"
)

// Check ends the cell unless err is nil. It panics, since the notebook then names the cell and the line.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}

// Must returns a value, or ends the cell as Check does.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Figure shows a figure. It takes what pkg/viz returns: show.Figure(viz.Planes(…)).
func Figure(figure viz.Figure, err error) {
	Check(err)
	svg := Must(figure.SVG())
	png := Must(figure.PNG())
	send(map[protocol.MIMEType]any{
		protocol.MIMEImageSVG:  string(svg),
		protocol.MIMEImagePNG:  png,
		protocol.MIMETextPlain: figure.Alt,
	})
}

// Animation shows an animation: a slider where scripts are trusted, the still where they are not.
func Animation(animation viz.Animation, err error) {
	Check(err)
	still := Must(animation.Figure())
	send(map[protocol.MIMEType]any{
		protocol.MIMETextHTML:  string(Must(animation.HTML())),
		protocol.MIMEImageSVG:  string(Must(still.SVG())),
		protocol.MIMEImagePNG:  Must(still.PNG()),
		protocol.MIMETextPlain: still.Alt,
	})
}

// Table shows rows under a header, as they should read. It also takes a function's error after them.
func Table(header []string, rows [][]string, err ...error) {
	Check(errors.Join(err...))
	for i, row := range rows {
		if len(row) != len(header) {
			Check(fmt.Errorf("show.Table: row %d has %d cells for %d columns", i, len(row), len(header)))
		}
	}
	rule := make([]string, len(header))
	for i := range rule {
		rule[i] = "---"
		if i > 0 {
			rule[i] = "---:"
		}
	}
	var markdown, plain strings.Builder
	for i, row := range append([][]string{header, rule}, rows...) {
		markdown.WriteString("| " + strings.ReplaceAll(strings.Join(row, "\x00"), "|", "&#124;") + " |\n")
		if i != 1 {
			plain.WriteString(strings.Join(row, "\t") + "\n")
		}
	}
	send(map[protocol.MIMEType]any{
		protocol.MIMETextMarkdown: strings.ReplaceAll(markdown.String(), "\x00", " | "),
		protocol.MIMETextPlain:    plain.String(),
	})
}

// send shows one output in several forms and waits until the notebook has it: a cell's process that ends first loses it.
func send(forms map[protocol.MIMEType]any) {
	gonbui.SendData(&protocol.DisplayData{Data: forms})
	gonbui.Sync()
	if gonbui.IsNotebook {
		Check(gonbui.Error())
	}
}

// Backend returns what the cell computes with: $GOMLX_BACKEND, which the kernel sets, else the best that is there.
func Backend() compute.Backend { return open() }

// open opens the backend once a cell.
var open = sync.OnceValue(func() compute.Backend {
	b, _, err := backend.Open()
	Check(err)
	return b
})
