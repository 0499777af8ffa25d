package web

import (
	"html"
	"strings"

	"stempel/passes"
)

// Letter is an e-mail with links that open somebody's cards again.
type Letter struct {
	Language passes.Language
	Brand    string
	Cards    []LetterCard
}

// LetterCard is one of the cards, and the link that opens it.
type LetterCard struct{ Title, URL string }

func (l *Letter) say(id string) string { return Say(l.Language, id, l.Brand) }

// Subject is the letter's, in one line.
func (l *Letter) Subject() string { return l.say("letter.subject") }

// Text is the letter for those who read no HTML.
func (l *Letter) Text() string {
	var out strings.Builder
	out.WriteString(l.say("letter.why") + "\n\n")
	for _, card := range l.Cards {
		out.WriteString(card.Title + ":\n" + card.URL + "\n\n")
	}
	out.WriteString(l.say("letter.once") + "\n\n" + l.say("letter.not") + "\n\n" + l.Brand + "\n")
	return out.String()
}

// HTML is the same as a page of its own, which loads nothing.
func (l *Letter) HTML() string {
	paragraphs := []string{html.EscapeString(l.say("letter.why"))}
	for _, card := range l.Cards {
		paragraphs = append(paragraphs, "<a href=\""+html.EscapeString(card.URL)+"\">"+html.EscapeString(card.Title)+"</a>")
	}
	return letterPage(l.Language, l.Subject(), append(paragraphs,
		html.EscapeString(l.say("letter.once")), html.EscapeString(l.say("letter.not")), html.EscapeString(l.Brand))...)
}
