package hub_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/hub"
)

func TestParse(t *testing.T) {
	for words, want := range map[string]hub.Address{
		"org/model":                            {Repo: "org/model"},
		"org/model@main":                       {Repo: "org/model", Revision: "main"},
		"Org-1/model_2.5:onnx/model.onnx":      {Repo: "Org-1/model_2.5", File: "onnx/model.onnx"},
		"org/model@0123abc:vision_model.onnx":  {Repo: "org/model", Revision: "0123abc", File: "vision_model.onnx"},
		"org/model@refs/pr/1:onnx/a-b_c2.onnx": {Repo: "org/model", Revision: "refs/pr/1", File: "onnx/a-b_c2.onnx"},
	} {
		if got, err := hub.Parse(words); err != nil || got != want || got.String() != words {
			t.Errorf("%s: %+v, %v", words, got, err)
		}
	}
	for _, words := range []string{"", "model", "org/model/more", "../../etc/passwd", "org/..", "org/model@../../x", "org/model:../x.onnx",
		"/org/model", "org/model@-x ", "org/model:model.bin", "a b/c", ".ssh/keys"} {
		if got, err := hub.Parse(words); err == nil {
			t.Errorf("%q is read as %+v", words, got)
		}
	}
}

const (
	newest = "0123456789abcdef0123456789abcdef01234567"
	secret = "hf_secret"
)

// server is a hub with one repository, org/model.
type server struct {
	files   map[string]string
	sums    map[string]string // SHA-256 in place of the right ones
	private bool
	cut     bool // downloads break off
}

func (s server) start(t *testing.T) {
	t.Helper()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token goes to another server")
		}
		s.serve(w, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	main := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.private && r.Header.Get("Authorization") != "Bearer "+secret {
			http.Error(w, `{"error":"Invalid username or password."}`, http.StatusUnauthorized)
			return
		}
		if name, ok := strings.CutPrefix(r.URL.Path, "/org/model/resolve/"+newest+"/"); ok && s.files[name] != "" {
			if strings.HasSuffix(name, ".onnx") { // large files are elsewhere
				http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)+"/"+name, http.StatusFound)
				return
			}
			s.serve(w, name)
			return
		}
		if r.URL.Path == "/api/models/org/model/revision/main" || r.URL.Path == "/api/models/org/model/revision/"+newest {
			s.info(w)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(main.Close)
	t.Cleanup(elsewhere.Close)
	t.Setenv("HF_ENDPOINT", main.URL)
	t.Setenv("HF_HOME", t.TempDir())
	t.Setenv("HF_TOKEN", "")
}

func (s server) serve(w http.ResponseWriter, name string) {
	w.Header().Set("ETag", `"`+sum(s.files[name])+`"`)
	w.Header().Set("Content-Length", fmt.Sprint(len(s.files[name])))
	content := s.files[name]
	if s.cut {
		content = content[:len(content)/2]
	}
	fmt.Fprint(w, content)
}

func (s server) info(w http.ResponseWriter) {
	var siblings []any
	for name, content := range s.files {
		f := map[string]any{"rfilename": name, "size": len(content)}
		if strings.HasSuffix(name, ".onnx") {
			f["lfs"] = map[string]any{"sha256": sum(content), "size": len(content)}
			if wrong := s.sums[name]; wrong != "" {
				f["lfs"] = map[string]any{"sha256": wrong}
			}
		}
		siblings = append(siblings, f)
	}
	json.NewEncoder(w).Encode(map[string]any{
		"id": "org/model", "sha": newest, "siblings": siblings, "cardData": map[string]any{"license": "apache-2.0"},
	})
}

func sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

var whole = map[string]string{
	"onnx/model.onnx": "the network", "onnx/model_fp16.onnx": "half of it", "preprocessor_config.json": `{"size": 32}`,
}

