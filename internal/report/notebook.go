package report

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/suggest"
)

// Notebook is one notebook of the repository, named NN-name.ipynb.
type Notebook struct {
	Number    string `json:"number"` // "02"
	Name      string `json:"name"`   // "02-circle-loss"
	Path      string `json:"-"`
	Title     string `json:"title"` // its first heading
	Paragraph string `json:"-"`     // the first paragraph after it, without markup but for mathematics
}

// mostSource is the size of a notebook, or of a file of the repository's source, that is read.
const mostSource = 64 << 20

var nameOf = regexp.MustCompile(`^(\d\d)-[a-z0-9-]+$`)

// Find returns the notebooks of a folder in their order.
func Find(folder string) ([]Notebook, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.ipynb"))
	if err != nil {
		return nil, fmt.Errorf("notebooks: %w", err)
	}
	slices.Sort(paths)
	var all []Notebook
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		match := nameOf.FindStringSubmatch(name)
		if match == nil {
			continue // a scratch notebook of the user's
		}
		n := Notebook{Number: match[1], Name: name, Path: path, Title: name}
		if err := n.read(); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no notebook in %s; names are like 01-unified-formula.ipynb", folder)
	}
	return all, nil
}

// Select returns the notebooks that words name: by number or name; of none, all.
func Select(all []Notebook, numbers []string) ([]Notebook, error) {
	if len(numbers) == 0 {
		return all, nil
	}
	var chosen []Notebook
	for _, n := range all {
		if slices.ContainsFunc(numbers, func(number string) bool { return n.is(number) }) {
			chosen = append(chosen, n)
		}
	}
	for _, number := range numbers {
		if !slices.ContainsFunc(all, func(n Notebook) bool { return n.is(number) }) {
			var known, names []string
			for _, n := range all {
				known, names = append(known, n.Number), append(names, n.Name, n.Name[len("NN-"):])
			}
			if near, ok := suggest.Near(number, names); ok {
				return nil, fmt.Errorf("unknown notebook %q: did you mean %s?", number, near)
			}
			return nil, fmt.Errorf("unknown notebook %q: known: %s", number, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

// is says whether a word is the notebook's number, with or without its zero, or its name, with or without its number.
func (n Notebook) is(word string) bool {
	return word == n.Number || "0"+word == n.Number || word == n.Name || word == n.Name[len("NN-"):]
}

var (
	link     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	emphasis = regexp.MustCompile("\\*\\*([^*$]+)\\*\\*|\\*([^*$]+)\\*|`([^`$]+)`")
)

// read takes the title and the first paragraph from the markdown cells.
func (n *Notebook) read() error {
	content, err := file.Read(n.Path, mostSource)
	if err != nil {
		return fmt.Errorf("notebook %s: %w", n.Number, err)
	}
	var notebook struct {
		Cells []struct {
			Type   string          `json:"cell_type"`
			Source json.RawMessage `json:"source"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(content, &notebook); err != nil {
		return fmt.Errorf("notebook %s: %s is not a notebook: %w", n.Number, n.Path, err)
	}
	for _, cell := range notebook.Cells {
		if cell.Type != "markdown" {
			continue
		}
		for block := range strings.SplitSeq(text(cell.Source), "\n\n") {
			block = strings.TrimSpace(block)
			heading, isHeading := strings.CutPrefix(block, "# ")
			switch {
			case isHeading:
				first, rest, _ := strings.Cut(heading, "\n")
				n.Title = strings.TrimSpace(first)
				n.Paragraph = plain(rest)
			case block != "" && !strings.HasPrefix(block, "#"):
				n.Paragraph = plain(block)
			}
			if n.Paragraph != "" {
				return nil
			}
		}
	}
	return nil
}

// text returns the source of a cell, which the format allows as a string or as its lines.
func text(source json.RawMessage) string {
	var whole string
	if json.Unmarshal(source, &whole) == nil {
		return whole
	}
	var lines []string
	_ = json.Unmarshal(source, &lines) // a source of another type is empty here and an error in the runner
	return strings.Join(lines, "")
}

// plain drops links and emphasis; mathematics stays for KaTeX.
func plain(markdown string) string {
	return strings.Join(strings.Fields(emphasis.ReplaceAllString(link.ReplaceAllString(markdown, "$1"), "$1$2$3")), " ")
}
