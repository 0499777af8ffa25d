package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// SettleDelivery writes down what became of a claimed delivery, unless its lease
// has ended and others have it now: then it reports false and changes nothing.
// Entries that came in meanwhile are due at once.
func (s *Store) SettleDelivery(ctx context.Context, c *loyalty.Leased, became *loyalty.Settlement) (settled bool, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) (err error) {
			if settled, err = tx.settle(c, became); err != nil || !settled {
				return err
			}
			return tx.settleWebhook(c, became)
		})
	})
	return settled && err == nil, err
}

func (tx *Tx) settle(c *loyalty.Leased, became *loyalty.Settlement) (bool, error) {
	failed := map[string]any{
		"entry_id": uid(became.Next), "first_seq": became.NextSeq, "attempts": 1, "lease": nil,
		"status": became.Status, "problem": became.Problem, "tried_at": micros(became.At), "due_at": micros(became.Due),
	}
	if became.NextSeq == c.First {
		failed["attempts"] = c.Attempts + 1
	}
	switch {
	case became.Next.IsZero():
		return tx.advance(c, became.Through, became)
	case c.Dead || !became.Due.IsZero():
		done := tx.deliveries(&c.Delivery).Where("lease = ?", uid(c.Lease)).Updates(failed)
		return done.RowsAffected > 0, translate(done.Error, false)
	}
	if settled, err := tx.advance(c, became.NextSeq, became); err != nil || !settled {
		return settled, err
	}
	return true, tx.bury(c, failed)
}

// advance goes on behind the entry with that Seq: with the card's next entry, or
// with none, and then the row is gone.
func (tx *Tx) advance(c *loyalty.Leased, through int64, became *loyalty.Settlement) (bool, error) {
	const next = "SELECT n.id FROM entries n WHERE n.card_id = ? AND n.seq > ? ORDER BY n.seq LIMIT 1"
	done := tx.db.Exec("DELETE FROM deliveries WHERE webhook_id = ? AND card_id = ? AND dead_seq = ? AND lease = ? AND last_seq <= ?",
		uid(c.Webhook), uid(c.Card), deadSeq(&c.Delivery), uid(c.Lease), through)
	if done.Error == nil && done.RowsAffected == 0 {
		done = tx.deliveries(&c.Delivery).Where("lease = ?", uid(c.Lease)).Updates(map[string]any{
			"entry_id": gorm.Expr("("+next+")", uid(c.Card), through), "first_seq": through + 1,
			"attempts": 0, "status": 0, "problem": "", "tried_at": 0, "due_at": micros(became.At), "lease": nil,
		})
	}
	return done.RowsAffected > 0, translate(done.Error, false)
}

// bury makes a dead letter of an entry; one that a replay brought up again
// replaces the one before.
func (tx *Tx) bury(c *loyalty.Leased, failed map[string]any) error {
	letter := c.Delivery
	letter.Dead, letter.First = true, failed["first_seq"].(int64)
	if err := tx.db.Exec("DELETE FROM deliveries WHERE webhook_id = ? AND card_id = ? AND dead_seq = ?",
		uid(c.Webhook), uid(c.Card), letter.First).Error; err != nil {
		return translate(err, false)
	}
	failed["webhook_id"], failed["card_id"] = uid(c.Webhook), uid(c.Card)
	failed["dead_seq"], failed["last_seq"] = letter.First, letter.First
	return translate(tx.db.Table("deliveries").Create(failed).Error, false)
}

// settleWebhook counts the failures since the last success, by the row as it is
// now: whoever began this delivery may have read it long ago.
func (tx *Tx) settleWebhook(c *loyalty.Leased, became *loyalty.Settlement) error {
	webhook := func() *gorm.DB { return tx.db.Table("webhooks").Where("id = ?", uid(c.Webhook)) }
	told := became.Through >= c.First
	if became.Next.IsZero() {
		return translate(webhook().Where("failures > 0").
			Updates(map[string]any{"failures": 0, "failing_since": 0, "rest_until": 0}).Error, false)
	}
	counted := webhook().Updates(map[string]any{
		"failures":      gorm.Expr("CASE WHEN ? THEN 1 ELSE failures + 1 END", told),
		"failing_since": gorm.Expr("CASE WHEN failing_since = 0 OR ? THEN CAST(? AS bigint) ELSE failing_since END", told, micros(became.At)),
	})
	if counted.Error != nil || counted.RowsAffected == 0 || became.Judge == nil {
		return translate(counted.Error, false)
	}
	var failures, since int64 // the row is ours until the end of the transaction
	if _, err := scalars(webhook().Select("failures, failing_since"), &failures, &since); err != nil {
		return err
	}
	rest, giveUp := became.Judge(failures, fromMicros(since))
	if !rest.IsZero() {
		if err := webhook().Update("rest_until", micros(rest)).Error; err != nil {
			return translate(err, false)
		}
	}
	if giveUp {
		return translate(webhook().Where("disabled_at = 0").Update("disabled_at", micros(became.At)).Error, false)
	}
	return nil
}
