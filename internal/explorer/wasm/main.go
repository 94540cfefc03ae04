//go:build js

// Command wasm is the explorer in a browser. It puts functions into the page that take and return JSON or arrays of numbers: unipairAsk,
// unipairMove and unipairTrain. Then it calls the page's unipairReady: with null, or with what has gone wrong.
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
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		js.Global().Call("unipairReady", err.Error())
		return
	}
	define("unipairAsk", func(setting explorer.Setting, _ []js.Value) (any, error) {
		answer, err := explorer.Ask(backend, setting)
		return object(answer), err
	})
	flows := newShelf[*explorer.Flow]()
	// unipairMove(setting, place on the shelf, steps) moves the setting's points.
	define("unipairMove", func(s struct {
		explorer.Setting
		Pace float64 `json:"pace"`
	}, args []js.Value) (any, error) {
		points := s.Points
		s.Points = nil
		flow, err := flows.get(args[0].String(), s, func() (*explorer.Flow, error) { return explorer.NewFlow(backend, s.Setting, s.Pace) })
		if err != nil {
			return nil, err
		}
		moved, err := flow.Move(points, args[1].Int())
		var flat []float64
		for _, p := range moved {
			flat = append(flat, p[:]...)
		}
		return map[string]any{"points": numbers(flat), "rate": flow.Rate}, err
	})
	rings := newShelf[*explorer.Ring]()
	// unipairTrain(training, state, steps) trains on from the state.
	define("unipairTrain", func(t explorer.Training, args []js.Value) (any, error) {
		var from explorer.State
		if err := json.Unmarshal([]byte(args[0].String()), &from); err != nil {
			return nil, err
		}
		ring, err := rings.get("", t, func() (*explorer.Ring, error) { return explorer.NewRing(backend, t) })
		if err != nil {
			return nil, err
		}
		seen, err := ring.Train(from, args[1].Int())
		if err != nil {
			return nil, err
		}
		said, err := json.Marshal(seen)
		return map[string]any{"seen": string(said), "rate": ring.Rate}, err
	})
	js.Global().Call("unipairReady", js.Null())
	select {} // the functions live as long as the program
}

// define puts a function into the page. Its first argument is JSON, and an error comes back as {error}.
func define[T any](name string, answer func(asked T, args []js.Value) (any, error)) {
	js.Global().Set(name, js.FuncOf(func(_ js.Value, args []js.Value) (answered any) {
		defer func() { // a Go program that panics is gone, and the page with it
			if said := recover(); said != nil {
				answered = failure(fmt.Errorf("%v", said))
			}
		}()
		var asked T
		if err := json.Unmarshal([]byte(args[0].String()), &asked); err != nil {
			return failure(err)
		}
		found, err := answer(asked, args[1:])
		if err != nil {
			return failure(err)
		}
		return found
	}))
}

func failure(err error) any { return map[string]any{"error": err.Error()} }

// shelf keeps what was compiled last, one at each place, until something else is asked for there.
type shelf[T interface{ Close() }] struct {
	kept map[string]T
	keys map[string]string
}

func newShelf[T interface{ Close() }]() shelf[T] {
	return shelf[T]{map[string]T{}, map[string]string{}}
}

func (s shelf[T]) get(place string, asked any, compile func() (T, error)) (T, error) {
	key := fmt.Sprintf("%+v", asked)
	old, found := s.kept[place]
	if found && s.keys[place] == key {
		return old, nil
	}
	made, err := compile()
	if err != nil {
		return made, err
	}
	if found {
		old.Close()
	}
	s.kept[place], s.keys[place] = made, key
	return made, nil
}

// object returns an answer as the page reads it.
func object(a explorer.Answer) any {
	var segments []float64
	for _, s := range a.Boundary.Segments {
		segments = append(segments, s[:]...)
	}
	place := func(p *[2]float64) any {
		if p == nil {
			return nil
		}
		return map[string]any{"sn": p[0], "sp": p[1]}
	}
	return map[string]any{
		"go": a.Go, "axis": numbers(a.Axis), "about": a.Boundary.About, "segments": numbers(segments),
		"value": numbers(a.Grid.Value), "sn": numbers(a.Grid.Sn), "sp": numbers(a.Grid.Sp),
		"points": map[string]any{"value": numbers(a.Points.Value), "sn": numbers(a.Points.Sn), "sp": numbers(a.Points.Sp)},
		"T":      place(a.Goals.T), "prime": place(a.Goals.Prime), "corner": place(a.Goals.Corner), "straight": a.Goals.Straight, "aim": place(a.Aim),
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
