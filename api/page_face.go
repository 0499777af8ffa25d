package api

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/artwork"
	"stempel/passes/web"
)

// sight is a card as its page shows it.
type sight struct {
	face     passes.Face
	card     *loyalty.Card
	program  *loyalty.Program
	vouchers []loyalty.Voucher // live ones, the oldest first
	entries  []loyalty.Entry   // the newest first
	holder   loyalty.Belonging // what whoever has it is to the shop
	zone     *time.Location    // of the oldest shop
	short    []loyalty.Shortage
	state    *loyalty.State
}

// see reads what the page of the asker's card shows: of a merged one the survivor.
func (s *Server) see(c *fiber.Ctx) (*sight, error) {
	return s.seeCard(c.UserContext(), principalOf(c).Merchant, principalOf(c).Card, pageLanguage(c))
}

func (s *Server) seeCard(ctx context.Context, m loyalty.MerchantID, id loyalty.CardID, l passes.Language) (*sight, error) {
	state, err := s.Store.Card(ctx, m, id)
	for err == nil && !state.Card.MergedInto.IsZero() {
		state, err = s.Store.Card(ctx, m, state.Card.MergedInto)
	}
	if err != nil {
		return nil, err
	}
	subject, err := s.Faces.Subject(ctx, state, l)
	if err != nil {
		return nil, err
	}
	return &sight{
		passes.Of(subject), &state.Card, state.Program, state.Vouchers, subject.Last, state.Belonging,
		zoneOf(subject.Shops), state.Shortages(subject.Now), state,
	}, nil
}

// zoneOf is the zone of the oldest shop; UTC without any.
func zoneOf(shops []loyalty.Location) *time.Location {
	zone := time.UTC
	var oldest loyalty.LocationID
	for _, shop := range shops {
		if shop.Zone != nil && (oldest.IsZero() || shop.ID.Compare(oldest) < 0) {
			zone, oldest = shop.Zone, shop.ID
		}
	}
	return zone
}

// brandedPage is a page of a brand, whose files lie below base.
func brandedPage(c *fiber.Ctx, f *passes.Face, base string) web.Page {
	page := web.Page{
		Language: pageLanguage(c), Languages: passes.Languages(), Brand: f.Brand.Name, Here: c.Path(), Notice: f.Brand.PrivacyURL,
		Style: base + "/style.css?v=" + hashView(sha256.Sum256(web.Style(f)))[:12],
	}
	if f.Brand.Logo != (loyalty.Hash{}) {
		page.Logo = base + "/logo.png?v=" + hashView(f.Brand.Logo)[:12]
	}
	return page
}

// stripPath is the address of the face's picture, another one for each state.
func stripPath(f *passes.Face, base string) string {
	return base + "/strip.png?v=" + f.Version.String()[:16]
}

// What a browser may keep of pictures and colours, whose addresses change with them.
const keptByBrowser = "private, max-age=3600"

func (s *Server) sendStrip(c *fiber.Ctx, f *passes.Face) error {
	picture, err := s.Studio.Strip(c.UserContext(), f, artwork.AppleStrip(3))
	return sendFile(c, "image/png", picture, err)
}

// sendLogo sends the logo as large as pages show it, on a screen of three pixels to
// the point.
func (s *Server) sendLogo(c *fiber.Ctx, f *passes.Face) error {
	picture, err := s.Studio.Logo(c.UserContext(), f, artwork.AppleLogo(3))
	if err == nil && picture == nil {
		err = errNoPage
	}
	return sendFile(c, "image/png", picture, err)
}

func sendFile(c *fiber.Ctx, mediaType string, file []byte, err error) error {
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, keptByBrowser)
	c.Set(fiber.HeaderContentType, mediaType)
	return c.Send(file)
}
