package web

import (
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// Card is a card's own page.
type Card struct {
	Page
	Face     *passes.Face
	Texts    *passes.Texts
	Version  string // of all that changes by itself while the page is open
	Card     string // its id
	Strip    string // address of its picture
	History  []Line
	Earlier  string // address of the page with earlier lines; empty: there are none
	Latest   string // address of the page with the latest; empty: this is it
	Wallets  []Wallet
	Chosen   *Chosen  // what the till will be shown; nil: nothing
	Wishes   []Wish   // what can be chosen
	Ready    []Ready  // what was earned and is not among Wishes
	Gifts    []Gift   // codes of other shops, the newest first
	Honoured []string // names of partners whose tills take the card, too
	Work     string   // address of the page for work addresses; empty: it is of no use
	Offline  string   // address of the page for a shop without network; empty: there is no reward to show there
	Manifest string
	Told     string         // name of the text on what was just done; empty: nothing
	Recovery *Link          // shown once, when it was asked for
	Holder   string         // what is known of the person, to be shown; empty: nothing
	Consents []Decision     // that the person has decided on, or may
	Zone     *time.Location // of the shop
}

// Ready is a reward that was earned, in one line.
type Ready struct {
	Line  string
	Lacks string // the code of why it cannot be had now; empty: it can
}

// Line is one entry of the card's ledger.
type Line struct {
	At      string // in the shop's zone
	What    string
	Units   string // with its sign
	Balance int64
	Receipt string // address of its receipt
}

// Wallet is a link that adds the card to a wallet: apple or google.
type Wallet struct{ Kind, URL string }

// Link is an address with its QR code, to be kept on paper.
type Link struct {
	URL string
	QR  QR
}

// RenderCard renders a card's own page.
func RenderCard(p *Card) ([]byte, error) {
	head := g.Group{
		h.Link(h.Rel("manifest"), h.Href(safeAddress(p.Manifest))),
		h.Meta(h.Name("theme-color"), h.Content(p.Face.Brand.Colors.Background.String())),
		h.Script(h.Type("module"), h.Src(assetPath("card.js"))),
	}
	// What card.js says by itself.
	words := g.Group{
		h.Data("card", p.Card), h.Data("offline", p.Say("card.offline")), h.Data("skew", p.Say("card.skew")),
		h.Data("minutes", p.Say("card.minutes")), h.Data("seconds", p.Say("card.seconds")), h.Data("signed-out", p.Say("card.signedout")),
	}
	return render(p.document(
		p.Face.Title+" – "+p.Brand, head, words,
		h.Div(h.Class("front"), g.If(p.Told != consentsDone, p.told()), p.keep(), p.state(), p.code(), p.chosen(), p.standing(), p.wishes()),
		h.Div(h.Class("back"), p.gifts(), p.wallets(), p.honoured(), p.work(), p.history(), p.recovery(), p.privacy()),
	))
}

// told says what was just done.
func (p *Card) told() g.Node {
	if p.Told == "" || p.Recovery != nil {
		return nil
	}
	return h.P(h.Class("panel good said"), h.Role("status"), p.text(p.Told))
}

// keep shows a recovery link, for the only time.
func (p *Card) keep() g.Node {
	if p.Recovery == nil {
		return nil
	}
	return h.Section(
		h.Class("panel keep"),
		h.H2(p.text("recovery.title")),
		h.P(h.Strong(p.text("recovery.keep"))),
		p.Recovery.QR.code(p.Say("recovery.code")),
		h.P(h.Class("address"), h.A(h.Href(safeAddress(p.Recovery.URL)), g.Text(p.Recovery.URL))),
	)
}

// state is what the card shows now, in few lines: whoever stands at the till wants the
// code, which follows. Parts marked live are replaced while the page is open.
func (p *Card) state() g.Node {
	change := p.Texts.Change
	if p.Texts.Notice != "" {
		change = "" // the notice says it
	}
	return g.Group{
		h.Section(
			h.Class("hero"), h.ID("state"), g.Attr("data-live"), h.Data("change", change), h.Data("version", p.Version),
			h.H1(g.Text(p.Face.Title)),
			h.Img(h.Class("strip"), h.Src(safeAddress(p.Strip)), h.Alt(p.Texts.Description), h.Width("375"), h.Height("123")),
			p.count(),
			g.If(p.Texts.Notice != "", h.P(h.Class("notice"), h.Role("alert"), g.Text(p.Texts.Notice))),
		),
		h.P(h.Class("quiet"), h.ID("told"), h.Role("status"), h.Aria("live", "polite")),
	}
}

// count is how many there are; of fewer than none, with a true minus and what becomes of it.
func (p *Card) count() g.Node {
	count, owed := strings.CutPrefix(p.Texts.Count, "-")
	if owed {
		count = "−" + count
	}
	return g.Group{
		h.P(h.Class("count"), h.Data("have", strconv.FormatInt(p.Face.Progress.Have, 10)), g.Text(count)),
		g.If(owed, h.P(h.Class("owed"), p.text("card.owed"))),
	}
}

// standing is what the card has come to, below the code.
func (p *Card) standing() g.Node {
	var lines g.Group
	say := func(class, line string) {
		if line != "" {
			lines = append(lines, h.P(g.If(class != "", h.Class(class)), g.Text(line)))
		}
	}
	say("soon", p.Texts.Soon)
	if len(p.Ready) > 0 {
		lines = append(lines, p.ready())
	}
	if p.Texts.Notice == "" {
		say("", p.Texts.Next)
	}
	if p.Texts.Tier != "" {
		say("tier", p.Texts.TierLabel+": "+p.Texts.Tier)
	}
	if brings := p.brings(); len(brings) > 0 {
		lines = append(lines, list(brings))
	}
	say("tier-next", p.Texts.TierNext)
	if p.Texts.Expiry != "" && p.Texts.Soon == "" {
		say("small", p.Texts.ExpiryLabel+": "+p.Texts.Expiry)
	}
	return h.Section(h.ID("standing"), g.Attr("data-live"), g.If(len(lines) > 0, h.Class("panel")), lines)
}

// brings is what the card's tier brings. On a discount card the count says what comes off.
func (p *Card) brings() []string {
	standing := &p.Face.Standing
	if p.Face.Kind == loyalty.Discount || standing.Rate == 0 {
		return standing.Perks
	}
	off := strings.ReplaceAll(p.Say("join.off"), "{p}", passes.Percent(p.Language, standing.Rate))
	return append([]string{off}, standing.Perks...)
}

// code is where the code rotates, and the server's picture of one for browsers
// without JavaScript. It is hidden while no till would take the code: the page may
// still be open when one does.
func (p *Card) code() g.Node {
	refused := p.Face.State == passes.Blocked
	return h.Section(
		h.Class("code"), h.ID("code"), h.Aria("labelledby", "code-title"), g.If(refused, h.Hidden("")),
		h.H2(h.ID("code-title"), p.text("card.show")),
		h.Div(
			h.Class("screen"), h.ID("screen"), h.Role("img"), h.Aria("label", p.Say("card.code")),
			g.If(!refused, h.NoScript(h.Img(h.Src(safeAddress(p.Here+"/qr.png")), h.Alt(p.Say("card.code")), h.Width("512"), h.Height("512")))),
		),
		h.NoScript(h.P(p.text("card.noscript"))),
		h.Div(
			h.Class("clock"), h.Aria("hidden", "true"),
			h.SVG(g.Attr("viewBox", "0 0 36 36"), h.Width("28"), h.Height("28"), ring("", "#dddddd"), ring("ring", "#1a1a1a")),
			h.Span(h.ID("left")),
		),
		h.P(h.Class("small"), h.ID("condition"), h.Role("status")),
		p.withoutNetwork(),
	)
}

// withoutNetwork leads to what a till without network needs beside the code.
func (p *Card) withoutNetwork() g.Node {
	return h.P(
		h.Class("small"), h.ID("without-network"), g.Attr("data-live"),
		g.If(p.Offline != "", h.A(h.Href(safeAddress(p.Offline+"?lang="+string(p.Language))), p.text("offline.link"))),
	)
}

// ring is the whole of the clock around a code, or with an id what is left of it.
func ring(id, color string) g.Node {
	circle := g.Group{
		g.Attr("cx", "18"), g.Attr("cy", "18"), g.Attr("r", "15"), g.Attr("fill", "none"), g.Attr("stroke", color), g.Attr("stroke-width", "5"),
	}
	if id != "" {
		circle = append(circle, h.ID(id), g.Attr("pathLength", "100"), g.Attr("stroke-dasharray", "100"),
			g.Attr("stroke-dashoffset", "100"), g.Attr("transform", "rotate(-90 18 18)"))
	}
	return g.El("circle", circle)
}

// ready are rewards that were earned and cannot be chosen, with the reason.
func (p *Card) ready() g.Node {
	lines := make([]g.Node, len(p.Ready))
	for i, one := range p.Ready {
		if one.Lacks == "" {
			lines[i] = h.Li(g.Text(one.Line))
			continue
		}
		lines[i] = h.Li(h.Class("short"), g.Text(one.Line), h.Span(p.lacks(one.Lacks)))
	}
	return h.Div(h.Class("ready"), h.H2(g.Text(p.Texts.ReadyLabel)), p.folded("", lines))
}

// unfolded is how many lines of a list stand open, so that a long one pushes nothing
// out of sight.
const unfolded = 3

// folded is a list of which the rest is opened by a touch, unless that is a single line.
func (p *Card) folded(class string, lines []g.Node) g.Node {
	list := func(lines []g.Node) g.Node { return h.Ul(g.If(class != "", h.Class(class)), g.Group(lines)) }
	if len(lines) <= unfolded+1 {
		return list(lines)
	}
	more := strings.ReplaceAll(p.Say("card.more"), "{n}", strconv.Itoa(len(lines)-unfolded))
	return g.Group{list(lines[:unfolded]), h.Details(h.Class("more"), h.Summary(g.Text(more)), list(lines[unfolded:]))}
}

// lacks says why a reward that is ready cannot be had now.
func (p *Card) lacks(code string) g.Node {
	if code == "reward_limit_reached" {
		return p.text("card.reward_limit_reached")
	}
	return p.text("card.reward_out_of_stock")
}

func (p *Card) wallets() g.Node {
	if len(p.Wallets) == 0 {
		return nil
	}
	return h.Section(
		h.Class("panel"), h.H2(p.text("card.wallets")),
		g.Map(p.Wallets, func(w Wallet) g.Node {
			return h.A(h.Class("wallet"), h.Href(safeAddress(w.URL)), h.Data("wallet", w.Kind), p.text("wallet."+w.Kind))
		}),
	)
}

// honoured says where else the card is taken.
func (p *Card) honoured() g.Node {
	if len(p.Honoured) == 0 {
		return nil
	}
	return h.Section(h.Class("panel"), h.ID("honoured"), h.H2(p.text("card.honoured")), list(append([]string{p.Brand}, p.Honoured...)))
}

func (p *Card) history() g.Node {
	lines := h.P(p.text("card.history.none"))
	if len(p.History) > 0 {
		lines = h.Ol(h.Class("history"), g.Map(p.History, p.line))
	}
	return h.Section(h.Class("panel"), h.ID("history"), g.Attr("data-live"), h.H2(p.text("card.history")), lines, p.turn())
}

// turn leads to other pages of the history.
func (p *Card) turn() g.Node {
	link := func(to, text string) g.Node {
		return g.If(to != "", h.A(h.Class("button"), h.Href(safeAddress(to)), p.text(text)))
	}
	return g.If(p.Latest+p.Earlier != "", h.P(h.Class("turn"), link(p.Latest, "card.history.latest"), link(p.Earlier, "card.history.earlier")))
}

func (p *Card) line(l Line) g.Node {
	return h.Li(
		h.Span(h.Class("what"), g.Text(l.What+" "), h.B(g.Text(l.Units))),
		h.Span(h.Class("when"), g.Text(l.At)),
		h.A(
			h.Class("receipt"), h.Href(safeAddress(l.Receipt)), g.Attr("download"),
			h.Aria("label", p.Say("card.receipt")+": "+l.What+" "+l.Units+", "+l.At), p.text("card.receipt"),
		),
	)
}

// recovery offers a link for the day on which the phone is lost, and signs others
// out.
func (p *Card) recovery() g.Node {
	if p.Recovery != nil {
		return nil
	}
	return h.Details(
		h.Class("panel"), h.Summary(p.text("recovery.title")),
		h.P(p.text("recovery.why")),
		h.Form(h.Method("post"), p.action(p.Here+"/recovery"), h.Button(h.Type("submit"), p.text("recovery.make"))),
		h.Form(
			h.Class("apart"), h.Method("post"), p.action(p.Here+"/others"),
			h.P(p.text("others.why")),
			h.Button(h.Type("submit"), p.text("others.button")),
		),
	)
}
