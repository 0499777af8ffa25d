package store

import (
	"context"
	"encoding/binary"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

const deliveryColumns = "webhook_id uuid, card_id uuid, entry_id uuid, first_seq bigint, last_seq bigint, " +
	"dead_seq bigint, attempts bigint, status bigint, problem text, tried_at bigint, due_at bigint"

func getDelivery(r source) loyalty.Delivery {
	return loyalty.Delivery{
		Webhook: r.id(), Card: r.id(), Entry: r.id(), First: r.number(), Last: r.number(),
		Dead: r.number() != 0, Attempts: r.number(), Status: r.number(), Problem: r.text(),
		Tried: fromMicros(r.number()), Due: fromMicros(r.number()),
	}
}

// DueWebhooks are the enabled webhooks, of any merchant, that have deliveries
// due at now and do not rest.
func (s *Store) DueWebhooks(ctx context.Context, now time.Time) ([]loyalty.Webhook, error) {
	return all(s.engine.reader().WithContext(ctx).Table("webhooks AS w").Select(selected("w", webhookColumns)).
		Where("w.disabled_at = 0 AND w.rest_until <= ?", micros(now)).
		Where("EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.due_at > 0 AND d.due_at <= ?)", micros(now)).
		Order("w.id"), getWebhook)
}

// ClaimDeliveries hands out deliveries of a webhook that are due at now, those
// that wait longest first, to be settled before until: then they are due again,
// and whoever claimed them first is too late.
func (s *Store) ClaimDeliveries(ctx context.Context, w loyalty.WebhookID, now, until time.Time, limit int) (claimed []loyalty.Leased, err error) {
	err = again(func() error {
		claimed = nil
		return s.engine.within(ctx, func(tx *Tx) error {
			due, err := all(tx.skippingLocked(tx.db.Table("deliveries AS d").Select(selected("d", deliveryColumns)).
				Where("d.webhook_id = ? AND d.due_at > 0 AND d.due_at <= ?", uid(w), micros(now)).
				Order("d.due_at").Limit(limit), "UPDATE"), getDelivery)
			if err != nil {
				return err
			}
			for _, d := range due {
				c := loyalty.Leased{Delivery: d, Lease: loyalty.NewID()}
				if err := affected(tx.deliveries(&d).
					Updates(map[string]any{"due_at": micros(until), "lease": uid(c.Lease)})); err != nil {
					return err
				}
				claimed = append(claimed, c)
			}
			return nil
		})
	})
	return claimed, err
}

// skippingLocked locks the rows that a query finds, as strongly as PostgreSQL calls
// it, but for those that others hold. SQLite's writer is alone anyway.
func (tx *Tx) skippingLocked(query *gorm.DB, strength string) *gorm.DB {
	if tx.db.Name() == "postgres" {
		return query.Clauses(clause.Locking{Strength: strength, Options: "SKIP LOCKED"})
	}
	return query
}

// deliveries is the row of one delivery.
func (tx *Tx) deliveries(d *loyalty.Delivery) *gorm.DB {
	return tx.db.Table("deliveries").Where("webhook_id = ? AND card_id = ? AND dead_seq = ?",
		uid(d.Webhook), uid(d.Card), deadSeq(d))
}

func deadSeq(d *loyalty.Delivery) int64 {
	if d.Dead {
		return d.First
	}
	return 0
}

// DeliveryEntries are the entries that a delivery is about, of these kinds, in
// the order of Seq: so many at most, from that Seq on.
func (s *Store) DeliveryEntries(ctx context.Context, d *loyalty.Delivery, kinds loyalty.Kinds, from int64, limit int) ([]loyalty.Entry, error) {
	return all(s.engine.reader().WithContext(ctx).Table("entries AS e").Select(selected("e", entryColumns)).
		Where("e.card_id = ? AND e.seq >= ? AND e.seq <= ?", uid(d.Card), from, d.Last).
		Where("(? >> CAST(e.kind AS integer)) & 1 = 1", gorm.Expr("CAST(? AS bigint)", int64(kinds))).
		Order("e.seq").Limit(limit), getEntry)
}

// Deliveries are what a webhook still has to be told, or its dead letters: the
// newest entries first, from the one after an id on, or from the newest for the
// zero id.
func (s *Store) Deliveries(ctx context.Context, w loyalty.WebhookID, dead bool, after loyalty.EntryID, limit int) ([]loyalty.Delivery, error) {
	state := "d.dead_seq = 0"
	if dead {
		state = "d.dead_seq > 0"
	}
	return page(s.engine.reader().WithContext(ctx).Table("deliveries AS d").Select(selected("d", deliveryColumns)).
		Where("d.webhook_id = ?", uid(w)).Where(state), "d.entry_id", after, limit, getDelivery)
}

// RetryDelivery makes the delivery of an entry due at now, whatever its next
// attempt was to be, and stores the answer that render makes of it. One that a
// worker has just now stays with it. Errors: loyalty.ErrNotFound, also for
// another merchant's webhook; as of Once.
func (s *Store) RetryDelivery(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, w loyalty.WebhookID, entry loyalty.EntryID, now time.Time, render func(*loyalty.Delivery) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := first(webhookQuery(tx.db, m, w), getWebhook); err != nil {
			return loyalty.Answer{}, err
		}
		d, err := first(tx.db.Table("deliveries AS d").Select(selected("d", deliveryColumns)).
			Where("d.webhook_id = ? AND d.entry_id = ?", uid(w), uid(entry)).Order("d.dead_seq"), getDelivery)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.deliveries(&d).Where("lease IS NULL").Update("due_at", micros(now)).Error; err != nil {
			return loyalty.Answer{}, translate(err, false)
		}
		d.Due = now
		return render(&d)
	})
}

// Backlog is what all enabled webhooks still have to be told, and all dead
// letters. What waits for a disabled one is late because somebody wants it so, or
// was given up.
func (s *Store) Backlog(ctx context.Context) (b loyalty.Backlog, err error) {
	const waiting = " FROM webhooks w JOIN deliveries d ON d.webhook_id = w.id WHERE w.disabled_at = 0 AND d.dead_seq = 0"
	reader := s.engine.reader().WithContext(ctx)
	_, err = scalars(reader.Raw("SELECT (SELECT count(*)"+waiting+"), (SELECT count(*) FROM deliveries WHERE dead_seq > 0)"),
		&b.Waiting, &b.Dead)
	if err != nil || b.Waiting == 0 {
		return b, err
	}
	var first uid
	found, err := scalars(reader.Raw("SELECT d.entry_id"+waiting+" ORDER BY d.entry_id LIMIT 1"), &first)
	if found {
		b.Oldest = madeAt(first)
	}
	return b, err
}

// madeAt is when a UUIDv7 was made (RFC 9562 §5.7).
func madeAt(id [16]byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC()
}
