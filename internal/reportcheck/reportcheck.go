// Package reportcheck opens pages in a headless Chromium whose network is cut, and says what a reader would miss.
package reportcheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pageTime is how long a page may take to open.
const pageTime = time.Minute

// Browser finds the Chromium of the machine.
func Browser() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium in PATH; install it (Debian and Ubuntu: apt install chromium)")
}

// Page is what Check found in a page.
type Page struct {
	Complaints []string `json:"complaints"` // what a reader would miss: a request, an error, raw mathematics, a figure that is not drawn
	Contents   int      `json:"contents"`   // lines of its table of contents
	Figures    int      `json:"figures"`    // images with pixels
	Formulas   int      `json:"formulas"`   // formulas that KaTeX has set
	Width      int      `json:"width"`      // of the content in a window of 360 pixels
}

// probe is run in the page once it has loaded.
const probe = `(async () => {
  await document.fonts.ready;
  const complaints = [];
  const images = [...document.querySelectorAll("main img, article img")];
  for (const image of images) {
    try { await image.decode(); } catch (error) { complaints.push("a figure is broken: " + image.alt.slice(0, 60)); continue; }
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, 64, 64);
    const pixels = new Uint32Array(context.getImageData(0, 0, 64, 64).data.buffer);
    if (pixels.every(pixel => pixel === pixels[0])) complaints.push("a figure is blank: " + image.alt.slice(0, 60));
    if (!image.alt) complaints.push("a figure has no text for those who cannot see it");
  }
  for (const error of document.querySelectorAll(".katex-error")) complaints.push("mathematics with an error: " + error.title);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("script, style, pre, code, .katex") && /\$[^$\n]+\$|\$\$/.test(node.textContent))
      complaints.push("raw mathematics: " + node.textContent.trim().slice(0, 60));
  }
  for (const element of document.querySelectorAll("p, h1, h2, h3, li, figure")) // what is wider may scroll inside: tables, code, formulas
    if (!element.closest("table, pre, details:not([open])") && element.getBoundingClientRect().right > innerWidth + 1)
      complaints.push("cut off at the right: " + element.textContent.trim().slice(0, 60));
  for (const link of document.querySelectorAll("a[href^='#']")) {
    const id = link.getAttribute("href").slice(1);
    if (!document.getElementById(id) && !document.getElementById(decodeURIComponent(id)))
      complaints.push("a link leads nowhere: " + link.textContent.slice(0, 60));
  }
  return {complaints, contents: document.querySelectorAll("nav ol a").length, figures: images.length, formulas: document.querySelectorAll(".katex").length,
          width: document.documentElement.scrollWidth};
})()`

// Check opens the page at path in the browser.
func Check(ctx context.Context, browser, path string) (Page, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), // the network is cut: no name is found, and every
		chromedp.Flag("proxy-server", "127.0.0.1:9"),            // connection ends at a port that nobody listens on
	)
	ctx, cancelTime := context.WithTimeout(ctx, pageTime)
	defer cancelTime()
	ctx, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	defer cancelAllocator()
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()

	var mutex sync.Mutex
	var heard []string
	hear := func(format string, args ...any) {
		mutex.Lock()
		defer mutex.Unlock()
		heard = append(heard, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if scheme, _, _ := strings.Cut(e.Request.URL, ":"); scheme != "file" && scheme != "data" && scheme != "blob" {
				hear("it asks the network for %s", e.Request.URL)
			}
		case *runtime.EventExceptionThrown:
			hear("an exception: %s", said([]*runtime.RemoteObject{e.ExceptionDetails.Exception}))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
				hear("an error in the console: %s", said(e.Args))
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError {
				hear("an error in the log: %s %s", e.Entry.Text, e.Entry.URL)
			}
		}
	})
	if err != nil {
		return Page{}, fmt.Errorf("%s does not start: %w", browser, err)
	}
	found, err := open(ctx, (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		return Page{}, fmt.Errorf("%s in %s: %w", path, browser, err)
	}
	mutex.Lock()
	defer mutex.Unlock()
	found.Complaints = append(heard, found.Complaints...)
	return found, nil
}

// open opens the page with every event on, and runs the probe in it.
func open(ctx context.Context, address string) (Page, error) {
	for _, command := range []cdp.Command[cdp.Empty, cdp.Empty]{log.Enable, runtime.Enable} {
		if _, err := chromedp.Call(ctx, command, cdp.Empty{}); err != nil {
			return Page{}, err
		}
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		return Page{}, err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(360, 800), chromedp.Navigate(address)); err != nil {
		return Page{}, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[Page](probe, chromedp.EvalAwaitPromise))
}

// said is what a page handed to its console.
func said(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		if arg == nil {
			continue
		}
		words = append(words, cmp.Or(arg.Description, string(arg.Value)))
	}
	return strings.Join(words, " ")
}
