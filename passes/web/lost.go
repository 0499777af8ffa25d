package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Lost is the page for those who have lost their card: it asks for the address to
// which a letter goes.
type Lost struct {
	Page
	Title string // of the program
	Wrong bool   // what was filled in is no address
}

// RenderLost renders the page that asks for an address.
func RenderLost(p *Lost) ([]byte, error) {
	wrong := g.Group{h.Aria("invalid", "true"), h.Aria("describedby", "wrong"), h.AutoFocus()}
	return render(p.document(
		p.Say("recover.title")+" – "+p.Brand, nil, nil,
		h.Section(h.Class("hero"), h.H1(p.text("recover.title")), h.P(h.Class("count"), g.Text(p.Title))),
		h.Form(
			h.Method("post"), p.action(p.Here),
			h.P(h.Class("lead"), p.text("lost.why")),
			h.Label(h.For("email"), p.text("join.email")),
			h.Input(
				h.ID("email"), h.Name("email"), h.Type("email"), h.AutoComplete("email"), h.MaxLength("254"), h.Required(),
				g.If(p.Wrong, wrong),
			),
			g.If(p.Wrong, h.P(h.Class("wrong"), h.ID("wrong"), h.Role("alert"), p.text("join.wrong.email"))),
			h.Button(h.Class("main"), h.Type("submit"), p.text("lost.button")),
		),
	))
}
