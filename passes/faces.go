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
	maxShops  = 50
	lastLines = 20 // of the ledger: no posting has more
)

// Face is that of a card, for somebody who speaks a language. Errors: as of Shelf.
func (s Faces) Face(ctx context.Context, state *loyalty.State, language Language) (*Face, error) {
	m, card := state.Card.Merchant, &state.Card
	merchant, merchantErr := s.Shelf.Merchant(ctx, m)
	brand, brandErr := s.Shelf.Brand(ctx, m)
	shops, shopsErr := s.Shelf.Locations(ctx, m, loyalty.LocationID{}, maxShops)
	entries, entriesErr := s.Shelf.Entries(ctx, m, card.ID, 0, lastLines)
	holder, holderErr := s.holder(ctx, state)
	if err := errors.Join(merchantErr, brandErr, shopsErr, entriesErr, holderErr); err != nil {
		return nil, err
	}
	face := Of(Subject{
		Merchant: merchant, Brand: brand, Program: state.Program, Card: card, Vouchers: state.Vouchers, Last: entries,
		Member: holder, Shops: shops, Language: language, Now: s.Now(),
	})
	return &face, nil
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
