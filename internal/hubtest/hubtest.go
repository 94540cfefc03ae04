// Package hubtest serves a hub with one repository, for tests.
package hubtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What the repository has: its commit, and the token that a private one wants.
const (
	Newest = "0123456789abcdef0123456789abcdef01234567"
	Secret = "hf_secret"
)

// Server is a hub with one repository, org/model.
type Server struct {
	Files   map[string]string
	Sums    map[string]string // SHA-256 in place of the right ones
	Private bool              // it wants [Secret]
	Cut     bool              // downloads break off
}

// Start serves it until the test ends: $HF_ENDPOINT says where, $HF_HOME is empty, and there is no $HF_TOKEN.
func (s Server) Start(t *testing.T) {
	t.Helper()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token goes to another server")
		}
		s.serve(w, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	main := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Private && r.Header.Get("Authorization") != "Bearer "+Secret {
			http.Error(w, `{"error":"Invalid username or password."}`, http.StatusUnauthorized)
			return
		}
		if name, ok := strings.CutPrefix(r.URL.Path, "/org/model/resolve/"+Newest+"/"); ok && s.Files[name] != "" {
			if strings.HasSuffix(name, ".onnx") { // large files are elsewhere
				http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)+"/"+name, http.StatusFound)
				return
			}
			s.serve(w, name)
			return
		}
		if r.URL.Path == "/api/models/org/model/revision/main" || r.URL.Path == "/api/models/org/model/revision/"+Newest {
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

func (s Server) serve(w http.ResponseWriter, name string) {
	w.Header().Set("ETag", `"`+sum(s.Files[name])+`"`)
	w.Header().Set("Content-Length", fmt.Sprint(len(s.Files[name])))
	content := s.Files[name]
	if s.Cut {
		content = content[:len(content)/2]
	}
	fmt.Fprint(w, content)
}

func (s Server) info(w http.ResponseWriter) {
	var siblings []any
	for name, content := range s.Files {
		f := map[string]any{"rfilename": name, "size": len(content)}
		if strings.HasSuffix(name, ".onnx") {
			f["lfs"] = map[string]any{"sha256": sum(content), "size": len(content)}
			if wrong := s.Sums[name]; wrong != "" {
				f["lfs"] = map[string]any{"sha256": wrong}
			}
		}
		siblings = append(siblings, f)
	}
	json.NewEncoder(w).Encode(map[string]any{
		"id": "org/model", "sha": Newest, "siblings": siblings, "cardData": map[string]any{"license": "apache-2.0"},
	})
}

func sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
