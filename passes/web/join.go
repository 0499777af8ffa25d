package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Join is the page on which a card is opened.
type Join struct {
	Page
	Title    string     // of the program
	Gets     []string   // what one gets, a line each
	For      []string   // whom it is for; none: everybody
	Closed   string     // why no cards are opened now; empty: they are
	Once     string     // names this form, so that sending it twice opens one card
	Consents []Consent  // that may be given
	Values   JoinValues // as they came, when something is wrong with them
	Wrong    string     // field that is wrong: name, phone or email; empty: none
	Strip    string     // address of the picture of an empty card
	Lost     string     // address of the page for lost cards; empty: no letters are sent
	Work     string     // address of the page for work addresses; empty: it is of no use here
}

// JoinValues are what somebody filled in.
type JoinValues struct{ Name, Phone, Email string }

// Consent is one that somebody may give, with its whole wording.
type Consent struct{ Purpose, Wording string }

// RenderJoin renders the page on which a card is opened.
func RenderJoin(p *Join) ([]byte, error) {
	form := p.form()
	if p.Closed != "" {
		form = h.P(h.Class("panel"), h.Role("status"), g.Text(p.Closed))
	}
	return render(p.document(p.Title+" – "+p.Brand, nil, nil,
		h.Section(
			h.Class("hero"),
			h.H1(g.Text(p.Title)),
			h.Img(h.Class("strip"), h.Src(safeAddress(p.Strip)), h.Alt(""), h.Width("375"), h.Height("123")),
			g.If(len(p.Gets) > 0, g.Group{h.H2(p.text("join.gets")), list(p.Gets)}),
			g.If(len(p.For) > 0, g.Group{h.H2(p.text("join.for")), list(p.For)}),
		),
		form,
		g.If(p.Work != "", h.P(h.A(h.Class("button"), h.Href(safeAddress(p.Work+"?lang="+string(p.Language))), p.text("work.link")))),
		g.If(p.Lost != "", h.P(h.A(h.Href(safeAddress(p.Lost+"?lang="+string(p.Language))), p.text("lost.link")))),
	))
}

func list(lines []string) g.Node {
	return h.Ul(g.Map(lines, func(line string) g.Node { return h.Li(g.Text(line)) }))
}

// form opens a card of nobody with one press; who wants to says more.
func (p *Join) form() g.Node {
	button := h.Button(h.Class("main"), h.Type("submit"), p.text("join.button"))
	return h.Form(
		h.Method("post"), p.action(p.Here),
		h.Input(h.Type("hidden"), h.Name("once"), h.Value(p.Once)),
		h.P(h.Class("lead"), p.text("join.anonymous")),
		button,
		h.Details(
			h.Class("panel"), g.If(p.Wrong != "", g.Attr("open")),
			h.Summary(p.text("join.more")),
			h.P(p.text("join.more.why")),
			p.field("name", "text", "name", "200", p.Values.Name),
			p.field("phone", "tel", "tel", "40", p.Values.Phone),
			p.field("email", "email", "email", "254", p.Values.Email),
			p.notice(),
			h.FieldSet(
				h.Legend(p.text("join.consents")),
				g.Map(p.Consents, func(c Consent) g.Node {
					return h.Label(
						h.Class("choice"), h.Input(h.Type("checkbox"), h.Name("consent"), h.Value(c.Purpose)), g.Text(" "), h.Span(g.Text(c.Wording)),
					)
				}),
			),
			button,
		),
	)
}

// field asks for one thing, and says what is wrong with it.
func (p *Join) field(name, kind, fills, longest, value string) g.Node {
	input := g.Group{
		h.ID(name), h.Name(name), h.Type(kind), h.AutoComplete(fills), h.MaxLength(longest), h.Value(value),
	}
	var below g.Node
	switch {
	case p.Wrong == name:
		input = append(input, h.Aria("invalid", "true"), h.Aria("describedby", "wrong"), h.AutoFocus())
		below = h.P(h.Class("wrong"), h.ID("wrong"), h.Role("alert"), p.text("join.wrong."+name))
	case name == "phone":
		input = append(input, h.Aria("describedby", "phone-hint"))
		below = h.P(h.Class("hint"), h.ID("phone-hint"), p.text("join.phone.hint"))
	case name == "email" && p.Lost != "":
		input = append(input, h.Aria("describedby", "email-hint"))
		below = h.P(h.Class("hint"), h.ID("email-hint"), p.text("join.email.hint"))
	}
	return g.Group{h.Label(h.For(name), p.text("join."+name)), h.Input(input), below}
}
