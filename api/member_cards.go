package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// GetCardMember shows whose a card is.
func (s *Server) GetCardMember(c *fiber.Ctx, card gen.CardInPath) error {
	merchant := principalOf(c).Merchant
	owner, err := s.Store.MerchantOf(c.UserContext(), card)
	if err == nil && owner != merchant || errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	member, err := s.Store.MemberOfCard(c.UserContext(), merchant, card)
	if err != nil {
		return orNoMember(err)
	}
	return s.showMember(c, member)
}

// AttachCard makes a card a member's.
func (s *Server) AttachCard(c *fiber.Ctx, card gen.CardInPath, params gen.AttachCardParams) error {
	var body gen.CardMember
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Member.IsZero() {
		return missing("member")
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.AttachCard(c.UserContext(), request, principalOf(c).Merchant,
		loyalty.Attachment{Card: card, Member: body.Member, At: s.moment()}, renderAttachment)
	if err != nil {
		return err
	}
	return send(c, answer)
}

// DetachCard makes a card nobody's.
func (s *Server) DetachCard(c *fiber.Ctx, card gen.CardInPath, params gen.DetachCardParams) error {
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.DetachCard(c.UserContext(), request, principalOf(c).Merchant, card, s.moment(), renderAttachment)
	if err != nil {
		return err
	}
	return send(c, answer)
}

func renderAttachment(a loyalty.Attachment) (loyalty.Answer, error) {
	return render(http.StatusOK, gen.Attachment{Card: a.Card, Member: a.Member, AttachedAt: a.At})
}

// ListMemberCards shows a page of a person's cards.
func (s *Server) ListMemberCards(c *fiber.Ctx, id gen.MemberInPath, params gen.ListMemberCardsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.CardID], params.After)
	if err != nil {
		return err
	}
	member, err := s.Store.Member(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return orNoMember(err)
	}
	states, err := s.Store.MemberCards(c.UserContext(), member.Merchant, member.ID, after, limit+1)
	if err != nil {
		return err
	}
	states, next := cut(states, limit, func(s **loyalty.State) string { return (*s).Card.ID.String() })
	page := gen.MemberCardPage{Cards: make([]gen.Card, len(states)), Next: next}
	for i, state := range states {
		page.Cards[i] = heldView(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, s.now())
	}
	return s.json(c, http.StatusOK, page)
}
