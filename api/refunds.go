package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// RefundEntry takes back what a refunded part of a purchase has earned.
func (s *Server) RefundEntry(c *fiber.Ctx, id gen.EntryInPath, params gen.RefundEntryParams) error {
	body := gen.RefundRequest{Amount: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	part := gen.RefundPart{Amount: body.Amount, Lines: body.Lines, AsFarAsPossible: body.AsFarAsPossible}
	if command.Card, command.Do, err = s.refunding(c.UserContext(), command.Merchant, id, &part); err != nil {
		return err
	}
	err = s.approve(c.UserContext(), &command, body.PIN)
	return s.post(c, command, err, s.renderPosting(http.StatusOK))
}

// refunding is what a body asks for of an entry, with the purchase that is kept
// beside it. Errors: entry_not_found, invalid_field.
func (s *Server) refunding(ctx context.Context, m loyalty.MerchantID, id loyalty.EntryID, body *gen.RefundPart) (card loyalty.CardID, do loyalty.Refunding, err error) {
	switch {
	case body.Amount == absent:
		body.Amount = 0
	case body.Amount < 1 || body.Amount > loyalty.MaxAmount:
		return card, do, invalid("amount", "must be minor units, at least 1")
	case len(body.Lines) > 0:
		return card, do, invalid("lines", "cannot be given together with amount")
	}
	if len(body.Lines) > loyalty.MaxItems {
		return card, do, invalid("lines", "are more than 500")
	}
	for i, line := range body.Lines {
		if line < 1 || line > loyalty.MaxItems {
			return card, do, invalid(fmt.Sprintf("lines[%d]", i), "must lie between 1 and 500")
		}
	}
	entry, err := s.Store.Entry(ctx, m, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return card, do, refuse(loyalty.EntryNotFound, "There is no such entry.")
	}
	if err != nil {
		return card, do, err
	}
	do = loyalty.Refunding{Entry: id, Amount: body.Amount, Lines: body.Lines, Most: body.AsFarAsPossible}
	if do.Detail, err = s.Store.Detail(ctx, id); errors.Is(err, loyalty.ErrNotFound) {
		err = nil // erased, or there was none: what then can be refunded is Decide's to say
	}
	return entry.Card, do, err
}
