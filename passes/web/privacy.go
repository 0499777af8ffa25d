package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// privacy is what is kept of the person, to be taken away or deleted.
func (p *Card) privacy() g.Node {
	holder := p.Holder
	if holder == "" {
		holder = p.Say("privacy.none")
	}
	return h.Details(
		h.Class("panel"), h.Summary(p.text("privacy.title")),
		h.P(g.Text(holder)),
		h.P(h.A(h.Href(safeAddress(p.Here+"/export.json")), g.Attr("download"), p.text("privacy.export"))),
		h.Form(
			h.Method("post"), p.action(p.Here+"/erase"),
			h.P(p.text("privacy.delete.why")),
			h.Label(
				h.Class("choice"), h.Input(h.Type("checkbox"), h.Name("sure"), h.Value("yes"), h.Required()), g.Text(" "), h.Span(p.text("privacy.sure")),
			),
			h.Button(h.Class("danger"), h.Type("submit"), p.text("privacy.delete")),
		),
	)
}
