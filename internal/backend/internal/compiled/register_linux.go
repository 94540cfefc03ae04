//go:build linux && cgo

package compiled

// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "plugin_linux.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/unipair/unipair/internal/backend/internal/convolution"
	"github.com/unipair/unipair/internal/onednn"
)

// worth bounds from below how long a compilation takes whose result is kept: what is shorter is hardly longer than to read a file.
const worth = 100 * time.Millisecond

// opened is the plugin, of which a process has one, and what it does besides compiling.
var opened struct {
	sync.Mutex
	plugin string
	store  *store // nil: nothing is kept
	found  atomic.Int64

	convolve     bool  // convolutions are oneDNN's
	notConvolved error // why they are not
	convolved    atomic.Int64
}

// Register makes go-xla find a plugin, by its path, that keeps what it compiles in a folder, and whose convolutions oneDNN's library
// computes. Without a folder nothing is kept, and without a library convolutions are XLA's. It does so for the first plugin of a process.
func Register(plugin, dir, library string) error {
	opened.Lock()
	defer opened.Unlock()
	if opened.plugin != "" {
		return nil
	}
	var kept *store
	if dir != "" {
		machine, err := machine(plugin)
		if err != nil {
			return err
		}
		in, err := openStore(dir, machine)
		if err != nil {
			return err
		}
		kept = &in
	}
	path := C.CString(plugin)
	defer C.free(unsafe.Pointer(path))
	if wrong := C.unipair_open_plugin(path); wrong != nil {
		return fmt.Errorf("%s: %w", plugin, errors.New(C.GoString(wrong)))
	}
	if err := pjrt.RegisterPreloadedPlugin(plugin, uintptr(C.unipair_our_functions())); err != nil {
		return err
	}
	if library != "" {
		opened.notConvolved = convolution.Open(library, unsafe.Pointer(C.unipair_extensions()))
		if opened.convolve = opened.notConvolved == nil; opened.convolve {
			onednn.Convolve(convolution.About())
		}
	}
	opened.store, opened.plugin = kept, plugin
	return nil
}

// Folder returns where the plugin of the process keeps what it compiles, or nothing.
func Folder() string {
	opened.Lock()
	defer opened.Unlock()
	if opened.store == nil {
		return ""
	}
	return opened.store.dir
}

// Convolutions says who computes the convolutions of a plugin that is open.
func Convolutions(plugin string) string {
	opened.Lock()
	defer opened.Unlock()
	switch {
	case opened.plugin == plugin && opened.convolve:
		return "convolutions by oneDNN " + convolution.Version()
	case opened.plugin == plugin && opened.notConvolved != nil:
		return fmt.Sprintf("convolutions by XLA (%v)", opened.notConvolved)
	}
	return "convolutions by XLA"
}

// unipairCompile stands for PJRT_Client_Compile: it loads the executable that is kept, or compiles and keeps it. Which convolutions are
// oneDNN's is part of the program, and so of what an executable is found by.
//
//export unipairCompile
func unipairCompile(args *C.compile_args) unsafe.Pointer {
	bytes := func(from *C.char, size C.size_t) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(from)), size) }
	program, options := bytes(args.program.code, args.program.code_size), bytes(args.options, args.options_size)
	if opened.convolve && string(bytes(args.program.format, args.program.format_size)) == "mlir" {
		var count int
		program, count = convolution.Rewrite(program)
		opened.convolved.Add(int64(count))
	}
	if opened.store == nil {
		return compile(args, program)
	}
	if kept := opened.store.find(program, options); len(kept) > 0 {
		if C.unipair_load(args, (*C.char)(unsafe.Pointer(unsafe.SliceData(kept))), C.size_t(len(kept))) == 1 {
			opened.found.Add(1)
			return nil
		}
	}
	begin := time.Now()
	failed := compile(args, program)
	if failed != nil || time.Since(begin) < worth {
		return failed
	}
	out := (*C.serialize_args)(C.malloc(C.sizeof_serialize_args))
	defer C.free(unsafe.Pointer(out))
	if C.unipair_serialize(args.executable, out) == 1 {
		// Who has no room for it compiles it again.
		_ = opened.store.keep(program, options, bytes(out.bytes, out.bytes_size))
		C.unipair_release(out)
	}
	return nil
}

// compile lets the plugin compile a program in place of the one that it was given.
func compile(args *C.compile_args, program []byte) unsafe.Pointer {
	return C.unipair_compile(args, (*C.char)(unsafe.Pointer(unsafe.SliceData(program))), C.size_t(len(program)))
}
