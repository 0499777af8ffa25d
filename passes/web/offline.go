package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Offline is the page that a customer shows where the shop has no network and the
// phone has one: a fresh code of the card, and one of each reward.
type Offline struct {
	Page
	Title   string // of the program
	Code    string // address of the card's code as a picture
	Rewards []OfflineReward
	Back    string // address of the card's page
}

// OfflineReward is a voucher's code.
type OfflineReward struct {
	Name string
	Code string // address of the picture
}

// RenderOffline renders the page for a shop without network.
func RenderOffline(p *Offline) ([]byte, error) {
	picture := func(address, what string) g.Node {
		return h.Div(h.Class("screen"), h.Img(h.Src(safeAddress(address)), h.Alt(what), h.Width("512"), h.Height("512")))
	}
	rewards := g.Group{h.P(p.text("offline.none"))}
	if len(p.Rewards) > 0 {
		rewards = g.Map(p.Rewards, func(r OfflineReward) g.Node {
			return h.Section(h.Class("panel code"), h.H2(p.text("offline.reward"), g.Text(": "+r.Name)), picture(r.Code, p.Say("offline.reward.code")))
		})
	}
	return render(p.document(
		p.Say("offline.title")+" – "+p.Brand, nil, nil,
		h.Section(h.Class("hero"), h.H1(p.text("offline.title")), h.P(h.Class("count"), g.Text(p.Title))),
		h.P(h.Class("lead"), p.text("offline.why")),
		g.If(len(p.Rewards) > 0, h.Section(h.Class("panel code"), h.H2(p.text("offline.card")), picture(p.Code, p.Say("offline.card.code")))),
		rewards,
		h.P(
			h.Class("turn"),
			h.A(h.Class("button"), h.Href(safeAddress(p.Here+"?lang="+string(p.Language))), p.text("offline.again")),
			h.A(h.Class("button"), h.Href(safeAddress(p.Back+"?lang="+string(p.Language))), p.text("offline.back")),
		),
	))
}
