package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Tap is the page that a phone opens which was held to a shop's own tag. The card is
// this browser's to know: tap.js does the rest.
type Tap struct {
	Page
	Title    string // of the program
	Message  string // what the chip has mirrored
	Join     string // address where a card is opened
	Once     string // names this page: sent twice, it is one tap
	Approval bool   // somebody at a till approves it
}

// RenderTap renders the page behind a shop's own tag.
func RenderTap(p *Tap) ([]byte, error) {
	// What tap.js needs, and says by itself.
	words := g.Group{
		h.Data("tag", p.Here), h.Data("message", p.Message), h.Data("once", p.Once),
		h.Data("seconds", p.Say("card.seconds")), h.Data("lost", p.Say("tap.lost")), h.Data("lost-text", p.Say("tap.lost.text")), h.Data("choose", p.Say("tap.choose")),
	}
	head := g.Group{h.Script(h.Type("module"), h.Src(assetPath("tap.js")))}
	join := p.Join + "?lang=" + string(p.Language)
	return render(p.document(
		p.Title+" – "+p.Brand, head, words,
		h.Section(h.Class("hero"), h.H1(g.Text(p.Title)), h.P(h.Class("count"), h.ID("card"), h.Hidden(""))),
		h.Section(
			h.Class("panel tap"), h.ID("tap"), g.Attr("data-state", "looking"),
			h.Div(h.Role("status"), h.Aria("live", "polite"),
				h.H2(h.ID("heading"), p.text("tap.looking")), h.P(h.ID("text"), g.If(p.Approval, p.text("tap.approval")))),
			h.NoScript(h.P(p.text("tap.noscript"))),
			h.P(h.Class("left"), h.ID("left"), h.Hidden("")),
			h.Div(h.ID("choice"), h.Role("group"), h.Aria("labelledby", "heading"), h.Hidden("")),
			h.Button(h.Class("main"), h.Type("button"), h.ID("again"), h.Hidden(""), p.text("error.retry")),
			h.A(h.Class("button"), h.ID("open"), h.Href("/"), h.Hidden(""), p.text("tap.open")),
		),
		h.Section(
			h.Class("panel tap"), h.ID("none"), h.Hidden(""), h.H2(p.text("tap.none")), h.P(p.text("tap.none.text")),
			h.P(h.A(h.Class("button main"), h.ID("join"), h.Href(safeAddress(join)), p.text("join.button"))),
		),
	))
}
