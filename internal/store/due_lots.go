package store

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

// DueLots are cards with points that have run out and are still to be posted: those
// that did so first come first, at most limit, behind the one given. A card stands
// once for each of its days.
func (s *Store) DueLots(ctx context.Context, now time.Time, after loyalty.Due, limit int) ([]loyalty.Due, error) {
	query := s.engine.reader().WithContext(ctx).Table("lots AS l").
		Select("l.expires_at, l.card_id, (SELECT c.merchant_id FROM cards c WHERE c.id = l.card_id)").
		Where("l.remaining > 0 AND l.expires_at > 0 AND l.expires_at <= ?", micros(now))
	if !after.Card.IsZero() {
		query = query.Where("(l.expires_at, l.card_id) > (?, ?)", micros(after.At), uid(after.Card))
	}
	return all(query.Group("l.expires_at, l.card_id").Order("l.expires_at, l.card_id").Limit(limit), func(r source) loyalty.Due {
		return loyalty.Due{At: fromMicros(r.number()), Card: r.id(), Merchant: r.id()}
	})
}

// TakeTurn gives one piece of work to one of several processes until a time, or prolongs
// it, and reports whether the holder has it.
func (s *Store) TakeTurn(ctx context.Context, work string, holder [16]byte, now, until time.Time) (has bool, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			done := tx.db.Exec("INSERT INTO turns (name, holder, until) VALUES (?, ?, ?) "+
				"ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until "+
				"WHERE turns.holder = excluded.holder OR turns.until <= ?", work, uid(holder), micros(until), micros(now))
			has = done.RowsAffected > 0
			return translate(done.Error, false)
		})
	})
	return has && err == nil, err
}
