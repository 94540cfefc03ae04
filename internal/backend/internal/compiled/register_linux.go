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
)

// worth bounds from below how long a compilation takes whose result is kept: what is shorter is hardly longer than to read a file.
const worth = 100 * time.Millisecond

// opened is the plugin, of which a process has one, its store, and how many executables were found there.
var opened struct {
	sync.Mutex
	plugin string
	store  store
	found  atomic.Int64
}

// Register makes go-xla find a plugin, by its path, that keeps what it compiles in a folder. It does so for the first plugin of a process.
func Register(plugin, dir string) error {
	opened.Lock()
	defer opened.Unlock()
	if opened.plugin != "" {
		return nil
	}
	machine, err := machine(plugin)
	if err != nil {
		return err
	}
	kept, err := openStore(dir, machine)
	if err != nil {
		return err
	}
	path := C.CString(plugin)
	defer C.free(unsafe.Pointer(path))
	if wrong := C.unipair_open_plugin(path); wrong != nil {
		return fmt.Errorf("%s: %w", plugin, errors.New(C.GoString(wrong)))
	}
	opened.store, opened.plugin = kept, plugin
	return pjrt.RegisterPreloadedPlugin(plugin, uintptr(C.unipair_our_functions()))
}

// Folder returns where the plugin of the process keeps what it compiles, or nothing.
func Folder() string {
	opened.Lock()
	defer opened.Unlock()
	return opened.store.dir
}

// unipairCompile stands for PJRT_Client_Compile: it loads the executable that is kept, or compiles and keeps it.
//
//export unipairCompile
func unipairCompile(args *C.compile_args) unsafe.Pointer {
	bytes := func(from *C.char, size C.size_t) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(from)), size) }
	program, options := bytes(args.program.code, args.program.code_size), bytes(args.options, args.options_size)
	if kept := opened.store.find(program, options); len(kept) > 0 {
		if C.unipair_load(args, (*C.char)(unsafe.Pointer(unsafe.SliceData(kept))), C.size_t(len(kept))) == 1 {
			opened.found.Add(1)
			return nil
		}
	}
	begin := time.Now()
	failed := C.unipair_compile(args)
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
