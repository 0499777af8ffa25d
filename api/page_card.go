package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/artwork"
	"stempel/passes/web"
)

// cardPage shows a card.
func (s *Server) cardPage(c *fiber.Ctx) error { return s.sendCard(c, nil) }

func (s *Server) sendCard(c *fiber.Ctx, recovery *web.Link) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	l, base := pageLanguage(c), "/card/"+c.Params("token")
	page := web.Card{
		Page: brandedPage(c, &seen.face, base), Face: &seen.face, Texts: seen.face.In(l), Card: principalOf(c).Card.String(),
		Version: seen.version(s.now()), Strip: stripPath(&seen.face, base), Manifest: base + "/manifest.webmanifest?lang=" + string(l),
		Told: toldOf(c), Recovery: recovery, Zone: seen.zone,
	}
	page.Here = base
	if err := s.addHistory(c, &page, seen); err != nil {
		return err
	}
	s.addWishes(&page, seen)
	page.Ready = seen.unwished(s.now(), page.Texts)
	if err := s.addGifts(c, &page, seen); err != nil {
		return err
	}
	if len(seen.stated(s)) > 0 {
		page.Offline = base + "/offline"
	}
	page.Wallets = s.pageWallets(base)
	if seen.program.Coalition != nil {
		if page.Honoured, err = s.Store.HonouredAt(c.UserContext(), seen.program.ID); err != nil {
			return err
		}
	}
	page.Work = s.heldWorkPath(seen, base)
	if err := s.addHolder(c, &page); err != nil {
		return err
	}
	return sendPage(c, fiber.StatusOK, func() ([]byte, error) { return web.RenderCard(&page) })
}

// historyLines are on one page of a card's history, after the first.
const historyLines = 30

// addHistory adds the card's newest entries, or those before the one that the address
// names by its place in the card's ledger.
func (s *Server) addHistory(c *fiber.Ctx, page *web.Card, seen *sight) (err error) {
	entries := seen.entries
	if before, notOne := strconv.ParseInt(c.Query("before"), 10, 64); notOne == nil && before > 1 {
		page.Latest = page.Here + "?lang=" + string(page.Language) + "#history"
		if entries, err = s.Store.Entries(c.UserContext(), seen.face.Merchant, seen.card.ID, before, historyLines); err != nil {
			return err
		}
	}
	for i := range entries {
		e := &entries[i]
		page.History = append(page.History, web.Line{
			At: web.Moment(e.Posted, seen.zone, page.Language), What: deed(e, seen, &page.Page), Units: worth(e, seen, page.Language), Balance: e.Balance,
			Receipt: page.Here + "/receipts/" + e.ID.String(),
		})
	}
	if n := len(entries); n > 0 && entries[n-1].Seq > 1 { // a card's first is its 1
		page.Earlier = fmt.Sprintf("%s?lang=%s&before=%d#history", page.Here, page.Language, entries[n-1].Seq)
	}
	return nil
}

// deed is what an entry did, and with which reward, where the program still has that.
func deed(e *loyalty.Entry, seen *sight, page *web.Page) string {
	done := page.Say("entry." + e.Kind.String())
	reward, known := seen.program.Reward(e.Reward)
	if !known {
		return done
	}
	if e.Kind == loyalty.Redeem && reward.Kind == loyalty.GiftCard && e.Units < 0 { // which is used later, in parts
		done = page.Say("entry.bought")
	}
	return done + ": " + reward.Name
}

// worth is what an entry brought or took: units, or money off.
func worth(e *loyalty.Entry, seen *sight, l passes.Language) string {
	currency := seen.face.Standing.Currency
	if reward, ok := seen.program.Rules.Reward(e.Reward); ok {
		currency = reward.Currency
	}
	if e.Kind == loyalty.Grant || e.Counted.Off != 0 && e.Units == 0 && currency != "" {
		return strings.Replace(passes.Money(l, -e.Counted.Off, currency), "-", "−", 1)
	}
	return signed(e.Units)
}