// A network is fetched with what goes with it, from elsewhere if the hub says so, and is found again without the hub.
func TestFetch(t *testing.T) {
	server{files: whole, private: true}.start(t)
	t.Setenv("HF_TOKEN", secret)
	m, err := hub.Look(t.Context(), hub.Address{Repo: "org/model"})
	if err != nil {
		t.Fatal(err)
	}
	name, err := m.Network()
	if err != nil || name != "onnx/model.onnx" || m.Revision != newest || m.License != "apache-2.0" || !m.Has(hub.PreparationName) {
		t.Errorf("%s of %+v, %v", name, m, err)
	}
	for name, want := range whole {
		at, err := m.Fetch(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(at); err != nil || string(got) != want || !strings.HasPrefix(at, os.Getenv("HF_HOME")) {
			t.Errorf("%s: %s has %q, %v", name, at, got, err)
		}
	}
	t.Setenv("HF_ENDPOINT", "http://127.0.0.1:1")
	if at, ok := hub.Cached(m.Address, name); !ok || filepath.Base(at) != "model.onnx" {
		t.Errorf("without the hub: %s, %t", at, ok)
	}
	for _, a := range []hub.Address{{Repo: "org/model", Revision: "main"}, {Repo: "org/other", Revision: newest}} {
		if at, ok := hub.Cached(a, name); ok {
			t.Errorf("%s is in the cache: %s", a, at)
		}
	}
}

// Of several networks the one in float32 that sees images is taken.
func TestNetwork(t *testing.T) {
	for _, test := range []struct {
		name  string
		files []string
		want  string
	}{
		{"in halves, too", []string{"onnx/model_fp16.onnx", "onnx/model.onnx"}, "onnx/model.onnx"},
		{"images and text", []string{"onnx/model.onnx", "onnx/text_model.onnx", "onnx/vision_model.onnx"}, "onnx/vision_model.onnx"},
		{"the only one", []string{"efficientnet-lite4-11.onnx", "README.md"}, "efficientnet-lite4-11.onnx"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := server{files: make(map[string]string)}
			for _, name := range test.files {
				s.files[name] = "x"
			}
			s.start(t)
			m, err := hub.Look(t.Context(), hub.Address{Repo: "org/model"})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := m.Network(); got != test.want || err != nil {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}

func TestFetchFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		server server
		repo   hub.Address
		want   string
	}{
		{"another repository", server{files: whole}, hub.Address{Repo: "org/none"}, "is it spelt so"},
		{"another revision", server{files: whole}, hub.Address{Repo: "org/model", Revision: "v2"}, "org/model@v2"},
		{"without a token", server{files: whole, private: true}, hub.Address{Repo: "org/model"}, "does it need $HF_TOKEN"},
		{"no network", server{files: map[string]string{"model.safetensors": "x"}}, hub.Address{Repo: "org/model"}, "has no ONNX file"},
		{"two networks", server{files: map[string]string{"a.onnx": "x", "b.onnx": "y"}}, hub.Address{Repo: "org/model"},
			"has several networks: choose one"},
		{"no such file", server{files: whole}, hub.Address{Repo: "org/model", File: "big.onnx"}, "has no file big.onnx"},
		{"another content", server{files: whole, sums: map[string]string{"onnx/model.onnx": "0000"}}, hub.Address{Repo: "org/model"},
			"the hub says 0000"},
		{"broken off", server{files: whole, cut: true}, hub.Address{Repo: "org/model"}, "broke off"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.server.start(t)
			at, err := fetched(t.Context(), test.repo)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, %v\nwant: %s", at, err, test.want)
			}
		})
	}
	server{files: whole}.start(t)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetched(stopped, hub.Address{Repo: "org/model"}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func fetched(ctx context.Context, a hub.Address) (string, error) {
	m, err := hub.Look(ctx, a)
	if err != nil {
		return "", err
	}
	name, err := m.Network()
	if err != nil {
		return "", err
	}
	return m.Fetch(ctx, name)
}

func TestReadPreparation(t *testing.T) {
	for _, test := range []struct {
		name, text string
		size       int
		scale      float64
		mean, std  float64 // of red
		wrong      string
	}{
		{name: "CLIP", text: `{"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "size": {"shortest_edge": 256},
			"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}`,
			size: 224, scale: 1, mean: 0.48145466, std: 0.26862954},
		{name: "ViT", text: `{"do_rescale": true, "rescale_factor": 0.00784313725490196, "do_normalize": false,
			"size": {"height": 384, "width": 384}}`,
			size: 384, scale: 2, std: 1},
		{name: "from 0 to 255", text: `{"do_rescale": false, "size": 96, "image_mean": [127], "image_std": [128]}`,
			size: 96, scale: 255, mean: 127, std: 128},
		{name: "oblong", text: `{"size": {"height": 128, "width": 64}}`, scale: 1, std: 1},
		{name: "nothing", text: `{}`, scale: 1, std: 1},
		{name: "no JSON", text: `size: 224`, wrong: "is no configuration"},
		{name: "two colours", text: `{"image_mean": [1, 2], "image_std": [1, 2]}`, wrong: "2 means"},
		{name: "no deviation", text: `{"image_mean": [1], "image_std": [0]}`, wrong: "deviations above 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), hub.PreparationName)
			if err := os.WriteFile(path, []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			p, err := hub.ReadPreparation(path)
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) || !strings.Contains(err.Error(), path) {
					t.Errorf("%v, want: %s", err, test.wrong)
				}
				return
			}
			if err != nil || p.Size != test.size || p.Scale-test.scale > 1e-9 || p.Mean[0] != test.mean || p.Std[0] != test.std {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}
