package web

import (
	"strconv"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Wish is a reward that the card's holder can choose before the code is shown.
type Wish struct {
	Offer string // names it in a form
	Name  string
	Count int    // vouchers for it; 0: there need be none
	Price string // what it costs, or holds; empty: a voucher pays for all of it
	Until string // the last day of the voucher; empty: it has none
	Parts []Part // of which one can be chosen; empty: it is had whole
	Least string // that can be typed, where there are parts …
	Most  string // … and most
}

// Part is an amount to choose with one press.
type Part struct {
	Minor string // minor units; empty: all that there is
	Text  string
}

// Chosen is what the card's holder has chosen.
type Chosen struct {
	Name  string
	Part  string // empty: the whole
	Until string // in the shop's zone
}

// chosen says what the till will be shown, and takes it back.
func (p *Card) chosen() g.Node {
	section := g.Group{h.ID("chosen"), g.Attr("data-live")}
	if p.Chosen == nil {
		return h.Section(section)
	}
	what := p.Chosen.Name
	if p.Chosen.Part != "" {
		what += ": " + p.Chosen.Part
	}
	return h.Section(
		section, h.Class("panel good"),
		h.H2(p.text("choice.title")),
		h.P(h.Class("wanted"), g.Text(what)),
		h.P(g.Text(strings.ReplaceAll(p.Say("choice.until"), "{n}", p.Chosen.Until))),
		h.Form(
			h.Method("post"), p.action(p.Here+"/choice"),
			h.Button(h.Type("submit"), h.Name("drop"), h.Value("yes"), p.text("choice.drop")),
		),
	)
}

// wishes are what can be chosen.
func (p *Card) wishes() g.Node {
	section := g.Group{h.ID("wishes"), g.Attr("data-live")}
	if len(p.Wishes) == 0 {
		return h.Section(section)
	}
	lines := make([]g.Node, len(p.Wishes))
	for i := range p.Wishes {
		lines[i] = h.Li(p.wish(&p.Wishes[i]))
	}
	return h.Section(section, h.Class("panel"), h.H2(p.text("wish.title")), h.P(h.Class("small"), p.text("wish.why")), p.folded("wishes", lines))
}

func (p *Card) wish(w *Wish) g.Node {
	name := w.Name
	if w.Count > 1 {
		name = strconv.Itoa(w.Count) + " × " + name
	}
	head := g.Group{
		h.H3(h.ID("wish-"+w.Offer), g.Text(name)), g.If(w.Price != "", h.P(h.Class("small"), g.Text(w.Price))),
		g.If(w.Until != "", h.P(h.Class("small"), g.Text(strings.ReplaceAll(p.Say("wish.until"), "{n}", w.Until)))),
	}
	if len(w.Parts) == 0 {
		button := h.Button(h.Type("submit"), h.Aria("label", p.Say("wish.this")+": "+w.Name), p.text("wish.this"))
		return h.Div(h.Class("whole"), h.Div(head), p.wishForm(w, button))
	}
	buttons := g.Map(w.Parts, func(part Part) g.Node {
		return h.Button(h.Type("submit"), h.Name("amount"), h.Value(part.Minor), h.Aria("label", part.Text+": "+w.Name), g.Text(part.Text))
	})
	field, hint := "other-"+w.Offer, "between-"+w.Offer
	between := strings.NewReplacer("{from}", w.Least, "{to}", w.Most).Replace(p.Say("wish.between"))
	return g.Group{
		head,
		p.wishForm(w, h.Div(h.Class("parts"), buttons)),
		p.wishForm(
			w,
			h.Label(h.For(field), p.text("wish.other")),
			h.P(h.Class("hint"), h.ID(hint), g.Text(between)),
			h.Div(
				h.Class("typed"),
				h.Input(
					h.ID(field), h.Name("other"), h.Type("text"), g.Attr("inputmode", "decimal"), h.AutoComplete("off"),
					h.MaxLength("20"), h.Required(), h.Aria("describedby", hint),
				),
				h.Button(h.Type("submit"), h.Aria("label", p.Say("wish.take")+": "+w.Name), p.text("wish.take")),
			),
		),
	}
}

// wishForm is a form that names the offer.
func (p *Card) wishForm(w *Wish, content ...g.Node) g.Node {
	return h.Form(
		h.Method("post"), p.action(p.Here+"/choice"), h.Aria("labelledby", "wish-"+w.Offer),
		h.Input(h.Type("hidden"), h.Name("offer"), h.Value(w.Offer)), g.Group(content),
	)
}
