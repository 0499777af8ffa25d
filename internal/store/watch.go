package store

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

// A card is watched until the last end of what shows it: open pages, which say so
// again and again, phones that are registered for its Apple pass, and its Google pass
// unless that has ended or Google said that nobody has it. Whatever begins or ends
// something of that holds the card's lock, so that none overlooks another.

// Watch says until when an open page shows a card, in µs; an earlier end than is known
// changes nothing. It marks the card as dirty as well: what happened since it was last
// read must be shown.
func (s *Store) Watch(ctx context.Context, card loyalty.CardID, until int64, now time.Time) error {
	return again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			if err := tx.lockCards([]loyalty.CardID{card}); err != nil {
				return err
			}
			if err := tx.exec("INSERT INTO views (until, card_id) VALUES (?, ?) "+
				"ON CONFLICT (card_id) DO UPDATE SET until = excluded.until WHERE views.until < excluded.until", until, uid(card)); err != nil {
				return err
			}
			return tx.watch(card, until, now)
		})
	})
}

func (tx *Tx) watch(card loyalty.CardID, until int64, now time.Time) error {
	if err := tx.watched(card, until); err != nil {
		return err
	}
	return tx.touch(card, micros(now))
}

func (tx *Tx) watched(card loyalty.CardID, until int64) error {
	return tx.exec("UPDATE cards SET watched = ? WHERE id = ? AND watched < ?", until, uid(card), until)
}

// leave lets a locked card be watched no longer than until the end of what still shows
// it, after something ended.
func (tx *Tx) leave(card loyalty.CardID) error {
	return tx.exec("UPDATE cards SET watched = COALESCE((SELECT v.until FROM views v WHERE v.card_id = cards.id), 0) "+
		"WHERE id = ? AND NOT EXISTS (SELECT 1 FROM passes p LEFT JOIN google_objects g ON g.pass_id = p.id "+
		"WHERE p.card_id = cards.id AND p.removed_at = 0 "+
		"AND (p.wallet = ? AND COALESCE(g.deleted_at, 0) = 0 OR EXISTS (SELECT 1 FROM registrations r WHERE r.pass_id = p.id)))",
		uid(card), int64(loyalty.GoogleWallet))
}
