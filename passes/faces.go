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
}

// Faces makes the faces of cards as they are now.
type Faces struct {
	Shelf Shelf
	Now   func() time.Time
}

// How much of a merchant and of a card is read for one face.
const (
	maxShops  = 50
	lastLines = 20 // of the ledger: no posting has more
)

// Face is that of a card, for somebody who speaks a language. Errors: as of Shelf.
func (s Faces) Face(ctx context.Context, state *loyalty.State, language Language) (*Face, error) {
	return s.face(ctx, state, language, false)
}

// OfPass is the face that a pass shows, in its language: that of its card, or, after
// it has ended, nothing of that. Errors: as of Shelf.
func (s Faces) OfPass(ctx context.Context, pass *loyalty.Pass, state *loyalty.State) (*Face, error) {
	return s.face(ctx, state, Language(pass.Language), !pass.Removed.IsZero())
}

func (s Faces) face(ctx context.Context, state *loyalty.State, language Language, ended bool) (*Face, error) {
	m, card := state.Card.Merchant, &state.Card
	merchant, merchantErr := s.Shelf.Merchant(ctx, m)
	brand, brandErr := s.Shelf.Brand(ctx, m)
	shops, shopsErr := s.Shelf.Locations(ctx, m, loyalty.LocationID{}, maxShops)
	entries, entriesErr := s.Shelf.Entries(ctx, m, card.ID, 0, lastLines)
	if err := errors.Join(merchantErr, brandErr, shopsErr, entriesErr); err != nil {
		return nil, err
	}
	face := Of(Subject{
		Merchant: merchant, Brand: brand, Program: state.Program, Card: card, Vouchers: state.Vouchers, Last: entries,
		Shops: shops, Language: language, Now: s.Now(), Ended: ended,
	})
	return &face, nil
}
