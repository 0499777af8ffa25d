package web

import (
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Decision is a consent as it stands.
type Decision struct {
	Consent
	Given bool
	At    time.Time // when it was given or taken back; zero for neither
	Read  string    // names the wording, so that what is noted is what was read
}

// consentsDone is told where the consents are, and not above the page.
const consentsDone = "consents.done"

// privacy is what is kept of the person, to be changed, taken away or deleted. It
// stands open after a change.
func (p *Card) privacy() g.Node {
	holder := p.Holder
	if holder == "" {
		holder = p.Say("privacy.none")
	}
	return h.Details(
		h.Class("panel"), h.ID("privacy"), g.If(p.Told == consentsDone, g.Attr("open")),
		h.Summary(p.text("privacy.title")),
		h.P(g.Text(holder)),
		p.notice(),
		g.If(p.Told == consentsDone, p.told()),
		p.consents(),
		h.P(h.Class("apart"), h.A(h.Class("button"), h.Href(safeAddress(p.Here+"/export.json")), g.Attr("download"), p.text("privacy.export"))),
		h.Form(
			h.Class("apart"), h.Method("post"), p.action(p.Here+"/erase"),
			h.P(p.text("privacy.delete.why")),
			h.Label(
				h.Class("choice"), h.Input(h.Type("checkbox"), h.Name("sure"), h.Value("yes"), h.Required()), g.Text(" "), h.Span(p.text("privacy.sure")),
			),
			h.Button(h.Class("danger"), h.Type("submit"), p.text("privacy.delete")),
		),
	)
}

// consents are what may be done with the person's data, a form each, which works
// without JavaScript.
func (p *Card) consents() g.Node {
	if len(p.Consents) == 0 {
		return nil
	}
	return g.Group{
		h.H3(h.ID("consents"), p.text("consents.title")),
		h.Ul(h.Class("consents"), h.Aria("labelledby", "consents"), g.Map(p.Consents, p.consent)),
	}
}

func (p *Card) consent(d Decision) g.Node {
	state, button, then := "consents.given", "consents.withdraw", "no"
	switch {
	case !d.Given && d.At.IsZero():
		state, button, then = "consents.open", "consents.give", "yes"
	case !d.Given:
		state, button, then = "consents.withdrawn", "consents.give", "yes"
	}
	at := ""
	if !d.At.IsZero() {
		at = Moment(d.At, p.Zone, p.Language)
	}
	return h.Li(
		h.P(h.ID("consent-"+d.Purpose), g.Text(d.Wording)),
		h.Form(
			h.Method("post"), p.action(p.Here+"/consents"),
			h.P(h.Class("small"), g.Text(strings.ReplaceAll(p.Say(state), "{n}", at))),
			h.Input(h.Type("hidden"), h.Name("purpose"), h.Value(d.Purpose)),
			h.Input(h.Type("hidden"), h.Name("read"), h.Value(d.Read)),
			h.Button(h.Type("submit"), h.Name("given"), h.Value(then), h.Aria("describedby", "consent-"+d.Purpose), p.text(button)),
		),
	)
}
