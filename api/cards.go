package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// CreateCard enrols an anonymous customer.
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
	now := command.Captured
	answer, err := s.Store.OpenCard(c.UserContext(), command, body.Program,
		func(p *loyalty.Program) (*loyalty.Decision, loyalty.Answer, error) {
			command.Card = loyalty.NewID()
			d, err := loyalty.OpenCard(p, command, now, loyalty.NewID)
			if err != nil {
				return nil, loyalty.Answer{}, err
			}
			answer, err := render(http.StatusCreated, cardView(p, &d.Card, d.Vouchers, now))
			return d, answer, err
		})
	if errors.Is(err, loyalty.ErrNotFound) {
		return refuse(loyalty.ProgramNotFound, "There is no such program.")
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}

// GetCard shows a card.
func (s *Server) GetCard(c *fiber.Ctx, id gen.CardInPath) error {
	state, err := s.card(c, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, cardView(state.Program, &state.Card, state.Vouchers, s.now()))
}

// card reads one of the asker's cards. Errors: card_not_found.
func (s *Server) card(c *fiber.Ctx, id loyalty.CardID) (*loyalty.State, error) {
	state, err := s.Store.Card(c.UserContext(), principalOf(c).Merchant, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, errNoCard
	}
	return state, err
}

// Pages of a card's ledger.
const (
	defaultPage = 20
	maxPage     = 100
)

// ListEntries shows a card's ledger, newest first.
func (s *Server) ListEntries(c *fiber.Ctx, id gen.CardInPath, params gen.ListEntriesParams) error {
	limit := int(params.Limit)
	switch {
	case limit == 0 && c.Query("limit") == "":
		limit = defaultPage
	case limit < 1 || limit > maxPage:
		return &badField{code: invalidField, field: "limit", problem: "must lie between 1 and 100"}
	}
	if params.Before < 0 || (params.Before == 0 && c.Query("before") != "") {
		return &badField{code: invalidField, field: "before", problem: "must be the seq of an entry"}
	}
	merchant := principalOf(c).Merchant
	entries, err := s.Store.Entries(c.UserContext(), merchant, id, params.Before, limit+1)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	page := gen.EntryPage{Entries: []gen.Entry{}}
	if len(entries) > limit {
		entries = entries[:limit]
		page.Next = entries[limit-1].Seq
	}
	for i := range entries {
		page.Entries = append(page.Entries, entryView(&entries[i]))
	}
	return s.json(c, http.StatusOK, page)
}

// AdjustCard corrects a balance by hand.
func (s *Server) AdjustCard(c *fiber.Ctx, id gen.CardInPath, params gen.AdjustCardParams) error {
	var body gen.Adjustment
	if err := decode(c, &body); err != nil {
		return err
	}
	if len(body.Note) > maxNote {
		return &badField{code: invalidField, field: "note", problem: "is longer than 500 bytes"}
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Card = id
	command.Do = loyalty.Adjustment{Units: body.Units, Note: body.Note}
	return s.post(c, command, nil, s.renderPosting(http.StatusCreated, &command))
}

const maxNote = 500 // bytes

// ListPrograms shows the merchant's programs.
func (s *Server) ListPrograms(c *fiber.Ctx) error {
	programs, err := s.Store.Programs(c.UserContext(), principalOf(c).Merchant)
	if err != nil {
		return err
	}
	list := gen.ProgramList{Programs: []gen.Program{}}
	for _, p := range programs {
		list.Programs = append(list.Programs, programView(p))
	}
	return s.json(c, http.StatusOK, list)
}
