// Package browser opens pages of the disk in a headless Chromium whose network is cut, and hears what goes wrong in them.
package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Find finds the Chromium of the machine.
func Find() (program string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if program, err = exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	return "", errors.New("no Chromium in PATH; install it (Debian and Ubuntu: apt install chromium)")
}

// Tab is a page that is open.
type Tab struct {
	ctx   context.Context
	close []func()

	mutex sync.Mutex
	heard []string
}

// Open opens the page at path, in a window 1280 pixels wide. switches are Chromium's, name to value. The tab must be closed. The page runs
// in Chromium's sandbox where it can have one: not for root, and not where the system gives none to its users, as containers do.
func Open(ctx context.Context, program, path string, switches map[string]any) (*Tab, error) {
	if os.Geteuid() != 0 {
		t, err := open(ctx, program, path, switches)
		if err == nil || !strings.Contains(err.Error(), "sandbox") && !strings.Contains(err.Error(), "namespace") {
			return t, err
		}
	}
	return open(ctx, program, path, switches, chromedp.NoSandbox)
}

func open(ctx context.Context, program, path string, switches map[string]any, more ...chromedp.ExecAllocatorOption) (*Tab, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), // the network is cut: no name is found, and every
		chromedp.Flag("proxy-server", "127.0.0.1:9"),            // connection ends at a port that nobody listens on
	)
	for name, value := range switches {
		options = append(options, chromedp.Flag(name, value))
	}
	options = append(options, more...)
	t := &Tab{}
	ctx, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	ctx, cancel := chromedp.NewContext(ctx)
	t.ctx, t.close = ctx, []func(){cancel, cancelAllocator}
	if err := chromedp.Listen(ctx, t.hear); err != nil {
		t.Close()
		return nil, fmt.Errorf("%s does not start: %w", program, err)
	}
	path, err := filepath.Abs(path)
	if err == nil {
		err = t.open((&url.URL{Scheme: "file", Path: path}).String())
	}
	if err != nil {
		t.Close()
		return nil, fmt.Errorf("%s in %s: %w", path, program, err)
	}
	return t, nil
}

// Close ends the browser.
func (t *Tab) Close() {
	for _, end := range t.close {
		end()
	}
}

// open opens the page with every event on.
func (t *Tab) open(address string) error {
	for _, command := range []cdp.Command[cdp.Empty, cdp.Empty]{log.Enable, runtime.Enable} {
		if _, err := chromedp.Call(t.ctx, command, cdp.Empty{}); err != nil {
			return err
		}
	}
	if _, err := chromedp.Call(t.ctx, network.Enable, network.EnableParams{}); err != nil {
		return err
	}
	return chromedp.Do(t.ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
}

// Resize makes the window so many pixels wide and high.
func (t *Tab) Resize(width, height int64) error {
	return chromedp.Do(t.ctx, chromedp.EmulateViewport(width, height))
}

// Eval runs a script in the page and returns its value, or that of its promise.
func Eval[T any](t *Tab, script string) (T, error) {
	return chromedp.Run(t.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// Drag presses the mouse at one place of the window, moves it to another, and lets it go.
func (t *Tab) Drag(fromX, fromY, toX, toY float64) error {
	return chromedp.Do(t.ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, fromX, fromY, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, toX, toY, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, toX, toY, chromedp.ButtonLeft))
}

// Swipe puts a finger on one place of the window, moves it to another in some steps, and lifts it. It is how a finger drags, and scrolls.
func (t *Tab) Swipe(fromX, fromY, toX, toY float64) error {
	const steps = 6
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) error {
		_, err := chromedp.Call(t.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: append([]*input.TouchPoint{}, points...)})
		return err
	}
	err := touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: fromX, Y: fromY})
	for i := 1; i <= steps && err == nil; i++ {
		way := float64(i) / steps
		err = touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: fromX + way*(toX-fromX), Y: fromY + way*(toY-fromY)})
	}
	return errors.Join(err, touch(input.DispatchTouchEventTypeTouchEnd))
}

// PNG returns a picture of the window.
func (t *Tab) PNG() ([]byte, error) { return chromedp.Run(t.ctx, chromedp.CaptureScreenshot()) }

// PDF prints the page to A4.
func (t *Tab) PDF() ([]byte, error) {
	return chromedp.Run(t.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
}

// Heard returns what has gone wrong so far: requests to the network, exceptions, errors in the console and in the log.
func (t *Tab) Heard() []string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return slices.Clone(t.heard)
}

func (t *Tab) hear(event any) {
	complain := func(format string, args ...any) {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		t.heard = append(t.heard, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if scheme, _, _ := strings.Cut(e.Request.URL, ":"); scheme != "file" && scheme != "data" && scheme != "blob" {
			complain("it asks the network for %s", e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		complain("an exception: %s", said([]*runtime.RemoteObject{e.ExceptionDetails.Exception}))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			complain("an error in the console: %s", said(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			complain("an error in the log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	}
}

// said returns what a page handed to its console.
func said(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		if arg != nil {
			words = append(words, cmp.Or(arg.Description, string(arg.Value)))
		}
	}
	return strings.Join(words, " ")
}
