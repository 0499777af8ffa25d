package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Gift is a code of another shop that the card's holder was handed.
type Gift struct {
	Name    string // of the reward
	Code    string
	Picture string // address of its QR code
	Until   string // when it ends, in the shop's zone; empty: never
}

// gifts are folded away: a camera that sees two codes takes neither.
func (p *Card) gifts() g.Node {
	section := g.Group{h.ID("gifts"), g.Attr("data-live")}
	if len(p.Gifts) == 0 {
		return h.Section(section)
	}
	return h.Section(section, h.Class("panel"), h.H2(p.text("gifts.title")), h.P(p.text("gifts.why")), g.Map(p.Gifts, p.gift))
}

func (p *Card) gift(gift Gift) g.Node {
	return h.Details(
		h.Summary(g.Text(gift.Name)),
		h.P(h.Class("gift"), g.Text(gift.Code)),
		h.Img(h.Src(safeAddress(gift.Picture)), h.Alt(p.Say("gifts.picture")), h.Width("256"), h.Height("256"), h.Loading("lazy")),
		g.If(gift.Until != "", h.P(h.Class("small"), p.text("gifts.until"), g.Text(" "+gift.Until))),
	)
}
