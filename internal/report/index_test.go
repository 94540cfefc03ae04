package report_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/report"
)

// mapped writes an index and the Korean page over two pages, one that answers and one that was quick, beside a notebook that was not run.
func mapped(t *testing.T) (index, korean string) {
	t.Helper()
	out := t.TempDir()
	write(t, filepath.Join(out, "explorer.html"), `<figure><img alt="" src="data:image/png;base64,AA"></figure>`)
	write(t, filepath.Join(out, "02-circle.html"), `<!-- unipair-answer: A, *not* B: $s_p &lt; 1$. --><!-- unipair-facts: {&#34;A&#34;: &#34;2.2&#34;, &#34;B&#34;: &#34;0.2&#34;} -->`+
		`<figure class="viz-panels"><img alt="a &gt; b" style="width:50%" src="data:image/png;base64,BB"/>`+"\n"+`<img alt="" src="data:image/png;base64,CC"/><figcaption>a</figcaption></figure><figure><img src="data:image/png;base64,DD"></figure>`)
	write(t, filepath.Join(out, "04-bent.html"), `<!-- unipair-quick -->`)
	all := []report.Notebook{
		{Number: "02", Name: "02-circle", Title: "Why?", Paragraph: "Long ago."}, {Number: "04", Name: "04-bent", Title: "Bent?", Paragraph: "It is bent."},
		{Number: "07", Name: "07-ends", Title: "Ends?"},
	}
	if err := report.WriteIndex(all, nil, out, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return read(t, out, "index.html"), read(t, out, "ko.html")
}

// The index is a map: each question with what its page has answered, or says of itself, and where the paper's figures are.
func TestIndexIsAMap(t *testing.T) {
	index, _ := mapped(t)
	for _, want := range []string{
		`<a href="02-circle.html">02 · Why?</a>`, "<p>A, not B: $s_p &lt; 1$.</p>", "<p>It is bent.</p>", "Quick run", "Not run yet: <code>unipair report 07</code>",
		`src="data:image/png;base64,CC"`, `<th scope="row">Figure 2</th>`, `href="ko.html"`, "Fifteen minutes", `src="data:image/png;base64,AA"`,
	} {
		if !strings.Contains(index, want) {
			t.Errorf("the index lacks %q", want)
		}
	}
	for _, no := range []string{"Long ago.", "base64,BB", "base64,DD"} {
		if strings.Contains(index, no) {
			t.Errorf("the index has %q", no)
		}
	}
}

// Links to a notebook that was not run lead to a page that says so, and which the index does not take for one that was.
func TestStandIn(t *testing.T) {
	out, all := t.TempDir(), []report.Notebook{{Number: "07", Name: "07-ends", Title: "Ends at $s_p < 1$?"}}
	write(t, filepath.Join(out, "explorer.html"), "")
	for range 2 {
		if err := report.WriteIndex(all, nil, out, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		if page := read(t, out, "07-ends.html"); !strings.Contains(page, "07 · Ends at s_p &lt; 1?") || !strings.Contains(page, "<code>unipair report 07</code>") {
			t.Errorf("the page is %s", page)
		}
		if index := read(t, out, "index.html"); !strings.Contains(index, "Not run yet: <code>unipair report 07</code>") || strings.Contains(index, `href="07-ends.html"`) {
			t.Errorf("the index is %s", index)
		}
	}
}

// The Korean page takes its numbers from the pages, and says which are missing.
func TestKoreanPage(t *testing.T) {
	_, korean := mapped(t)
	for _, want := range []string{"A에서 2.2배, B에서 0.2배, C에서 —배", `href="02-circle.html"`, `src="data:image/png;base64,BB"`, `src="data:image/png;base64,CC"`, "01, 02, 04, 05", `lang="ko"`,
		"(<i>s</i><sub>n</sub>, <i>s</i><sub>p</sub>)", "<i>m</i> &lt; 1/(2√2)", "2 log 9 / <i>γ</i>", "Quick run: ", `href="explorer.html"`,
		`alt="원 경계: A, B, C마다 미는 힘이 다르다" src="data:image/png;base64,CC"`} {
		if !strings.Contains(korean, want) {
			t.Errorf("the Korean page lacks %q", want)
		}
	}
	if rest := regexp.MustCompile(`[$\\]\S*`).FindString(korean); rest != "" {
		t.Errorf("the Korean page has a formula that is not set: %q", rest)
	}
}

// What the notebooks say by a name is what the Korean page takes, and the other way round.
func TestFacts(t *testing.T) {
	names := func(pattern, text, before string) (found []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, before+strings.Join(match[1:], " "))
		}
		return found
	}
	wanted, said := names(`fact "(\d\d)" "(\w+)"`, read(t, "template", "ko.html"), ""), []string{}
	paths, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		var notebook struct {
			Cells []struct{ Source []string }
		}
		if err := json.Unmarshal([]byte(read(t, filepath.Dir(path), filepath.Base(path))), &notebook); err != nil {
			t.Fatal(err)
		}
		for _, cell := range notebook.Cells {
			said = append(said, names(`show\.Fact\(\s*"(\w+)"`, strings.Join(cell.Source, ""), filepath.Base(path)[:2]+" ")...)
		}
	}
	slices.Sort(wanted)
	slices.Sort(said)
	if wanted, said = slices.Compact(wanted), slices.Compact(said); !slices.Equal(wanted, said) {
		t.Errorf("the Korean page reads\n%q, and show.Fact gives names to\n%q", wanted, said)
	}
}
