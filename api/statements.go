package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// MintStatement states that a voucher can be used, for a till that cannot ask.
func (s *Server) MintStatement(c *fiber.Ctx, card gen.CardInPath, voucher gen.VoucherInPath) error {
	text, expires, err := s.state(c, card, voucher)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusCreated, gen.VoucherStatement{Statement: text, ExpiresAt: expires})
}

// GetStatementQRCode draws a fresh statement.
func (s *Server) GetStatementQRCode(c *fiber.Ctx, card gen.CardInPath, voucher gen.VoucherInPath, params gen.GetStatementQRCodeParams) error {
	size, err := pictureSize(c, params.Size, 0)
	if err != nil {
		return err
	}
	text, _, err := s.state(c, card, voucher)
	if err != nil {
		return err
	}
	return sendPicture(c, text, size)
}

// state makes a statement of a card's voucher. Errors: card_not_found, card_blocked,
// voucher_not_found, voucher_not_redeemable.
func (s *Server) state(c *fiber.Ctx, id gen.CardInPath, voucher gen.VoucherInPath) (text string, expires time.Time, err error) {
	p := principalOf(c)
	state, err := s.survivor(c, p.Merchant, p.meant(id))
	if err != nil {
		return "", expires, err
	}
	if state.Card.Blocked {
		return "", expires, refuse(loyalty.CardBlocked, "This card is blocked: it gets no new codes.")
	}
	v, err := s.Store.Voucher(c.UserContext(), p.Merchant, voucher)
	if errors.Is(err, loyalty.ErrNotFound) || err == nil && v.Card != state.Card.ID {
		return "", expires, refuse(loyalty.VoucherNotFound, "This card has no such voucher.")
	}
	if err != nil {
		return "", expires, err
	}
	now := s.moment()
	if !v.Live(now) {
		return "", expires, refuse(loyalty.VoucherNotLive, "This voucher cannot be used: it is "+v.State.String()+".")
	}
	if !state.Program.IsItem(&v) {
		return "", expires, refuse(loyalty.VoucherNotLive, "Only items are handed out without a network: with one, a till needs no statement.")
	}
	return s.Statements.Mint(&v, now)
}
