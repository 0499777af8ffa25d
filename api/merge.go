package api

import (
	"context"
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
	if err := s.post(c, command, nil, s.renderPosting(http.StatusCreated)); err != nil {
		return err
	}
	return s.inherit(c.UserContext(), command.Merchant, id, body.Into)
}

// inherit makes the survivor of a merge the member's whose the other card was,
// unless it is somebody's already. Should it fail, a retry comes by here again.
func (s *Server) inherit(ctx context.Context, m loyalty.MerchantID, from, into loyalty.CardID) error {
	member, err := s.Store.MemberOfCard(ctx, m, from)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	attached := func(loyalty.Attachment) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	_, err = s.Store.AttachCard(ctx, loyalty.Answer{}, m, loyalty.Attachment{Card: into, Member: member.ID, At: s.moment()}, attached)
	var refusal *loyalty.Refusal
	if errors.As(err, &refusal) && refusal.Code == loyalty.CardHasMember {
		return nil
	}
	return err
}

// follow turns a command to the survivor when it was refused because its card was
// merged, and reports whether it did. Only a code leads on to the survivor: who
// names a card or an entry is told where to go on.
func follow(command *loyalty.Command, err error) bool {
	if err == nil || command.Scan.Nonce == (loyalty.Nonce{}) {
		return false
	}
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != loyalty.CardMerged {
		return false
	}
	command.Follow(refusal.Card)
	return true
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
