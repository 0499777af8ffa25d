package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Reserve holds a voucher for a till while the customer decides.
func (s *Server) Reserve(c *fiber.Ctx, params gen.ReserveParams) error {
	var body gen.ReserveRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	reward, err := s.wanted(c.UserContext(), command.Merchant, body.Reward, body.Voucher)
	command.Do = loyalty.Reserving{Reward: reward, Voucher: body.Voucher, Release: body.Release}
	if err == nil {
		err = s.prepareScan(c, &command, body.Scan, "")
	}
	return s.post(c, command, err, s.renderReservation)
}

func (s *Server) renderReservation(c *loyalty.Command, d *loyalty.Decision) (loyalty.Answer, error) {
	now := s.moment()
	voucher := voucherView(d.Program, d.Held, now)
	voucher.Card = d.Card.ID
	return render(http.StatusOK, gen.Reservation{
		Card:    heldView(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, now),
		Offers:  offersView(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, d.Short, &c.Scan, now),
		Voucher: voucher,
	})
}
