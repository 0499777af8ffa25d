package web

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"stempel/passes"
)

// Page is what all pages have: whose they are, and in which language.
type Page struct {
	Language  passes.Language
	Languages []passes.Language // to choose from
	Brand     string            // its name
	Style     string            // address of the brand's colours; empty: ours
	Logo      string            // address of the brand's logo; empty: none
	Here      string            // path of the page itself
	Notice    string            // address of the brand's privacy notice; empty: none
	Query     string            // that stands in the page's address before its language; empty: none
}

// Say is one of the texts of pages.
func (p *Page) Say(id string) string { return say(p.Language, id) }

// text is one of the texts of pages, on the page.
func (p *Page) text(id string) g.Node { return g.Text(p.Say(id)) }

// action is where a form is sent: to path, in the page's language.
func (p *Page) action(path string) g.Node {
	return h.Action(safeAddress(path + "?lang=" + string(p.Language)))
}

// query is what follows the page's path, in a language.
func (p *Page) query(l passes.Language) string {
	if p.Query == "" {
		return "?lang=" + string(l)
	}
	return "?" + p.Query + "&lang=" + string(l)
}

// notice leads to the brand's privacy notice, where there is one.
func (p *Page) notice() g.Node {
	return g.If(p.Notice != "", h.P(h.A(
		h.Href(safeAddress(p.Notice)), h.Target("_blank"), h.Rel("noopener noreferrer"),
		g.Text(strings.ReplaceAll(p.Say("privacy.notice"), "{brand}", p.Brand)),
	)))
}

// document is a whole page: its title, what its head and its body's attributes have
// beside that of every page, and what stands on it. All pages are made of nodes,
// which escape texts and the values of attributes (WHATWG HTML §13.3); so no file
// here uses g.Raw, and addresses pass safeAddress.
func (p *Page) document(title string, head, body g.Group, content ...g.Node) g.Node {
	return h.Doctype(h.HTML(
		h.Lang(string(p.Language)),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("robots"), h.Content("noindex")),
			h.Link(h.Rel("stylesheet"), h.Href(assetPath("page.css"))),
			g.If(p.Style != "", h.Link(h.Rel("stylesheet"), h.Href(safeAddress(p.Style)))),
			h.TitleEl(g.Text(title)),
			head,
		),
		h.Body(body, p.top(), h.Main(h.ID("content"), g.Group(content))),
	))
}

// top is the brand, and the languages to choose from.
func (p *Page) top() g.Node {
	brand := h.P(h.Class("name"), g.Text(p.Brand))
	if p.Logo != "" {
		brand = h.Img(h.Class("logo"), h.Src(safeAddress(p.Logo)), h.Alt(p.Brand))
	}
	return g.Group{
		h.A(h.Class("skip"), h.Href("#content"), p.text("skip")),
		h.Header(h.Class("top"), brand, h.Nav(
			h.Class("languages"), h.Aria("label", p.Say("languages")),
			g.Map(p.Languages, func(l passes.Language) g.Node {
				return h.A(
					h.Href(safeAddress(p.Here+p.query(l))), h.Lang(string(l)), g.Attr("hreflang", string(l)),
					h.Aria("label", say(l, "language")), g.If(l == p.Language, h.Aria("current", "true")), g.Text(string(l)),
				)
			}),
		)),
	}
}

// safeAddress is an address that a page may lead to or load: one of ours, or one of
// HTTP's. Any other scheme could be a script, and becomes an address of nothing.
func safeAddress(address string) string {
	lower := strings.ToLower(address)
	ours := strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") && !strings.Contains(address, `\`)
	if ours || strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") {
		return address
	}
	return "#"
}

// code is a QR code as a picture.
func (q *QR) code(label string) g.Node {
	size := strconv.Itoa(q.Size)
	return h.SVG(
		h.Class("paper"), h.Role("img"), h.Aria("label", label),
		g.Attr("viewBox", "0 0 "+size+" "+size), g.Attr("shape-rendering", "crispEdges"),
		g.El("rect", h.Width(size), h.Height(size), g.Attr("fill", "#ffffff")),
		g.El("path", g.Attr("d", q.Path), g.Attr("fill", "#000000")),
	)
}

func render(page g.Node) ([]byte, error) {
	var out bytes.Buffer
	err := page.Render(&out)
	return out.Bytes(), err
}

// Moment is a time as a history shows it.
func Moment(at time.Time, zone *time.Location, l passes.Language) string {
	return at.In(zone).Format(say(l, "moment"))
}
