//go:build js

// Command wasm is the explorer in a browser: it puts a function unipairAsk into the page, which takes a setting as JSON and
// returns an answer, and then calls the page's unipairReady: with null, or with what has gone wrong.
package main

import (
	"encoding/json"
	"fmt"
	"syscall/js"
	"unsafe"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/internal/explorer"
)

func main() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		js.Global().Call("unipairReady", err.Error())
		return
	}
	js.Global().Set("unipairAsk", js.FuncOf(func(_ js.Value, args []js.Value) (answer any) {
		defer func() { // a Go program that panics is gone, and the page with it
			if said := recover(); said != nil {
				answer = failure(fmt.Errorf("%v", said))
			}
		}()
		var setting explorer.Setting
		if err := json.Unmarshal([]byte(args[0].String()), &setting); err != nil {
			return failure(err)
		}
		found, err := explorer.Ask(backend, setting)
		if err != nil {
			return failure(err)
		}
		return object(found)
	}))
	js.Global().Call("unipairReady", js.Null())
	select {} // the function lives as long as the program
}

func failure(err error) any { return map[string]any{"error": err.Error()} }

// object returns an answer as the page reads it.
func object(a explorer.Answer) any {
	var segments []float64
	for _, s := range a.Boundary.Segments {
		segments = append(segments, s[:]...)
	}
	return map[string]any{
		"go": a.Go, "axis": numbers(a.Axis), "about": a.Boundary.About, "segments": numbers(segments),
		"value": numbers(a.Grid.Value), "sn": numbers(a.Grid.Sn), "sp": numbers(a.Grid.Sp),
		"points": map[string]any{"value": numbers(a.Points.Value), "sn": numbers(a.Points.Sn), "sp": numbers(a.Points.Sp)},
	}
}

// numbers copies to a Float64Array.
func numbers(x []float64) js.Value {
	array := js.Global().Get("Float64Array").New(len(x))
	if len(x) > 0 {
		js.CopyBytesToJS(js.Global().Get("Uint8Array").New(array.Get("buffer")), unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 8*len(x)))
	}
	return array
}
