package api

import (
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// CreateCard enrols a member, or somebody who stays anonymous.
func (s *Server) CreateCard(c *fiber.Ctx, params gen.CreateCardParams) error {
	var body gen.NewCard
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Program.IsZero() {
		return missing("program")
	}
	command, err := s.command(c, params.IdempotencyKey, false)
	if err != nil {
		return err
	}
	if params.IdempotencyKey == "" {
		command.Request = loyalty.RequestID{} // no retry can name it
	}
	var answer loyalty.Answer
	if body.Member.IsZero() {
		answer, err = s.Store.OpenCard(c.UserContext(), command, body.Program, openCard(command))
	} else {
		answer, err = s.Store.OpenMemberCard(c.UserContext(), command, body.Program, body.Member, openCard(command))
	}
	if err != nil {
		return noProgram(err)
	}
	return send(c, answer)
}

// openCard decides on a card with an id of its own and renders it.
func openCard(command loyalty.Command) OpenCard {
	return func(p *loyalty.Program) (*loyalty.Decision, loyalty.Answer, error) {
		command.Card = loyalty.NewID()
		d, err := loyalty.OpenCard(p, command, command.Captured, loyalty.NewID)
		if err != nil {
			return nil, loyalty.Answer{}, err
		}
		answer, err := render(http.StatusCreated, cardView(p, &d.Card, d.Vouchers, d.Lots, command.Captured))
		return d, answer, err
	}
}

// GetCard shows a card.
func (s *Server) GetCard(c *fiber.Ctx, id gen.CardInPath) error {
	p := principalOf(c)
	state, err := s.card(c, p.Merchant, p.meant(id))
	if err != nil {
		return err
	}
	now := s.now()
	view := heldView(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, now)
	if !state.Card.Choice.IsZero() {
		view.Choice = choiceView(offersTo(state, now))
	}
	return s.json(c, http.StatusOK, view)
}

// card reads one of a merchant's cards. Errors: card_not_found.
func (s *Server) card(c *fiber.Ctx, m loyalty.MerchantID, id loyalty.CardID) (*loyalty.State, error) {
	state, err := s.Store.Card(c.UserContext(), m, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, errNoCard
	}
	return state, err
}

// ListEntries shows a card's ledger, newest first.
func (s *Server) ListEntries(c *fiber.Ctx, id gen.CardInPath, params gen.ListEntriesParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	if params.Before < 0 || params.Before == 0 && c.Query("before") != "" {
		return invalid("before", "must be the seq of an entry")
	}
	p := principalOf(c)
	entries, err := s.Store.Entries(c.UserContext(), p.Merchant, p.meant(id), params.Before, limit+1)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, pageView(entries, limit))
}

// AdjustCard corrects a balance by hand.
func (s *Server) AdjustCard(c *fiber.Ctx, id gen.CardInPath, params gen.AdjustCardParams) error {
	body := gen.Adjustment{Units: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Units == absent:
		return missing("units")
	case utf8.RuneCountInString(body.Note) > maxNote:
		return invalid("note", "is longer than 500 characters")
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Card = id
	command.Do = loyalty.Adjustment{Units: body.Units, Note: body.Note}
	return s.post(c, command, nil, s.renderPosting(http.StatusCreated))
}

const maxNote = 500 // characters
