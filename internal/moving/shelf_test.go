package moving_test

import (
	"context"

	"stempel/internal/loyalty"
	"stempel/internal/moving"
)

// shelf is a store in memory.
type shelf struct {
	cards    map[loyalty.CardID]*loyalty.Decision
	members  map[loyalty.MemberID]loyalty.Member
	contacts map[loyalty.Hash]loyalty.MemberID
	consents []loyalty.Consent
	owners   map[loyalty.CardID]loyalty.MemberID
	fail     error
}

func empty() *shelf {
	return &shelf{
		cards: map[loyalty.CardID]*loyalty.Decision{}, members: map[loyalty.MemberID]loyalty.Member{},
		contacts: map[loyalty.Hash]loyalty.MemberID{}, owners: map[loyalty.CardID]loyalty.MemberID{},
	}
}

func (s *shelf) Foresee(_ context.Context, a loyalty.Arriving) (*loyalty.Known, error) {
	known := &loyalty.Known{
		Cards: map[loyalty.CardID]int64{}, Members: map[loyalty.Hash]*loyalty.Member{}, Consents: map[loyalty.MemberID][]loyalty.Consent{},
	}
	for _, id := range a.Cards {
		if d := s.cards[id]; d != nil {
			known.Cards[id] = d.Opening()
		}
	}
	for _, index := range a.Contacts {
		if id, ok := s.contacts[index]; ok {
			member := s.members[id]
			member.Indexes = nil
			known.Members[index] = &member
		}
	}
	for _, c := range s.consents {
		known.Consents[c.Member] = append(known.Consents[c.Member], c)
	}
	return known, s.fail
}

// MoveIn decides twice, as a store may after a rollback.
func (s *shelf) MoveIn(ctx context.Context, _ loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (loyalty.Answer, error) {
	known, err := s.Foresee(ctx, a)
	if err != nil {
		return loyalty.Answer{}, err
	}
	if _, _, err := decide(known); err != nil {
		return loyalty.Answer{}, err
	}
	arrivals, answer, err := decide(known)
	if err != nil {
		return loyalty.Answer{}, err
	}
	for _, d := range arrivals.Cards {
		s.cards[d.Card.ID] = d
	}
	for _, m := range append(arrivals.Members, arrivals.Changed...) {
		s.members[m.ID] = m
		for _, index := range m.Indexes {
			s.contacts[index] = m.ID
		}
	}
	for _, a := range arrivals.Attachments {
		s.owners[a.Card] = a.Member
	}
	s.consents = append(s.consents, arrivals.Consents...)
	return answer, nil
}

var _ moving.Known = (*shelf)(nil)
