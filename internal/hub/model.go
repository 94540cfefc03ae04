package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gomlx/go-huggingface/hub"

	"github.com/unipair/unipair/internal/file"
)

// Model is a repository of the hub, at one commit.
type Model struct {
	Address        // Revision is the commit
	License string // as its page says it; empty where that says none

	repo  *hub.Repo
	files []*hub.FileInfo
}

// commit matches a commit's name.
var commit = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Look asks the hub what a repository has.
func Look(ctx context.Context, a Address) (*Model, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	repo := repoOf(a)
	looked := make(chan error, 1) // go-huggingface takes no context here; what is stopped runs out by itself
	go func() { looked <- repo.DownloadInfo(true) }()
	select {
	case err := <-looked:
		if err != nil {
			return nil, unanswered(a, err)
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	info := repo.Info()
	if !commit.MatchString(info.CommitHash) {
		return nil, fmt.Errorf("hub: %s: the server names no commit (%q)", a, info.CommitHash)
	}
	m := &Model{Address: a, files: info.Siblings, License: license(info)}
	m.Revision = info.CommitHash
	m.repo = repoOf(m.Address)
	return m, nil
}

// refusal matches what go-huggingface says of a server's answer.
var refusal = regexp.MustCompile(`bad status code (\d+)`)

// unanswered says why the hub does not tell what a repository has. To one that is not there it answers as to one that is private.
func unanswered(a Address, err error) error {
	var unreachable *url.Error
	if errors.As(err, &unreachable) {
		return fmt.Errorf("hub: %s: cannot be asked (%w): is there a network? What was fetched before is found without one by its commit and file, "+
			"as run.yaml has them", a, unreachable)
	}
	if status := refusal.FindStringSubmatch(err.Error()); status != nil {
		return fmt.Errorf("hub: %s: is not given (HTTP %s): is it spelt so, are its terms accepted on its page, and does it need $HF_TOKEN?",
			a, status[1])
	}
	return fmt.Errorf("hub: %s: %w", a, err)
}

// repoOf returns go-huggingface's view of a repository.
func repoOf(a Address) *hub.Repo {
	repo := hub.New(a.Repo).WithAuth(os.Getenv("HF_TOKEN"))
	repo.Verbosity = 0
	if a.Revision != "" {
		repo = repo.WithRevision(a.Revision)
	}
	if home := os.Getenv("HF_HOME"); home != "" {
		repo = repo.WithCacheDir(filepath.Join(home, "hub"))
	}
	return repo
}

// license returns what a repository says of its licence.
func license(info *hub.RepoInfo) string {
	if info.CardData != nil && info.CardData.License != "" {
		return strings.TrimSpace(info.CardData.License + " " + info.CardData.LicenseLink)
	}
	for _, tag := range info.Tags {
		if name, ok := strings.CutPrefix(tag, "license:"); ok {
			return name
		}
	}
	return ""
}

// usual lists where repositories have their network in float32; the first that is there is taken. Where one has the part that sees images,
// as CLIP's do, the whole model takes text, too.
var usual = []string{"onnx/vision_model.onnx", "vision_model.onnx", "onnx/model.onnx", "model.onnx"}

// Network returns the name of the repository's ONNX file: the address's, else one of the usual names, else the only one there is.
func (m *Model) Network() (string, error) {
	var networks []string
	for _, f := range m.files {
		if strings.HasSuffix(f.Name, ".onnx") {
			networks = append(networks, f.Name)
		}
	}
	for _, name := range append([]string{m.File}, usual...) {
		if name != "" && slices.Contains(networks, name) {
			return name, nil
		}
		if name != "" && name == m.File {
			return "", fmt.Errorf("hub: %s has no file %s; its networks are %q", m.Repo, m.File, networks)
		}
	}
	switch len(networks) {
	case 0:
		return "", fmt.Errorf("hub: %s has no ONNX file: take a repository that has, or export the network and give its file", m.Repo)
	case 1:
		return networks[0], nil
	}
	return "", fmt.Errorf("hub: %s has several networks: choose one, as %s@%s:%s, of %q", m.Repo, m.Repo, m.Revision, networks[0], networks)
}

// Has reports whether the repository has a file.
func (m *Model) Has(name string) bool { return m.info(name) != nil }

func (m *Model) info(name string) *hub.FileInfo {
	for _, f := range m.files {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Fetch returns where a file of the repository is in the cache, and downloads it first if it is not. A large one is compared with its
// SHA-256 that the hub says.
func (m *Model) Fetch(ctx context.Context, name string) (string, error) {
	info := m.info(name)
	if info == nil {
		return "", fmt.Errorf("hub: %s has no file %s", m.Repo, name)
	}
	at, err := m.repo.DownloadFileCtx(ctx, name)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("hub: %s of %s: %w", name, m.Repo, err)
	}
	blob, err := filepath.EvalSymlinks(at)
	if err != nil { // go-huggingface takes a download that broke off for done
		return "", fmt.Errorf("hub: %s of %s broke off on its way: try again", name, m.Repo)
	}
	if info.LFS == nil || info.LFS.SHA256 == "" {
		return at, nil
	}
	sum, err := sumOf(blob)
	if err != nil {
		return "", err
	}
	if sum != info.LFS.SHA256 {
		return "", fmt.Errorf("hub: %s of %s has the SHA-256 %s, and the hub says %s: remove %s and try again",
			name, m.Repo, sum, info.LFS.SHA256, blob)
	}
	return at, nil
}

func sumOf(name string) (string, error) {
	opened, err := file.Open(name)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, opened); err != nil {
		return "", fmt.Errorf("hub: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Cached returns where a file is that was fetched before, at the commit that the address has, without asking the hub. ok is false where it
// is not known to be there.
func Cached(a Address, name string) (at string, ok bool) {
	if !commit.MatchString(a.Revision) {
		return "", false
	}
	dir := hub.DefaultCacheDir()
	if home := os.Getenv("HF_HOME"); home != "" {
		dir = filepath.Join(home, "hub")
	}
	repo := "models--" + strings.ReplaceAll(a.Repo, "/", hub.RepoIdSeparator)
	at = filepath.Join(dir, repo, "snapshots", a.Revision, filepath.FromSlash(path.Clean(name)))
	info, err := os.Stat(at)
	return at, err == nil && info.Mode().IsRegular()
}
