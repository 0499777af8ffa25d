package store

import (
	"context"
	"database/sql"
	"time"

	"stempel/internal/loyalty"
)

// listens is the condition on webhooks w that are told of points that run out.
const listens = "w.disabled_at = 0 AND (w.kinds >> 31) & 1 = 1"

// Reminding are the programs that remind of points which run out, of merchants who
// have a webhook for that.
func (s *Store) Reminding(ctx context.Context) (map[loyalty.ProgramID]*loyalty.Program, error) {
	list, err := parsed(allPrograms(s.engine.reader().WithContext(ctx)).
		Where("p.current_version > 0 AND EXISTS (SELECT 1 FROM webhooks w WHERE w.merchant_id = p.merchant_id AND " + listens + ")"))
	if err != nil {
		return nil, err
	}
	programs := map[loyalty.ProgramID]*loyalty.Program{}
	for _, p := range list {
		if p.Lots != nil && p.Lots.Remind > 0 {
			programs[p.ID] = p
		}
	}
	return programs, nil
}

// Unreminded are points of a program that run out after now and until a time, and of
// which nobody was told yet: those that do so first come first, at most limit, behind
// the one given.
func (s *Store) Unreminded(ctx context.Context, p loyalty.ProgramID, now, until time.Time, after loyalty.Due, limit int) ([]loyalty.Reminder, error) {
	query := s.engine.reader().WithContext(ctx).Table("lots AS l").
		Select("l.card_id, c.program_id, c.merchant_id, c.balance, CAST(sum(l.remaining) AS bigint), l.expires_at").
		Joins("JOIN cards c ON c.id = l.card_id").
		Where("l.remaining > 0 AND l.expires_at > ? AND l.expires_at <= ? AND c.program_id = ?", micros(now), micros(until), uid(p)).
		Where("NOT EXISTS (SELECT 1 FROM reminded r WHERE r.card_id = l.card_id AND r.expires_at = l.expires_at)")
	if !after.Card.IsZero() {
		query = query.Where("(l.expires_at, l.card_id) > (?, ?)", micros(after.At), uid(after.Card))
	}
	return all(query.Group("l.expires_at, l.card_id, c.program_id, c.merchant_id, c.balance").Order("l.expires_at, l.card_id").Limit(limit),
		func(r source) loyalty.Reminder {
			return loyalty.Reminder{
				Card: r.id(), Program: r.id(), Merchant: r.id(), Balance: r.number(), Units: r.number(), Expires: fromMicros(r.number()), At: now,
			}
		})
}

// Remind notes reminders, and lets add put down whom to tell of them, both in one
// transaction: those that somebody else has noted are left out. So each is told once,
// whichever process comes first, and whenever one is killed.
func (s *Store) Remind(ctx context.Context, list []loyalty.Reminder, add func(*sql.Tx, []loyalty.Reminder, []loyalty.Webhook) error) (noted int, err error) {
	err = again(func() error {
		noted = 0
		return s.engine.within(ctx, func(tx *Tx) error {
			var fresh []loyalty.Reminder
			var merchants []loyalty.MerchantID
			for _, r := range list {
				done := tx.db.Exec("INSERT INTO reminded (card_id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING", uid(r.Card), micros(r.Expires))
				if done.Error != nil {
					return translate(done.Error, false)
				}
				if done.RowsAffected > 0 {
					fresh, merchants = append(fresh, r), append(merchants, r.Merchant)
				}
			}
			if len(fresh) == 0 {
				return nil
			}
			hooks, err := all(tx.db.Table("webhooks AS w").Select(selected("w", webhookColumns)).
				Where("w.merchant_id IN ?", uids(merchants)).Where(listens).Order("w.id"), getWebhook)
			if err != nil {
				return err
			}
			noted = len(fresh)
			return add(tx.db.Statement.ConnPool.(*sql.Tx), fresh, hooks)
		})
	})
	return noted, err
}
