package store

import (
	"context"

	"stempel/internal/loyalty"
)

// Dirty are cards that changed while something showed them, those that have
// waited longest first, at most limit.
func (s *Store) Dirty(ctx context.Context, limit int) ([]loyalty.Dirt, error) {
	return all(s.engine.reader().WithContext(ctx).Table("dirty AS d").Select(selected("d", dirtColumns)).
		Order("d.since, d.card_id").Limit(limit), getDirt)
}

// Clean forgets that a card is dirty, unless it changed again since the mark was
// read: then it stays, for the next turn.
func (s *Store) Clean(ctx context.Context, d loyalty.Dirt) error {
	return s.engine.within(ctx, func(tx *Tx) error {
		return tx.exec("DELETE FROM dirty WHERE card_id = ? AND version = ?", uid(d.Card), d.Version)
	})
}

// touch marks a card as dirty that the office changed, if something shows it.
func (tx *Tx) touch(card loyalty.CardID, now int64) error {
	return tx.exec("INSERT INTO dirty (card_id, since) SELECT c.id, ? FROM cards c WHERE c.id = ? AND c.watched > ? "+
		"ON CONFLICT (card_id) DO UPDATE SET version = dirty.version + 1", now, uid(card), now)
}
