package passes

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

// Records are what faces are made from. Errors of its methods:
// loyalty.ErrNotFound for what is another merchant's.
type Records interface {
	Merchant(ctx context.Context, m loyalty.MerchantID) (loyalty.Merchant, error)
	Brand(ctx context.Context, m loyalty.MerchantID) (loyalty.Brand, error)
	Card(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID) (*loyalty.State, error)
	Entries(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, beforeSeq int64, limit int) ([]loyalty.Entry, error)
	Locations(ctx context.Context, m loyalty.MerchantID, after loyalty.LocationID, limit int) ([]loyalty.Location, error)
}

// Of a card's entries and a merchant's shops, the newest are looked at: as many as
// one posting can have, and as a wallet shows.
const (
	lastEntries = 20
	someShops   = 20
)

// Faces makes faces from what is recorded. A card that has no member and one that
// has look alike: names stay out of wallets.
type Faces struct {
	Records Records
	Now     func() time.Time
}

// Face is how a card looks now. Errors: loyalty.ErrNotFound; as of Records.
func (f *Faces) Face(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, in Language) (*Face, error) {
	state, err := f.Records.Card(ctx, m, card)
	if err != nil {
		return nil, err
	}
	of := Subject{Program: state.Program, Card: &state.Card, Vouchers: state.Vouchers, Language: in, Now: f.Now()}
	if of.Merchant, err = f.Records.Merchant(ctx, m); err != nil {
		return nil, err
	}
	if of.Brand, err = f.Records.Brand(ctx, m); err != nil {
		return nil, err
	}
	if of.Last, err = f.Records.Entries(ctx, m, card, 0, lastEntries); err != nil {
		return nil, err
	}
	if of.Shops, err = f.Records.Locations(ctx, m, loyalty.LocationID{}, someShops); err != nil {
		return nil, err
	}
	face := Of(of)
	return &face, nil
}
