package strictjson_test

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/strictjson"
)

type thing struct {
	Name  string            `json:"name"`
	Count int               `json:"count"`
	Size  uint              `json:"size"`
	Rate  float64           `json:"rate"`
	Fine  bool              `json:"fine"`
	List  []int             `json:"list"`
	Set   map[string]string `json:"set"`
	Inner struct {
		Steps int `json:"steps"`
	} `json:"inner"`
}

// What encoding/json would take in one of several ways is refused, in words of the text.
func TestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"name": "a"}]`:                              "invalid character ']' after top-level value in line 1",
		"{\"name\": \"a\"}\n{}":                       "after top-level value in line 2",
		`{"name": "a", "name": "b"}`:                  `the name "name" comes twice in line 1`,
		"{\"inner\": {\n\"steps\": 1, \"steps\": 1}}": `the name "steps" comes twice in line 2`,
		`{"set": {"a": "b", "a": "b"}}`:               `the name "a" comes twice in line 1`,
		`{"count": 6.5}`:                              "count must be a whole number, got 6.5",
		`{"count": "6"}`:                              "count must be a whole number, got text",
		`{"count": 1e3}`:                              "count must be a whole number, got 1e3",
		`{"count": 99999999999999999999}`:             "count must be a whole number, got 99999999999999999999",
		`{"size": -1}`:                                "size must be a whole number from 0 on, got -1",
		`{"rate": true}`:                              "rate must be a number, got true",
		`{"rate": 1e999}`:                             "rate must be a number, got 1e999",
		`{"fine": 1}`:                                 "fine must be true or false, got a number",
		`{"name": 1}`:                                 "name must be text, got a number",
		`{"list": {}}`:                                "list must be a list, got an object",
		`{"list": [1, [2]]}`:                          "list/1 must be a whole number, got a list",
		`{"inner": []}`:                               "inner must be names with values, got a list",
		`[]`:                                          "must be names with values, got a list",
		`{`:                                           "it is cut short: unexpected EOF in line 1",
		``:                                            "EOF",
		"{\"name\": \"\xff\"}":                        "invalid UTF-8 in line 1",
		`{"name": NaN}`:                               "invalid character 'N'",
		`{'name': 1}`:                                 `invalid character '\''`,
	} {
		err := strictjson.UnmarshalSome([]byte(text), new(thing))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Go ") || strings.Contains(err.Error(), "json") {
			t.Errorf("%.50s: error %v, want one with %q, and no library's word", text, err, want)
		}
	}
}

// A name that is not known, or not in its own case, is another version's and changes nothing.
func TestReads(t *testing.T) {
	var got thing
	text := `{"name": "a", "count": -3, "size": 2, "rate": 1e-3, "fine": true, "list": [1, 2], "set": {"m": "0.2"}, "inner": {"steps": 4, "Steps": 5}, "other": [{}]}` + "\n"
	if err := strictjson.UnmarshalSome([]byte(text), &got); err != nil || got.Name != "a" || got.Count != -3 || got.Size != 2 || got.Rate != 1e-3 || !got.Fine || len(got.List) != 2 ||
		got.Set["m"] != "0.2" || got.Inner.Steps != 4 {
		t.Errorf("read %+v, %v", got, err)
	}
}
