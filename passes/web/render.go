package web

import (
	"bytes"
	"embed"
	"html/template"
	"time"

	"stempel/passes"
)

//go:embed pages/*.html
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"asset": assetPath}).ParseFS(pages, "pages/*.html"))

// Page is what all pages have: whose they are, and in which language.
type Page struct {
	Language  passes.Language
	Languages []passes.Language // to choose from
	Brand     string            // its name
	Style     string            // address of the brand's colours; empty: ours
	Logo      string            // address of the brand's logo; empty: none
	Here      string            // path of the page itself
}

// Say is one of the texts of pages.
func (p Page) Say(id string) string { return say(p.Language, id) }

// Native is the name of a language in itself.
func (p Page) Native(l passes.Language) string { return say(l, "language") }

// Join is the page on which a card is opened.
type Join struct {
	Page
	Title    string     // of the program
	Gets     []string   // what one gets, a line each
	Closed   bool       // no cards are opened now
	Once     string     // names this form, so that sending it twice opens one card
	Consents []Consent  // that may be given
	Values   JoinValues // as they came, when something is wrong with them
	Wrong    string     // field that is wrong: name, phone or email; empty: none
	Strip    string     // address of the picture of an empty card
	Lost     string     // address of the page for lost cards; empty: no letters are sent
}

// JoinValues are what somebody filled in.
type JoinValues struct{ Name, Phone, Email string }

// Consent is one that somebody may give, with its whole wording.
type Consent struct{ Purpose, Wording string }

// Card is a card's own page.
type Card struct {
	Page
	Face     *passes.Face
	Texts    *passes.Texts
	Card     string // its id
	Strip    string // address of its picture
	History  []Line
	Wallets  []Wallet
	Manifest string
	Fresh    bool   // it was opened just now
	Recovery *Link  // shown once, when it was asked for
	Holder   string // what is known of the person, to be shown; empty: nothing
}

// Line is one entry of the card's ledger.
type Line struct {
	At      string // in the shop's zone
	What    string
	Units   string // with its sign
	Balance int64
	Receipt string // address of its receipt
}

// Wallet is a link that adds the card to a wallet.
type Wallet struct{ Kind, URL string }

// Link is an address with its QR code, to be kept on paper.
type Link struct {
	URL string
	QR  QR
}

// Recover is the page behind a recovery link.
type Recover struct {
	Page
	Title string
}

// Notice is a page that only says something.
type Notice struct {
	Page
	Heading, Text string
	Retry         string // address of a link to go on with; empty: none
}

// RenderJoin renders the page on which a card is opened.
func RenderJoin(p *Join) ([]byte, error) { return execute("join.html", p) }

// RenderCard renders a card's own page.
func RenderCard(p *Card) ([]byte, error) { return execute("card.html", p) }

// RenderRecover renders the page behind a recovery link.
func RenderRecover(p *Recover) ([]byte, error) { return execute("recover.html", p) }

// RenderNotice renders a page that only says something.
func RenderNotice(p *Notice) ([]byte, error) { return execute("notice.html", p) }

func execute(name string, page any) ([]byte, error) {
	var out bytes.Buffer
	err := templates.ExecuteTemplate(&out, name, page)
	return out.Bytes(), err
}

// Moment is a time as a history shows it.
func Moment(at time.Time, zone *time.Location, l passes.Language) string {
	return at.In(zone).Format(say(l, "moment"))
}
