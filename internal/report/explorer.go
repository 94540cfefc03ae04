package report

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/explorer"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/workspace"
)

// explorerPage is the file name of the explorer; notebooks link to it.
const explorerPage = "explorer.html"

const explorerProgram = "./internal/explorer/wasm"

var explorerTemplate = template.Must(template.New("page.html").ParseFS(files, "explorer/page.html"))

// makeExplorer writes the explorer's page into temp, and says how that went.
func makeExplorer(ctx context.Context, w workspace.Workspace, temp string, progress io.Writer) error {
	start := time.Now()
	if err := writeExplorer(ctx, w, temp); err != nil {
		err = fmt.Errorf("explorer: %w", err)
		fmt.Fprintln(progress, err)
		return err
	}
	fmt.Fprintf(progress, "explorer: done in %.0f s\n", time.Since(start).Seconds())
	return nil
}

// writeExplorer compiles the losses for the browser and writes the page round them.
func writeExplorer(ctx context.Context, w workspace.Workspace, temp string) error {
	log, err := w.Log("explorer")
	if err != nil {
		return err
	}
	defer log.Close()
	program, err := explorerWASM(ctx, w, temp, log)
	if err != nil {
		return fmt.Errorf("%w; the log is %s", err, log.Name())
	}
	support, err := goOutput(ctx, w, temp, log, "env", "GOROOT")
	if err != nil {
		return err
	}
	glue, err := file.Read(filepath.Join(strings.TrimSpace(support), "lib", "wasm", "wasm_exec.js"), mostSource)
	if err != nil {
		return fmt.Errorf("the Go installation lacks a part that programs in browsers need: %w", err)
	}
	b, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		return err
	}
	defer b.Finalize()
	pictures, err := stills(b)
	if err != nil {
		return err
	}
	shown, others := explorer.Losses(b)
	read := func(name string) string { content, _ := files.ReadFile("explorer/" + name); return string(content) } // embedded: it is there
	var scripts []template.JS
	for _, name := range []string{"controls.js", "surface.js", "draw.js", "walk.js", "ring.js", "page.js"} {
		scripts = append(scripts, template.JS(read(name)))
	}
	var page bytes.Buffer
	if err := explorerTemplate.Execute(&page, map[string]any{
		"Style": template.CSS(read("page.css")), "Scripts": scripts,
		"Runtime": template.JS(glue), "Program": template.HTML(base64.StdEncoding.EncodeToString(program)),
		"Stills": pictures,
		"List":   map[string]any{"losses": shown, "others": others, "measures": explorer.Measures(), "miners": explorer.Miners()},
		"Footer": []string{versions(w), "Computed in this browser by GoMLX's pure-Go backend, compiled to WebAssembly.", time.Now().Format(dateForm)},
	}); err != nil {
		return err
	}
	return file.WriteBytes(filepath.Join(temp, explorerPage), page.Bytes())
}

// explorerWASM returns the explorer's program, gzipped: that of the last report, if nothing that it is made of has changed.
func explorerWASM(ctx context.Context, w workspace.Workspace, temp string, log io.Writer) ([]byte, error) {
	hash, err := explorerHash(ctx, w, temp, log)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(w.Root, repository.Workspace, "explorer")
	kept := filepath.Join(folder, hash+".wasm.gz")
	if program, err := file.Read(kept, mostPage); err == nil {
		return program, nil
	}
	binary := filepath.Join(temp, "explorer.wasm")
	if _, err := goOutput(ctx, w, temp, log, "build", "-trimpath", "-ldflags=-s -w", "-o", binary, explorerProgram); err != nil {
		return nil, err
	}
	content, err := file.Read(binary, mostPage)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = zip.Write(content)
	if err := errors.Join(err, zip.Close()); err != nil {
		return nil, err
	}
	// Only the newest is kept. Where the workspace cannot be written to, as in a read-only image, the next report compiles again.
	if os.RemoveAll(folder) == nil {
		_ = file.WriteBytes(kept, packed.Bytes())
	}
	return packed.Bytes(), nil
}

// explorerHash returns a hash of all that the program is made of: the compiler, the modules' versions, and our own sources.
func explorerHash(ctx context.Context, w workspace.Workspace, temp string, log io.Writer) (string, error) {
	listed, err := goOutput(ctx, w, temp, log, "list", "-deps", "-json=Dir,GoFiles,ImportPath", explorerProgram)
	if err != nil {
		return "", err
	}
	version, err := goOutput(ctx, w, temp, log, "env", "GOVERSION")
	if err != nil {
		return "", err
	}
	paths := []string{filepath.Join(w.Root, "go.mod"), filepath.Join(w.Root, "go.sum")}
	for decoder := json.NewDecoder(strings.NewReader(listed)); ; {
		var p struct {
			Dir, ImportPath string
			GoFiles         []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", err
		}
		for _, name := range p.GoFiles {
			if strings.HasPrefix(p.ImportPath, repository.Module) {
				paths = append(paths, filepath.Join(p.Dir, name))
			}
		}
	}
	slices.Sort(paths)
	hash := sha256.New()
	fmt.Fprintln(hash, version, runtime.Version())
	for _, path := range paths {
		content, err := file.Read(path, mostSource)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", path, len(content), content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}

// goOutput runs the go command on the repository, for browsers.
func goOutput(ctx context.Context, w workspace.Workspace, temp string, log io.Writer, args ...string) (string, error) {
	command := workspace.Command(ctx, "go", args...)
	command.Dir = w.Root
	command.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOWORK=off", "GOFLAGS=", "TMPDIR="+temp)
	var out bytes.Buffer
	err := workspace.Run(command, &out, log)
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("go is not in PATH; install Go and put its bin folder there")
	}
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return out.String(), nil
}
