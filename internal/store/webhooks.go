package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// webhookRow is a webhook, as GORM sees it.
type webhookRow struct {
	ID            uid
	MerchantID    uid
	URL           string
	Description   string
	Kinds         int64
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
	DisabledAt    int64
	Secret        []byte
	Previous      []byte
	PreviousUntil int64
	Failures      int64
	FailingSince  int64
	RestUntil     int64
}

func (webhookRow) TableName() string { return "webhooks" }

const webhookColumns = "id uuid, merchant_id uuid, url text, description text, kinds bigint, created_at bigint, " +
	"disabled_at bigint, secret bytea, previous bytea, previous_until bigint, failures bigint, failing_since bigint, " +
	"rest_until bigint"

func newWebhookRow(w *loyalty.Webhook) *webhookRow {
	return &webhookRow{
		ID: uid(w.ID), MerchantID: uid(w.Merchant), URL: w.URL, Description: w.Description, Kinds: int64(w.Kinds),
		CreatedAt: micros(w.Created), DisabledAt: micros(w.Disabled),
		Secret: w.Secret, Previous: w.Previous, PreviousUntil: micros(w.PreviousUntil),
		Failures: w.Failures, FailingSince: micros(w.FailingSince), RestUntil: micros(w.RestUntil),
	}
}

func getWebhook(r source) loyalty.Webhook {
	return loyalty.Webhook{
		ID: r.id(), Merchant: r.id(), URL: r.text(), Description: r.text(), Kinds: loyalty.Kinds(r.number()),
		Created: fromMicros(r.number()), Disabled: fromMicros(r.number()),
		Secret: r.bytes(), Previous: r.bytes(), PreviousUntil: fromMicros(r.number()),
		Failures: r.number(), FailingSince: fromMicros(r.number()), RestUntil: fromMicros(r.number()),
	}
}

// Webhooks are a merchant's, newest first, from the one after an id on, or from
// the newest for the zero id.
func (s *Store) Webhooks(ctx context.Context, m loyalty.MerchantID, after loyalty.WebhookID, limit int) ([]loyalty.Webhook, error) {
	query := s.engine.reader().WithContext(ctx).Table("webhooks AS w").Select(selected("w", webhookColumns)).
		Where("w.merchant_id = ?", uid(m))
	return page(query, "w.id", after, limit, getWebhook)
}

// Webhook is one of a merchant's. Errors: loyalty.ErrNotFound.
func (s *Store) Webhook(ctx context.Context, m loyalty.MerchantID, id loyalty.WebhookID) (loyalty.Webhook, error) {
	return first(webhookQuery(s.engine.reader().WithContext(ctx), m, id), getWebhook)
}

func webhookQuery(db *gorm.DB, m loyalty.MerchantID, id loyalty.WebhookID) *gorm.DB {
	return db.Table("webhooks AS w").Select(selected("w", webhookColumns)).
		Where("w.id = ? AND w.merchant_id = ?", uid(id), uid(m))
}

// AddWebhook stores a new webhook with its answer. It is told of every entry
// that is committed from then on. Errors: as of Once.
func (s *Store) AddWebhook(ctx context.Context, r loyalty.Answer, w loyalty.Webhook, answer loyalty.Answer) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.create(newWebhookRow(&w)); err != nil {
			return loyalty.Answer{}, err
		}
		return answer, s.engine.beginCollecting(tx)
	})
}

// ChangeWebhook locks a merchant's webhook and stores what change makes of it,
// with change's answer. One that was enabled again goes on where it was, at once:
// see resumable. Errors: loyalty.ErrNotFound; what change returns; as of Once.
func (s *Store) ChangeWebhook(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.WebhookID, now time.Time, change func(*loyalty.Webhook) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		w, err := tx.lockWebhook(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		before := w
		answer, err := change(&w)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := translate(tx.db.Model(&webhookRow{}).Where("id = ?", uid(id)).
			Select("*").Omit("id", "merchant_id", "created_at").Updates(newWebhookRow(&w)).Error, false); err != nil {
			return loyalty.Answer{}, err
		}
		if before.Enabled() || !w.Enabled() {
			return answer, nil
		}
		if err := tx.resume(&before, now); err != nil {
			return loyalty.Answer{}, err
		}
		return answer, s.engine.beginCollecting(tx)
	})
}

// resume makes what waits for a webhook due, or forgets it when not all of what
// came since is noted.
func (tx *Tx) resume(disabled *loyalty.Webhook, now time.Time) error {
	if now.Sub(disabled.Disabled) >= resumable {
		return tx.exec("DELETE FROM deliveries WHERE webhook_id = ? AND dead_seq = 0", uid(disabled.ID))
	}
	return tx.exec("UPDATE deliveries SET due_at = 1 WHERE webhook_id = ? AND due_at > 0 AND lease IS NULL", uid(disabled.ID))
}

// DeleteWebhook forgets a merchant's webhook and all that it still had to be
// told, and stores the answer that render makes of it. Errors:
// loyalty.ErrNotFound; as of Once.
func (s *Store) DeleteWebhook(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.WebhookID, render func(*loyalty.Webhook) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		w, err := tx.lockWebhook(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := affected(tx.db.Where("id = ?", uid(id)).Delete(&webhookRow{})); err != nil {
			return loyalty.Answer{}, err
		}
		return render(&w)
	})
}

// lockWebhook reads a merchant's webhook that nobody else can change until the
// transaction ends. SQLite's writer is alone anyway. Errors: loyalty.ErrNotFound.
func (tx *Tx) lockWebhook(m loyalty.MerchantID, id loyalty.WebhookID) (loyalty.Webhook, error) {
	if err := affected(tx.db.Exec("UPDATE webhooks SET id = id WHERE id = ? AND merchant_id = ?", uid(id), uid(m))); err != nil {
		return loyalty.Webhook{}, err
	}
	return first(webhookQuery(tx.db, m, id), getWebhook)
}
