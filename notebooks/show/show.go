// Package show puts figures, tables and sentences into a notebook, and opens the backend there. Each is one line in a cell; an
// error ends the cell, so that a report cannot pass over it. So does a sentence that the numbers beside it contradict.
//
// A figure is sent once in four forms: HTML, whose panels wrap, and SVG where it is trusted, PNG where it is not (a fresh clone, GitHub),
// and words. An animation's HTML has a slider.
package show

import (
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
		protocol.MIMETextHTML:  string(Must(figure.HTML())),
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

// send shows one output in several forms and waits until the notebook has it: a cell's process that ends first loses it.
func send(forms map[protocol.MIMEType]any) { sendAs(nil, forms) }

// sendAs sends an output with what a report is to know of it.
func sendAs(about map[string]any, forms map[protocol.MIMEType]any) {
	display := &protocol.DisplayData{Data: forms, Metadata: about}
	gonbui.SendData(display)
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
