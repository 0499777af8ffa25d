package web

import (
	"strconv"

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

// oneAtATime are the codes, of which the page's style shows one: a camera that sees
// two takes neither. The card's is shown at first and so is the last: a reward's whose
// address is opened (:target) hides what follows it.
func (p *Offline) oneAtATime(picture func(address, what string) g.Node) (codes g.Group) {
	next := g.Group{}
	for i, r := range p.Rewards {
		id := "reward-" + strconv.Itoa(i+1)
		next = append(next, h.A(h.Class("button main"), h.Href("#"+id), p.text("offline.next"), h.Span(g.Text(r.Name))))
		codes = append(codes, h.Section(
			h.ID(id), h.Class("panel code step"), h.H2(p.text("offline.reward"), g.Text(": "+r.Name)), picture(r.Code, p.Say("offline.reward.code")),
			h.A(h.Class("button"), h.Href("#card"), p.text("offline.before")),
		))
	}
	return append(codes, h.Section(h.ID("card"), h.Class("panel code first"), h.H2(p.text("offline.card")), picture(p.Code, p.Say("offline.card.code")), next))
}

// RenderOffline renders the page for a shop without network.
func RenderOffline(p *Offline) ([]byte, error) {
	picture := func(address, what string) g.Node {
		return h.Div(h.Class("screen"), h.Img(h.Src(safeAddress(address)), h.Alt(what), h.Width("512"), h.Height("512")))
	}
	codes := g.Group{h.P(p.text("offline.none"))}
	if len(p.Rewards) > 0 {
		codes = p.oneAtATime(picture)
	}
	return render(p.document(
		p.Say("offline.title")+" – "+p.Brand, nil, nil,
		h.Section(h.Class("hero"), h.H1(p.text("offline.title")), h.P(h.Class("count"), g.Text(p.Title))),
		h.P(h.Class("lead"), p.text("offline.why")),
		codes,
		h.P(
			h.Class("turn"),
			h.A(h.Class("button"), h.Href(safeAddress(p.Here+"?lang="+string(p.Language))), p.text("offline.again")),
			h.A(h.Class("button"), h.Href(safeAddress(p.Back+"?lang="+string(p.Language))), p.text("offline.back")),
		),
	))
}
