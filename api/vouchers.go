package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// ListVouchers shows all vouchers that a card ever got.
func (s *Server) ListVouchers(c *fiber.Ctx, id gen.CardInPath, params gen.ListVouchersParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.VoucherID], params.After)
	if err != nil {
		return err
	}
	var state loyalty.VoucherState
	if c.Context().QueryArgs().Has("state") {
		if state, err = loyalty.ParseVoucherState(string(params.State)); err != nil {
			return invalid("state", "must be a state of a voucher")
		}
	}
	card, err := s.card(c, principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	vouchers, err := s.Store.CardVouchers(c.UserContext(), principalOf(c).Merchant, id, state, after, limit+1)
	if err != nil {
		return err
	}
	vouchers, next := cut(vouchers, limit, func(v *loyalty.Voucher) string { return v.ID.String() })
	now := s.moment()
	list := gen.VoucherPage{Vouchers: []gen.Voucher{}, Next: next}
	for i := range vouchers {
		list.Vouchers = append(list.Vouchers, voucherView(card.Program, &vouchers[i], now))
	}
	return s.json(c, http.StatusOK, list)
}

// GetVoucher shows one voucher.
func (s *Server) GetVoucher(c *fiber.Ctx, id gen.VoucherInPath) error {
	m := principalOf(c).Merchant
	voucher, err := s.Store.Voucher(c.UserContext(), m, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return refuse(loyalty.VoucherNotFound, "There is no such voucher.")
	}
	if err != nil {
		return err
	}
	card, err := s.card(c, m, voucher.Card)
	if err != nil {
		return err
	}
	view := voucherView(card.Program, &voucher, s.moment())
	view.Card = voucher.Card
	return s.json(c, http.StatusOK, view)
}
