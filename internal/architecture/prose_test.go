package architecture_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mostLines is how long a file of the packages under pkg/ may be: what is longer holds more than one idea.
const mostLines = 250

func TestFilesAreShort(t *testing.T) {
	programs(t, func(file string) {
		if !strings.HasPrefix(file, "pkg/") {
			return
		}
		source, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(source, []byte("\n")); lines > mostLines {
			t.Errorf("%s has %d lines, at most %d are wanted: divide it by what is in it", file, lines, mostLines)
		}
	})
}

// A comment on a declaration begins with its name and a verb, as Go's own do: go doc prints it beside that name.
func TestCommentsBeginWithTheName(t *testing.T) {
	programs(t, func(file string) {
		places, tree := parsed(t, file)
		for _, declared := range documented(tree) {
			if wrong := declared.wrong(); wrong != "" {
				t.Errorf("%s:%d: %s: %q", file, places.Position(declared.comment.Pos()).Line, wrong, firstLine(declared.comment.Text()))
			}
		}
	})
}

// A sentence of a comment is no longer than one of a page: what is longer says more than one thing.
func TestSentencesOfCommentsAreShort(t *testing.T) {
	programs(t, func(file string) {
		places, tree := parsed(t, file)
		for _, group := range tree.Comments {
			for _, sentence := range ofComment(group.Text()) {
				if words := len(strings.Fields(sentence)); words > mostWords {
					t.Errorf("%s:%d: a sentence has %d words, at most %d are wanted: %s", file, places.Position(group.Pos()).Line, words, mostWords, sentence)
				}
			}
		}
	})
}

var endOfSentence = regexp.MustCompile(`[.?!](\s+|$)`)

// ofComment divides a comment into sentences, which may begin with the name of a variable; what is indented, as code and lists are, is none.
func ofComment(comment string) (all []string) {
	for _, paragraph := range strings.Split(comment, "\n\n") {
		if !strings.HasPrefix(paragraph, " ") && !strings.HasPrefix(paragraph, "\t") {
			all = append(all, endOfSentence.Split(strings.ReplaceAll(paragraph, "\n", " "), -1)...)
		}
	}
	return all
}

// A ratio is said with "per": "one a pair" and "a value an anchor" are read as something else.
func TestCommentsSayPer(t *testing.T) {
	programs(t, func(file string) {
		places, tree := parsed(t, file)
		for _, group := range tree.Comments {
			if found := ratioWithoutPer.FindString(strings.Join(strings.Fields(group.Text()), " ")); found != "" {
				t.Errorf("%s:%d: %q: say per", file, places.Position(group.Pos()).Line, found)
			}
		}
	})
}

// ratioWithoutPer finds what means "one per pair" and says "one a pair": a count or a unit, "a", and what it is counted over.
var ratioWithoutPer = regexp.MustCompile(`\b(one|two|three|four|[0-9]+|values?|numbers?|terms?|labels?|bytes?|pixels?|images?|rows?|lines?|words?|points?|columns?|centres?) ` +
	`(a|an) (anchor|pair|triplet|row|class|batch|image|step|pixel|side|word|line|epoch|example|vector|query|embedding|point|size|device|record|column|channel|run|worker|processor|kind)\b`)

// declaration is a comment and what it is on.
type declaration struct {
	names    []string
	comment  *ast.CommentGroup
	function bool
}

// documented lists the declarations of a file that have a comment. That of a group in parentheses is free, and on the group as a whole.
func documented(tree *ast.File) (all []declaration) {
	add := func(comment *ast.CommentGroup, names ...string) {
		if comment != nil && strings.TrimSpace(comment.Text()) != "" {
			all = append(all, declaration{names: names, comment: comment})
		}
	}
	if tree.Name.Name == "main" {
		add(tree.Doc, "Command", "The", "Package main")
	} else {
		add(tree.Doc, "Package "+tree.Name.Name)
	}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(d.Doc, d.Name.Name)
			if d.Doc != nil && len(all) > 0 {
				all[len(all)-1].function = true
			}
		case *ast.GenDecl:
			if d.Tok == token.IMPORT { // above "C" stands C
				continue
			}
			for _, spec := range d.Specs {
				var names []string
				var comment *ast.CommentGroup
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names, comment = []string{spec.Name.Name}, spec.Doc
				case *ast.ValueSpec:
					comment = spec.Doc
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
				if !d.Lparen.IsValid() {
					comment = d.Doc
				}
				add(comment, names...)
			}
		}
	}
	return all
}

// articles may stand before the name of a type: "A Loss is …".
var articles = []string{"A ", "An ", "The "}

// nounClause finds "Foo is what …", which says less than a verb does.
var nounClause = regexp.MustCompile(`^\S+ (is|are) (what|how|where|when|which|whether|who)\b`)

// isOrAre finds "foo is …" where foo is a function: it does or returns something.
var isOrAre = regexp.MustCompile(`^\S+ (is|are)\b`)

// wrong returns what is wrong with a comment; it is empty if nothing is.
func (d declaration) wrong() string {
	text := d.comment.Text()
	for _, article := range articles {
		text = strings.TrimPrefix(text, article)
	}
	begins := func(name string) bool {
		return regexp.MustCompile(`^` + regexp.QuoteMeta(name) + `\b`).MatchString(text)
	}
	switch {
	case !slices.ContainsFunc(d.names, func(name string) bool { return name == "_" || begins(name) }):
		return fmt.Sprintf("the comment must begin with %s", strings.Join(d.names, " or "))
	case nounClause.MatchString(text) || d.function && isOrAre.MatchString(text):
		return "say by a verb what it does or holds"
	}
	return ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
