package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Recover is the page behind a recovery link.
type Recover struct {
	Page
	Title string
	Once  string // names the form: sent twice, it opens one page
}

// RenderRecover renders the page behind a recovery link.
func RenderRecover(p *Recover) ([]byte, error) {
	return render(p.document(
		p.Say("recover.title")+" – "+p.Brand, nil, nil,
		h.Section(h.Class("hero"), h.H1(p.text("recover.title")), h.P(h.Class("count"), g.Text(p.Title))),
		h.Form(
			h.Method("post"), p.action(p.Here),
			h.Input(h.Type("hidden"), h.Name("once"), h.Value(p.Once)),
			h.P(h.Class("lead"), p.text("recover.why")),
			h.Button(h.Class("main"), h.Type("submit"), p.text("recover.button")),
		),
	))
}

// Notice is a page that only says something.
type Notice struct {
	Page
	Heading, Text string
	Retry         string // address of a link to go on with; empty: none
	Typed         string // e-mail address that a letter goes to, as whoever reads this has just typed it; empty: none
	Another       string // address of the form for another one
	Forget        bool   // the browser is to forget the card of this address
}

// RenderNotice renders a page that only says something.
func RenderNotice(p *Notice) ([]byte, error) {
	var head g.Group
	if p.Forget {
		head = g.Group{h.Script(h.Type("module"), h.Src(assetPath("forget.js")))}
	}
	return render(p.document(
		p.Heading, head, nil,
		h.Section(
			h.Class("panel notice"), h.H1(g.Text(p.Heading)), g.If(p.Typed != "", h.P(h.Class("wanted"), g.Text(p.Typed))), h.P(g.Text(p.Text)),
			g.If(p.Retry != "", h.P(h.A(h.Class("button"), h.Href(safeAddress(p.Retry)), p.text("error.retry")))),
			g.If(p.Another != "", h.P(h.A(h.Class("button"), h.Href(safeAddress(p.Another)), p.text("lost.another")))),
		),
	))
}
