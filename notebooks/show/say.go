package show

import (
	"errors"
	"fmt"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/unipair/unipair/internal/quick"
)

// Verdict says under a table or a figure what came out, in a sentence that the cell makes of its numbers. It is Markdown.
func Verdict(format string, values ...any) { say("verdict", fmt.Sprintf(format, values...)) }

// Answer says a verdict that the page has at its top too, with the others of its kind: what the whole page answers.
func Answer(format string, values ...any) { say("answer", fmt.Sprintf(format, values...)) }

func say(role, sentence string) {
	sentence = set(sentence)
	sendAs(map[string]any{"unipair": role, "facts": facts}, map[protocol.MIMEType]any{
		protocol.MIMETextMarkdown: "**What came out.** " + sentence, protocol.MIMETextPlain: sentence,
	})
	facts = map[string]string{}
}

// set writes the minus signs and the powers of ten of a sentence as they are set.
func set(sentence string) string { return minus(powers(sentence)) }

// facts are those that go with the next sentence.
var facts = map[string]string{}

// Fact writes a value for the sentence that is said next. It gives it a name by which other pages of the report, those in other languages,
// take it from this one.
func Fact(name, format string, values ...any) string {
	facts[name] = set(fmt.Sprintf(format, values...))
	return facts[name]
}

// Claim ends the cell unless what the text beside it says holds. Quick runs have other numbers, of which the text does not speak, and pass.
func Claim(sentence string, holds bool) {
	if !holds && !quick.Asked() {
		Check(errors.New("the page says " + sentence + ", and this run does not show it: change the text, or find out why"))
	}
}

// Which returns the words for whether something holds.
func Which(holds bool, yes, no string) string {
	if holds {
		return yes
	}
	return no
}
