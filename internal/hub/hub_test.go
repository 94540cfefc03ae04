package hub_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/hub"
	"github.com/unipair/unipair/internal/hubtest"
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

var whole = map[string]string{
	"onnx/model.onnx": "the network", "onnx/model_fp16.onnx": "half of it", "preprocessor_config.json": `{"size": 32}`,
}

// A network is fetched with what goes with it, from elsewhere if the hub says so, and is found again without the hub.
func TestFetch(t *testing.T) {
	hubtest.Server{Files: whole, Private: true}.Start(t)
	t.Setenv("HF_TOKEN", hubtest.Secret)
	m, err := hub.Look(t.Context(), hub.Address{Repo: "org/model"})
	if err != nil {
		t.Fatal(err)
	}
	name, err := m.Network()
	if err != nil || name != "onnx/model.onnx" || m.Revision != hubtest.Newest || m.License != "apache-2.0" || !m.Has(hub.PreparationName) {
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
	for _, a := range []hub.Address{{Repo: "org/model", Revision: "main"}, {Repo: "org/other", Revision: hubtest.Newest}} {
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
			s := hubtest.Server{Files: make(map[string]string)}
			for _, name := range test.files {
				s.Files[name] = "x"
			}
			s.Start(t)
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
		server hubtest.Server
		repo   hub.Address
		want   string
	}{
		{"another repository", hubtest.Server{Files: whole}, hub.Address{Repo: "org/none"}, "is it spelt so"},
		{"another revision", hubtest.Server{Files: whole}, hub.Address{Repo: "org/model", Revision: "v2"}, "org/model@v2"},
		{"without a token", hubtest.Server{Files: whole, Private: true}, hub.Address{Repo: "org/model"}, "does it need $HF_TOKEN"},
		{"no network", hubtest.Server{Files: map[string]string{"model.safetensors": "x"}}, hub.Address{Repo: "org/model"}, "has no ONNX file"},
		{"two networks", hubtest.Server{Files: map[string]string{"a.onnx": "x", "b.onnx": "y"}}, hub.Address{Repo: "org/model"},
			"has several networks: choose one"},
		{"no such file", hubtest.Server{Files: whole}, hub.Address{Repo: "org/model", File: "big.onnx"}, "has no file big.onnx"},
		{"another content", hubtest.Server{Files: whole, Sums: map[string]string{"onnx/model.onnx": "0000"}}, hub.Address{Repo: "org/model"},
			"the hub says 0000"},
		{"broken off", hubtest.Server{Files: whole, Cut: true}, hub.Address{Repo: "org/model"}, "broke off"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.server.Start(t)
			at, err := fetched(t.Context(), test.repo)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, %v\nwant: %s", at, err, test.want)
			}
		})
	}
	hubtest.Server{Files: whole}.Start(t)
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
		bgr        bool
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
		{name: "MobileViT", text: `{"crop_size": 256, "do_center_crop": true, "do_flip_channel_order": true, "do_resize": true, "size": 288}`,
			size: 256, scale: 1, std: 1, bgr: true},
		{name: "EfficientNet", text: `{"rescale_factor": 0.00784313725490196, "rescale_offset": true, "include_top": true,
			"image_mean": [0.25], "image_std": [0.5]}`, scale: 2, mean: 1.25, std: 0.25},
		{name: "EfficientNet without its ways", text: `{"rescale_offset": false, "include_top": false, "image_mean": [0.25], "image_std": [0.5]}`,
			scale: 1, mean: 0.25, std: 0.5},
		{name: "oblong", text: `{"size": {"height": 128, "width": 64}, "do_normalize": false}`, scale: 1, std: 1},
		{name: "nothing", text: `{}`, wrong: "does not say how pixels are normalised"},
		{name: "normalised, not said how", text: `{"do_normalize": true, "do_flip_channel_order": true}`, wrong: "does not say how pixels are normalised"},
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
			if err != nil || p.Size != test.size || math.Abs(p.Scale-test.scale) > 1e-9 || p.Mean[0] != test.mean || p.Std[0] != test.std ||
				p.BGR != test.bgr {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}
