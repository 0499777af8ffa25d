package passes

import (
	"context"
	"errors"
	"time"

	"stempel/internal/loyalty"
)

// Shelf is where what faces are made of is kept.
type Shelf interface {
	Merchant(ctx context.Context, id loyalty.MerchantID) (loyalty.Merchant, error)
	Brand(ctx context.Context, m loyalty.MerchantID) (loyalty.Brand, error)
	Locations(ctx context.Context, m loyalty.MerchantID, after loyalty.LocationID, limit int) ([]loyalty.Location, error)
	Entries(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, beforeSeq int64, limit int) ([]loyalty.Entry, error)
	MemberOfCard(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID) (loyalty.Member, error)
}

// Faces makes the faces of cards as they are now.
type Faces struct {
	Shelf Shelf
	Name  func(*loyalty.Member) (string, error) // opens a name, which is kept sealed; nil: no face has one
	Now   func() time.Time
}

// How much of a merchant and of a card is read for one face.
const (
	maxShops  = 100
	lastLines = 30 // of the ledger: no posting has more
)

// Face is that of a card, for somebody who speaks a language. Errors: as of Shelf and
// Name.
func (s Faces) Face(ctx context.Context, state *loyalty.State, language Language) (*Face, error) {
	return s.face(ctx, state, language, false)
}

// OfPass is the face that a pass shows, in its language: that of its card, or, after
// it has ended, nothing of that. Errors: as of Shelf and Name.
func (s Faces) OfPass(ctx context.Context, pass *loyalty.Pass, state *loyalty.State) (*Face, error) {
	return s.face(ctx, state, Language(pass.Language), !pass.Removed.IsZero())
}

func (s Faces) face(ctx context.Context, state *loyalty.State, language Language, ended bool) (*Face, error) {
	subject, err := s.Subject(ctx, state, language)
	if err != nil {
		return nil, err
	}
	subject.Ended = ended
	face := Of(subject)
	return &face, nil
}

// Subject is what the face of a card is made of now; Last are its newest entries, the
// newest first. Errors: as of Shelf and Name.
func (s Faces) Subject(ctx context.Context, state *loyalty.State, language Language) (Subject, error) {
	m, card := state.Card.Merchant, &state.Card
	subject := Subject{Program: state.Program, Card: card, Vouchers: state.Vouchers, Lots: state.Lots, Language: language, Now: s.Now()}
	subject.Holds = state.Belonging
	subject.Excluded = !state.Program.Only.Admits(&state.Belonging, subject.Now)
	var lastErr, holderErr error
	subject.Last, lastErr = s.Shelf.Entries(ctx, m, card.ID, 0, lastLines)
	subject.Member, holderErr = s.holder(ctx, state)
	return subject, errors.Join(lastErr, holderErr, s.Dress(ctx, m, &subject))
}

// Dress adds what is the merchant's. Errors: as of Shelf.
func (s Faces) Dress(ctx context.Context, m loyalty.MerchantID, subject *Subject) error {
	var merchantErr, brandErr, shopsErr error
	subject.Merchant, merchantErr = s.Shelf.Merchant(ctx, m)
	subject.Brand, brandErr = s.Shelf.Brand(ctx, m)
	subject.Shops, shopsErr = s.Shelf.Locations(ctx, m, loyalty.LocationID{}, maxShops)
	return errors.Join(merchantErr, brandErr, shopsErr)
}

// holder is the name of the card's member, where the program shows it.
func (s Faces) holder(ctx context.Context, state *loyalty.State) (string, error) {
	if s.Name == nil || !state.Program.ShowsName {
		return "", nil
	}
	member, err := s.Shelf.MemberOfCard(ctx, state.Card.Merchant, state.Card.ID)
	if errors.Is(err, loyalty.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.Name(&member)
}
