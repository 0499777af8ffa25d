package api

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
	"stempel/scanner/ntag"
)

// How often one address may open the page behind a tag, and how often it may have a tap
// be counted. Customers of one shop share the address of its network.
const (
	tapPagesPerSecond = 20
	tapPagesAtOnce    = 200
	tapsPerSecond     = 20
	tapsAtOnce        = 400
)

// limitTaps bounds what an address may ask of the pages behind tags.
func (s *Server) limitTaps(c *fiber.Ctx) error {
	what, perSecond, atOnce := "tap page ", tapPagesPerSecond, tapPagesAtOnce
	if c.Method() == http.MethodPost {
		what, perSecond, atOnce = "tap ", tapsPerSecond, tapsAtOnce
	}
	ok, wait := s.TillLimits.Allow(c.UserContext(), what+s.auth.proxies.from(c), perSecond, atOnce)
	if !ok {
		return tooMany(s.now().Add(wait))
	}
	return nil
}

// unheard keeps the addresses of taps out of all that browsers tell or keep.
func unheard(do fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
		c.Set(fiber.HeaderCacheControl, "no-store")
		return do(c)
	}
}

// cardTagPage is what a phone shows of a tag that stands for a card: tills read those.
func (s *Server) cardTagPage(c *fiber.Ctx) error {
	if err := s.limitTaps(c); err != nil {
		return err
	}
	page := web.Notice{Page: s.plainPage(c)}
	id, status := "tap.card", http.StatusOK
	if _, err := ntag.Parse(tapAddress(c)); err != nil {
		id, status = "tap.torn", http.StatusNotFound
	}
	page.Heading, page.Text = page.Say(id), page.Say(id+".text")
	return sendPage(c, status, func() ([]byte, error) { return web.RenderNotice(&page) })
}

// tapPage is what a phone opens that was held to a shop's own tag. It only reads: the
// tap is used when its script says which card it is for.
func (s *Server) tapPage(c *fiber.Ctx) error {
	if err := s.limitTaps(c); err != nil {
		return err
	}
	tag, _, err := s.counterTap(c, tapAddress(c))
	if err != nil {
		return err
	}
	program, err := s.Store.Program(c.UserContext(), tag.Merchant, tag.Program)
	if err != nil {
		return err
	}
	subject, err := s.emptyCard(c.UserContext(), tag.Merchant, program, pageLanguage(c))
	if err != nil {
		return err
	}
	face, join := passes.Of(subject), "/join/"+tag.Program.String()
	page := web.Tap{
		Page: brandedPage(c, &face, join), Title: face.Title, Message: tapQuery(c), Join: join, Once: rand.Text(),
		Approval: program.Counter.Approval != loyalty.ByNobody,
	}
	page.Query = page.Message
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderTap(&page) })
}

// counterTap is the tap that an address proves, of the tag that it names.
func (s *Server) counterTap(c *fiber.Ctx, address string) (loyalty.Tag, loyalty.Scanned, error) {
	id, err := loyalty.ParseID[loyalty.TagID](c.Params("tag"))
	if err != nil {
		return loyalty.Tag{}, loyalty.Scanned{}, errNoSuchTag
	}
	return s.Verifier.CounterTap(c.UserContext(), s.Store, id, address, s.moment())
}

var errNoSuchTag = refuse(loyalty.TagNotFound, "There is no such tag.")

// tapQuery is what the chip has mirrored, as it stands in the page's address, without
// the language that a reader has chosen since.
func tapQuery(c *fiber.Ctx) string {
	query, _, _ := strings.Cut(string(c.Request().URI().QueryString()), "&lang=")
	return query
}

func tapAddress(c *fiber.Ctx) string { return "?" + tapQuery(c) }

// maxTapCards is how many cards of a browser are looked at.
const maxTapCards = 20

// tapCards says which of a browser's cards the tag is for. Those that open nothing any
// more are named, for the browser to forget.
func (s *Server) tapCards(c *fiber.Ctx) error {
	if err := s.limitTaps(c); err != nil {
		return err
	}
	var body struct {
		Tokens []string `json:"tokens"`
	}
	if err := decodeTap(c, &body); err != nil {
		return err
	}
	id, err := loyalty.ParseID[loyalty.TagID](c.Params("tag"))
	if err != nil {
		return errNoSuchTag
	}
	tag, err := s.Store.CounterTag(c.UserContext(), id)
	if errors.Is(err, loyalty.ErrNotFound) {
		err = errNoSuchTag
	}
	if err != nil {
		return err
	}
	view := tapCardsView{Cards: []tapCardView{}, Gone: []int{}}
	seen := map[loyalty.CardID]bool{}
	for i, token := range body.Tokens[:min(len(body.Tokens), maxTapCards)] {
		p, err := s.auth.holder(c, token, false)
		switch {
		case errors.Is(err, errUnauthorized):
			view.Gone = append(view.Gone, i)
			continue
		case err != nil:
			return err
		case p.Device.IsZero() || p.Merchant != tag.Merchant:
			continue
		}
		sight, err := s.seeCard(c.UserContext(), p.Merchant, p.Card, pageLanguage(c))
		if err != nil {
			return err
		}
		if sight.card.Program != tag.Program || seen[sight.card.ID] {
			continue
		}
		seen[sight.card.ID] = true
		view.Cards = append(view.Cards, tapCardView{Index: i, Name: shortName(sight.card.ID), Count: sight.face.In(pageLanguage(c)).Count})
	}
	return s.json(c, http.StatusOK, view)
}

// tapCardsView are the cards to choose from, by their place among the tokens.
type tapCardsView struct {
	Cards []tapCardView `json:"cards"`
	Gone  []int         `json:"gone"`
}

type tapCardView struct {
	Index int    `json:"index"`
	Name  string `json:"name"`
	Count string `json:"count"`
}

// shortName is what tells cards of one person apart, the same that tills show.
func shortName(id loyalty.CardID) string {
	text := id.String()
	return "…" + strings.ToUpper(text[len(text)-4:])
}
