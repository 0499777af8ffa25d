package api

import (
	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// maxGifts is how many codes of partners a card's page shows, the newest.
const maxGifts = 20

// addGifts adds the codes of partners that the card's holder was handed.
func (s *Server) addGifts(c *fiber.Ctx, page *web.Card, seen *sight) error {
	codes, err := s.Store.CardCodes(c.UserContext(), seen.face.Merchant, seen.card.ID, s.now(), loyalty.EntryID{}, maxGifts)
	if err != nil || seen.card.Blocked { // whoever holds a lost card's page gets nothing more of it
		return err
	}
	for i := range codes {
		view, err := s.codeViewOf(seen.program, &codes[i])
		if err != nil {
			return err
		}
		gift := web.Gift{Name: view.Name, Code: view.Code, Picture: page.Here + "/codes/" + view.ID.String() + ".png"}
		if !view.ExpiresAt.IsZero() {
			gift.Until = web.Moment(view.ExpiresAt, seen.zone, page.Language)
		}
		page.Gifts = append(page.Gifts, gift)
	}
	return nil
}

// cardGift draws one of the codes that a card's page shows.
func (s *Server) cardGift(c *fiber.Ctx) error {
	id, err := loyalty.ParseID[loyalty.GiftCodeID](c.Params("code"))
	if err != nil {
		return errNoPage
	}
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	code, err := s.Store.GiftCode(c.UserContext(), seen.face.Merchant, id)
	if err != nil || code.Card != seen.card.ID || code.State != loyalty.CodeTaken || !code.Good(s.now()) || seen.card.Blocked {
		return errNoPage
	}
	text, err := s.Codes.Open(&code)
	if err != nil {
		return err
	}
	return sendPicture(c, text, passes.DefaultQRSize)
}
