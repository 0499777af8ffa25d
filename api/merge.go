package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// MergeCard ends a card and gives all that is on it to another one.
func (s *Server) MergeCard(c *fiber.Ctx, id gen.CardInPath, params gen.MergeCardParams) error {
	var body gen.MergeRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Into.IsZero() {
		return missing("into")
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Card = id
	command.Do = loyalty.Merger{Into: body.Into}
	return s.post(c, command, nil, s.renderPosting(http.StatusCreated))
}

// follow turns a command to the survivor when it was refused because its card was
// merged, and reports whether it did. Only a code, and what waits for approval, lead
// on to the survivor: who names a card or an entry is told where to go on.
func follow(command *loyalty.Command, err error) bool {
	if err == nil {
		return false
	}
	if _, approving := command.Do.(loyalty.Approving); !approving && command.Scan.Nonce == (loyalty.Nonce{}) {
		return false
	}
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != loyalty.CardMerged {
		return false
	}
	command.Follow(refusal.Card)
	return true
}

// owned holds that a card may be the asker's. A phone's is the one of its token;
// only of another id it is read where that leads. Errors: card_not_found.
func (s *Server) owned(c *fiber.Ctx, p *principal, id loyalty.CardID) error {
	if p.meant(id) == id {
		return nil
	}
	state, err := s.survivor(c, p.Merchant, id)
	if err == nil && state.Card.ID != p.Card {
		err = errNoCard
	}
	return err
}

// survivor reads the card for which codes are made when they are asked for a card:
// that one, or the one that it was merged into. A blocked card leads nowhere.
// Errors: card_not_found.
func (s *Server) survivor(c *fiber.Ctx, m loyalty.MerchantID, id loyalty.CardID) (*loyalty.State, error) {
	state, err := s.card(c, m, id)
	for err == nil && !state.Card.Blocked && !state.Card.MergedInto.IsZero() {
		state, err = s.card(c, m, state.Card.MergedInto)
	}
	return state, err
}
