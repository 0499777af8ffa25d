package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// PreviewRefund tells what a refund would take back, and posts nothing.
func (s *Server) PreviewRefund(c *fiber.Ctx, id gen.EntryInPath) error {
	body := gen.RefundPart{Amount: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	p, now := principalOf(c), s.moment()
	card, refunding, err := s.refunding(c.UserContext(), p.Merchant, id, &body)
	if err != nil {
		return err
	}
	command := loyalty.Command{
		Merchant: p.Merchant, Card: card, Do: refunding, Captured: now,
		Till: p.Till.ID, Pairing: p.Till.Pairing, Location: p.Till.Location,
		Role: loyalty.Manager, // nobody types a PIN only to look
	}
	facts, err := s.Store.Foretell(c.UserContext(), &command)
	if err != nil {
		return err
	}
	decision, err := loyalty.Decide(facts, &command, now, loyalty.NewID)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, refundPreview(decision))
}

func refundPreview(d *loyalty.Decision) gen.RefundPreview {
	view := gen.RefundPreview{Balance: d.Card.Balance}
	for i := range d.Entries { // what was overdue comes before
		if d.Entries[i].Kind == loyalty.Refund {
			view.Units = -d.Entries[i].Units
		}
	}
	for i := range d.Changed {
		if d.Changed[i].State == loyalty.Withdrawn {
			view.Withdrawn++
		}
	}
	return view
}