// signed is a number with its sign, a true minus.
func signed(n int64) string {
	return strings.Replace(fmt.Sprintf("%+d", n), "-", "−", 1)
}

// addHolder adds what is kept of the person; of nobody's card nothing is.
func (s *Server) addHolder(c *fiber.Ctx, page *web.Card) error {
	h, err := s.holder(c)
	if err != nil || h == nil {
		return err
	}
	var kept []string
	for _, value := range []string{h.profile.Name, h.profile.Phone, h.profile.Email} {
		if value != "" {
			kept = append(kept, value)
		}
	}
	page.Holder = strings.ReplaceAll(page.Say("privacy.some"), "{n}", strings.Join(kept, ", "))
	page.Consents = s.decisions(h, &page.Page)
	return nil
}

// Sentences that a card's page says once, after something was done there.
var toldOnCards = []string{"card.fresh", "consents.done", "others.done", "choice.done", "choice.dropped"}

// toldOf is the one that the address asks for; empty for none.
func toldOf(c *fiber.Ctx) string {
	if asked := c.Query("told"); slices.Contains(toldOnCards, asked) {
		return asked
	}
	return ""
}

// backToCard leads from a form to a place on the card's page, which says what was
// done.
func backToCard(c *fiber.Ctx, told, place string) error {
	return c.Redirect("/card/"+c.Params("token")+"?lang="+string(pageLanguage(c))+"&told="+told+place, fiber.StatusSeeOther)
}

func (s *Server) cardStyle(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	return sendFile(c, "text/css; charset=utf-8", web.Style(&seen.face), nil)
}

func (s *Server) cardLogo(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	return s.sendLogo(c, &seen.face)
}

func (s *Server) cardStrip(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	return s.sendStrip(c, &seen.face)
}

// iconSide of an installed page, in pixels; browsers make others of it.
const iconSide = 512

func (s *Server) cardIcon(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	picture, err := s.Studio.Icon(c.UserContext(), &seen.face, artwork.Size{Width: iconSide, Height: iconSide})
	return sendFile(c, "image/png", picture, err)
}

// cardManifest makes the page one that can be installed (W3C Web Application
// Manifest).
func (s *Server) cardManifest(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	base := "/card/" + c.Params("token")
	color := seen.face.Brand.Colors.Background.String()
	file, err := json.Marshal(map[string]any{
		"id": base, "start_url": base + "?lang=" + string(pageLanguage(c)), "scope": base, "display": "standalone",
		"name": seen.face.Title + " – " + seen.face.Brand.Name, "short_name": seen.face.Title, "lang": pageLanguage(c),
		"theme_color": color, "background_color": "#f2f2f4",
		"icons": []any{map[string]any{"src": base + "/icon.png", "type": "image/png", "sizes": fmt.Sprintf("%dx%d", iconSide, iconSide)}},
	})
	return sendFile(c, "application/manifest+json", file, err)
}

// cardQR draws a live code, for browsers that make none themselves.
func (s *Server) cardQR(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	if seen.card.Blocked {
		return errNoPage
	}
	text, _, err := s.Live.Mint(seen.card.ID, s.now())
	if err != nil {
		return err
	}
	return sendPicture(c, text, passes.DefaultQRSize)
}

// cardReceipt signs the receipt of one of the card's entries.
func (s *Server) cardReceipt(c *fiber.Ctx) error {
	id, err := loyalty.ParseID[loyalty.EntryID](c.Params("entry"))
	if err != nil {
		return errNoPage
	}
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	entry, err := s.Store.Entry(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	if entry.Card != seen.card.ID {
		return errNoPage
	}
	receipt, err := s.Receipts.Sign(&entry, entry.Posted)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="receipt-`+entry.Posted.Format(time.DateOnly)+`.jws"`)
	c.Set(fiber.HeaderContentType, "application/jose")
	return c.SendString(receipt)
}
