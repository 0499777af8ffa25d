package api

import (
	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// maxStatements is how many rewards the page for a shop without network shows, the
// oldest.
const maxStatements = 5

// offlinePage shows a card's code and its rewards' statements to a till that has no
// network. The codes are pictures of this moment; the page is opened again for others.
func (s *Server) offlinePage(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	base := "/card/" + c.Params("token")
	page := web.Offline{
		Page: brandedPage(c, &seen.face, base), Title: seen.face.Title, Code: base + "/qr.png", Back: base,
	}
	page.Here = base + "/offline"
	for _, v := range seen.stated(s) {
		name := ""
		if reward, ok := seen.program.Rules.Reward(v.Reward); ok {
			name = reward.Name
		}
		page.Rewards = append(page.Rewards, web.OfflineReward{Name: name, Code: base + "/statements/" + v.ID.String() + ".png"})
	}
	return sendPage(c, fiber.StatusOK, func() ([]byte, error) { return web.RenderOffline(&page) })
}

// stated are the vouchers of which statements are shown: those for something to hand
// out.
func (see *sight) stated(s *Server) (vouchers []loyalty.Voucher) {
	now := s.moment()
	if see.card.Blocked {
		return nil
	}
	for i := range see.vouchers {
		v := &see.vouchers[i]
		if v.Live(now) && see.program.IsItem(v) && len(vouchers) < maxStatements {
			vouchers = append(vouchers, *v)
		}
	}
	return vouchers
}

// cardStatement draws the statement of one of the card's vouchers.
func (s *Server) cardStatement(c *fiber.Ctx) error {
	id, err := loyalty.ParseID[loyalty.VoucherID](c.Params("voucher"))
	if err != nil {
		return errNoPage
	}
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	for _, v := range seen.stated(s) {
		if v.ID != id {
			continue
		}
		text, _, err := s.Statements.Mint(&v, s.moment())
		if err != nil {
			return err
		}
		return sendPicture(c, text, passes.DefaultQRSize)
	}
	return errNoPage
}
