package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Look is what a till sees of a card before anything is done: the card, its
// current program, live vouchers, tallies, the uses of what was presented, for a
// rotating code the card's secrets, the tag of a tap, what its rewards are bounded by, the
// till itself, and for a till whose card it is. Nothing is locked, and all is read in one trip. A zero till is the office and
// comes back zero; a zero scan presents nothing.
//
// Errors: loyalty.ErrNotFound, also for another merchant's till, or card unless the
// till honours it as a partner's.
func (s *Store) Look(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, scan loyalty.Scanned, till loyalty.TillID) (*loyalty.State, loyalty.Till, error) {
	keys := loyalty.Keys{
		Cards: []loyalty.CardID{card}, Tallies: []loyalty.CardID{card}, Shown: []loyalty.Shown{{Card: card, Merchant: m}},
	}
	if scan.Nonce != (loyalty.Nonce{}) {
		keys.Nonces = []loyalty.Nonce{scan.Nonce}
	}
	if scan.Secret != (loyalty.Secret{}) {
		keys.Secrets = []loyalty.CardID{card}
	}
	if scan.Tapped != (loyalty.Tapped{}) {
		keys.Tags = []loyalty.TagID{scan.Tapped.Tag}
	}
	if !till.IsZero() {
		keys.Tills, keys.Holders, keys.Merchants = []loyalty.TillID{till}, keys.Cards, []loyalty.MerchantID{m}
	}
	facts, err := s.facts(ctx, &keys)
	if err != nil {
		return nil, loyalty.Till{}, err
	}
	state, at := facts.Cards[card], facts.Tills[till]
	if state == nil || !facts.Honours(m, state) || (!till.IsZero() && at.Merchant != m) {
		return nil, loyalty.Till{}, loyalty.ErrNotFound
	}
	state.Tag, state.Supply = facts.Tags[scan.Tapped.Tag], facts.Supply(state)
	return state, at, nil
}

// Card is a card with its current program, live vouchers and tallies. Errors:
// loyalty.ErrNotFound, also for another merchant's card.
func (s *Store) Card(ctx context.Context, m loyalty.MerchantID, id loyalty.CardID) (*loyalty.State, error) {
	state, _, err := s.Look(ctx, m, id, loyalty.Scanned{}, loyalty.TillID{})
	return state, err
}

// MerchantOf is whose card it is. Errors: loyalty.ErrNotFound.
func (s *Store) MerchantOf(ctx context.Context, card loyalty.CardID) (loyalty.MerchantID, error) {
	return first(s.engine.reader().WithContext(ctx).Table("cards AS c").Select("c.merchant_id").
		Where("c.id = ?", uid(card)), func(r source) loyalty.MerchantID { return r.id() })
}

// Entries are a card's entries with a Seq below beforeSeq, or from the last one
// on when beforeSeq is 0; the newest come first. Errors: loyalty.ErrNotFound,
// also for another merchant's card.
func (s *Store) Entries(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, beforeSeq int64, limit int) ([]loyalty.Entry, error) {
	owner, err := s.MerchantOf(ctx, card)
	if err == nil && owner != m {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	query := s.engine.reader().WithContext(ctx).Table("entries AS e").
		Select(selected("e", entryColumns)).Where("e.card_id = ?", uid(card))
	if beforeSeq > 0 {
		query = query.Where("e.seq < ?", beforeSeq)
	}
	return all(query.Order("e.seq DESC").Limit(limit), getEntry)
}

// Entry is one entry of a merchant's card, or one that this merchant's till has
// posted. Errors: loyalty.ErrNotFound.
func (s *Store) Entry(ctx context.Context, m loyalty.MerchantID, id loyalty.EntryID) (loyalty.Entry, error) {
	entry, err := first(s.engine.reader().WithContext(ctx).Table("entries AS e").
		Select(selected("e", entryColumns)).Where("e.id = ?", uid(id)), getEntry)
	if err == nil && entry.Merchant != m && entry.Operator != m {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return loyalty.Entry{}, err
	}
	return entry, nil
}

// Detail is what an entry commits to. Errors: loyalty.ErrNotFound where it
// commits to nothing, or that was erased. Whose entry it is the caller knows.
func (s *Store) Detail(ctx context.Context, entry loyalty.EntryID) (loyalty.Detail, error) {
	e, err := first(s.engine.reader().WithContext(ctx).Table("entries AS e").Select(selected("e", entryColumns)+", d.salt, d.body").
		Joins("LEFT JOIN details d ON d.entry_id = e.id").Where("e.id = ?", uid(entry)), getDetailedEntry)
	if err == nil && len(e.Detail) == 0 {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return loyalty.Detail{}, err
	}
	return loyalty.Detail{Entry: e.ID, Salt: e.Salt, Body: e.Detail}, nil
}

// Voucher is one voucher of a merchant's card. Errors: loyalty.ErrNotFound.
func (s *Store) Voucher(ctx context.Context, m loyalty.MerchantID, id loyalty.VoucherID) (loyalty.Voucher, error) {
	return first(s.voucher(ctx, id).Where("c.merchant_id = ?", uid(m)), getVoucher)
}

// HonouredVoucher is Voucher, also of a card that the merchant honours as a partner.
func (s *Store) HonouredVoucher(ctx context.Context, m loyalty.MerchantID, id loyalty.VoucherID) (loyalty.Voucher, error) {
	return first(s.voucher(ctx, id).Where("c.merchant_id = ? OR EXISTS (SELECT 1 FROM partners p WHERE p.program_id = c.program_id "+
		"AND p.merchant_id = ? AND p.since > 0 AND p.until = 0)", uid(m), uid(m)), getVoucher)
}

func (s *Store) voucher(ctx context.Context, id loyalty.VoucherID) *gorm.DB {
	return s.engine.reader().WithContext(ctx).Table("vouchers AS v").Select(selected("v", voucherColumns)).
		Joins("JOIN cards c ON c.id = v.card_id").Where("v.id = ?", uid(id))
}

// CardVouchers are a card's vouchers, in one state or 0 for all: so many from
// the one after an id on, the newest first. Errors: loyalty.ErrNotFound, also
// for another merchant's card.
func (s *Store) CardVouchers(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, state loyalty.VoucherState, after loyalty.VoucherID, limit int) ([]loyalty.Voucher, error) {
	if err := s.own(ctx, m, card); err != nil {
		return nil, err
	}
	query := s.engine.reader().WithContext(ctx).Table("vouchers AS v").
		Select(selected("v", voucherColumns)).Where("v.card_id = ?", uid(card))
	if state != 0 {
		query = query.Where("v.state = ?", int64(state))
	}
	// Not plainly v.id: PostgreSQL would walk through everybody's vouchers by it.
	return page(query, "COALESCE(v.id, v.card_id)", after, limit, getVoucher)
}

// Stock is how many are left of those rewards that are limited.
func (s *Store) Stock(ctx context.Context, rewards []loyalty.RewardID) (map[loyalty.RewardID]int64, error) {
	facts, err := s.facts(ctx, &loyalty.Keys{Rewards: rewards})
	if err != nil {
		return nil, err
	}
	return facts.Stock, nil
}
