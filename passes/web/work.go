package web

import (
	"html"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"stempel/passes"
)

// Work is the page for a card that is not for everybody: it asks for the work address
// to which a letter goes.
type Work struct {
	Page
	Title string // of the program
	Wrong bool   // what was filled in is no address
}

// RenderWork renders the page that asks for a work address.
func RenderWork(p *Work) ([]byte, error) {
	wrong := g.Group{h.Aria("invalid", "true"), h.Aria("describedby", "wrong"), h.AutoFocus()}
	return render(p.document(
		p.Say("work.title")+" – "+p.Brand, nil, nil,
		h.Section(h.Class("hero"), h.H1(p.text("work.title")), h.P(h.Class("count"), g.Text(p.Title))),
		h.Form(
			h.Method("post"), p.action(p.Here),
			h.P(h.Class("lead"), p.text("work.why")),
			h.Label(h.For("email"), p.text("work.email")),
			h.Input(
				h.ID("email"), h.Name("email"), h.Type("email"), h.AutoComplete("email"), h.MaxLength("254"), h.Required(),
				g.If(p.Wrong, wrong),
			),
			g.If(p.Wrong, h.P(h.Class("wrong"), h.ID("wrong"), h.Role("alert"), p.text("join.wrong.email"))),
			h.Button(h.Class("main"), h.Type("submit"), p.text("work.button")),
		),
	))
}

// work leads whoever has a card to that page.
func (p *Card) work() g.Node {
	if p.Work == "" {
		return nil
	}
	return h.P(h.A(h.Class("button"), h.Href(safeAddress(p.Work+"?lang="+string(p.Language))), p.text("work.held.link")))
}

// Worker is the page behind the link of such a letter.
type Worker struct {
	Page
	Title string // of the program
	Held  bool   // it is for a card that somebody has; else it opens one here
}

// RenderWorker renders the page behind the link.
func RenderWorker(p *Worker) ([]byte, error) {
	why, confirm := "work.confirm.why", "work.confirm"
	if p.Held {
		why, confirm = "work.held.why", "work.held.confirm"
	}
	return render(p.document(
		p.Say("work.title")+" – "+p.Brand, nil, nil,
		h.Section(h.Class("hero"), h.H1(p.text("work.title")), h.P(h.Class("count"), g.Text(p.Title))),
		h.Form(
			h.Method("post"), p.action(p.Here),
			h.P(h.Class("lead"), p.text(why)),
			h.Button(h.Class("main"), h.Type("submit"), p.text(confirm)),
		),
	))
}

// WorkLetter is an e-mail with the link that shows that a work address is somebody's.
type WorkLetter struct {
	Language passes.Language
	Brand    string
	Title    string // of the program
	Held     bool   // it is for a card that somebody has; else it opens one
	URL      string
}

func (l *WorkLetter) say(id string) string { return Say(l.Language, id, l.Brand) }

func (l *WorkLetter) what() string {
	if l.Held {
		return l.say("work.held.letter")
	}
	return l.say("work.letter")
}

// Subject is the letter's, in one line.
func (l *WorkLetter) Subject() string { return l.say("work.subject") }

// Text is the letter for those who read no HTML.
func (l *WorkLetter) Text() string {
	return l.what() + "\n\n" + l.Title + ":\n" + l.URL + "\n\n" + l.say("work.hour") + "\n\n" + l.say("letter.not") + "\n\n" + l.Brand + "\n"
}

// HTML is the same as a page of its own, which loads nothing.
func (l *WorkLetter) HTML() string {
	link := "<a href=\"" + html.EscapeString(l.URL) + "\">" + html.EscapeString(l.Title) + "</a>"
	return letterPage(l.Language, l.Subject(), html.EscapeString(l.what()), link,
		html.EscapeString(l.say("work.hour")), html.EscapeString(l.say("letter.not")), html.EscapeString(l.Brand))
}

// letterPage is a letter of paragraphs, which are HTML.
func letterPage(l passes.Language, subject string, paragraphs ...string) string {
	var out strings.Builder
	out.WriteString("<!doctype html>\n<html lang=\"" + string(l) + "\">\n<head><meta charset=\"utf-8\"><title>" + html.EscapeString(subject) + "</title></head>\n<body>\n")
	for _, content := range paragraphs {
		out.WriteString("<p>" + content + "</p>\n")
	}
	out.WriteString("</body>\n</html>\n")
	return out.String()
}
