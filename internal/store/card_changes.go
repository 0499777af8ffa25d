package store

import (
	"context"

	"stempel/internal/loyalty"
)

const changeColumns = "id uuid, card_id uuid, key_id uuid, at bigint, kind bigint, surface bigint, note text"

type changeRow struct {
	ID, CardID, KeyID uid
	At, Kind, Surface int64
	Note              string
}

func (changeRow) TableName() string { return "card_changes" }

func getChange(r source) loyalty.CardChange {
	return loyalty.CardChange{
		ID: r.id(), Card: r.id(), Key: r.id(), At: fromMicros(r.number()),
		Kind: loyalty.ChangeKind(r.number()), Surface: loyalty.Surface(r.number()), Note: r.text(),
	}
}

// RenderChange makes the answer of a change from the card after it; it may be
// called again after a rollback.
type RenderChange = func(*loyalty.Card) (loyalty.Answer, error)

// ChangeCard blocks, unblocks or reissues a card and notes that. It waits for
// the lock that posting holds, and writes only what it changes: nothing that is
// posted meanwhile is lost, and what is posted later knows of it. Phones that it
// revokes are those of the card and of the one that is left where it was merged.
//
// Errors: loyalty.ErrNotFound, also for another merchant's card; what render
// returns; as of Once.
func (s *Store) ChangeCard(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, c loyalty.CardChange, render RenderChange) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		line, err := tx.lockLine(m, c.Card)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if c.RevokePhones {
			if err := tx.revokePhones(line, c.At); err != nil {
				return loyalty.Answer{}, err
			}
		}
		card := line[0]
		c.Apply(&card)
		if err := tx.writeChange(&c, &card); err != nil {
			return loyalty.Answer{}, err
		}
		changed := line[:1]
		if c.RevokePhones { // passes in Google Wallet among them, which show no code any more
			changed = line
		}
		if err := tx.touchAll(changed, micros(c.At)); err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := render(&card)
		answer.Card = card.ID
		return answer, err
	})
}

func (tx *Tx) writeChange(c *loyalty.CardChange, card *loyalty.Card) error {
	err := affected(tx.db.Table("cards").Where("id = ?", uid(card.ID)).Updates(map[string]any{
		"blocked": card.Blocked, "print_gen": card.PrintGen, "wallet_gen": card.WalletGen,
	}))
	if err != nil {
		return err
	}
	err = affected(tx.db.Table("enrolments").Where("merchant_id = ? AND card_id = ?", uid(card.Merchant), uid(card.ID)).
		Update("blocked", card.Blocked))
	if err != nil {
		return err
	}
	return tx.create(&changeRow{
		ID: uid(c.ID), CardID: uid(c.Card), KeyID: uid(c.Key), At: micros(c.At),
		Kind: int64(c.Kind), Surface: int64(c.Surface), Note: c.Note,
	})
}

// CardChanges are what the office did to a card: so many from the one after an
// id on, the newest first. Errors: loyalty.ErrNotFound, also for another
// merchant's card.
func (s *Store) CardChanges(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, after loyalty.ChangeID, limit int) ([]loyalty.CardChange, error) {
	if err := s.own(ctx, m, card); err != nil {
		return nil, err
	}
	return page(s.engine.reader().WithContext(ctx).Table("card_changes AS c").
		Select(selected("c", changeColumns)).Where("c.card_id = ?", uid(card)), "c.id", after, limit, getChange)
}

// own holds that a card is this merchant's. Errors: loyalty.ErrNotFound.
func (s *Store) own(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID) error {
	owner, err := s.MerchantOf(ctx, card)
	if err == nil && owner != m {
		err = loyalty.ErrNotFound
	}
	return err
}
