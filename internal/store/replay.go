package store

import (
	"context"
	"errors"
	"time"

	"stempel/internal/loyalty"
)

// ReplayWebhook begins to note all entries of a merchant made since a time for its
// webhook once more, and stores the answer that render makes of that time, or of
// an earlier one since which a replay goes on already: then that starts over.
// ReplayPage does the work, once the webhook is enabled. Who is telling one of
// these cards then starts over.
// Errors: loyalty.ErrNotFound; as of Once.
func (s *Store) ReplayWebhook(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.WebhookID, from time.Time, render func(from time.Time) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := tx.lockWebhook(m, id); err != nil {
			return loyalty.Answer{}, err
		}
		var before int64
		if _, err := scalars(tx.db.Table("webhooks").Select("replay_from").Where("id = ?", uid(id)), &before); err != nil {
			return loyalty.Answer{}, err
		}
		since := from
		if before > 0 && before < micros(from) {
			since = fromMicros(before)
		}
		if err := tx.exec("UPDATE webhooks SET replay_from = ?, replay_next = ? WHERE id = ?",
			micros(since), uid(firstID(since.Add(-makingTime))), uid(id)); err != nil {
			return loyalty.Answer{}, err
		}
		return render(since)
	})
}

// ReplayingWebhooks are the enabled webhooks, of any merchant, that have a replay
// under way.
func (s *Store) ReplayingWebhooks(ctx context.Context) ([]loyalty.Webhook, error) {
	return all(s.engine.reader().WithContext(ctx).Table("webhooks AS w").Select(selected("w", webhookColumns)).
		Where("w.replay_from > 0 AND w.disabled_at = 0").Order("w.id"), getWebhook)
}

// ReplayPage goes on with a webhook's replay by one page of the ledger, in a short
// transaction of its own. It returns for how many cards something was noted, due
// from now on, and whether there is more to do for the caller: not when the replay
// is over, nor when others are at it just now.
func (s *Store) ReplayPage(ctx context.Context, id loyalty.WebhookID, now time.Time) (cards int64, more bool, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) (err error) {
			cards, more, err = tx.replayPage(id, now)
			return err
		})
	})
	if err != nil {
		return 0, false, err
	}
	return cards, more, nil
}

// replaying notes the cards whose first entry since a time lies between two ids:
// from that on, or the first one after it that the webhook is told of, to their
// last. So each card is noted once, whole and in order, however its entries are
// spread over pages. Of a card whose servers' clocks disagreed there may be two
// such entries: then it starts over.
const replaying = `INSERT INTO deliveries (webhook_id, card_id, dead_seq, entry_id, first_seq, last_seq, due_at)
	SELECT n.webhook_id, n.card_id, 0,
		(SELECT h.id FROM entries h WHERE h.card_id = n.card_id AND h.seq = n.first_seq),
		n.first_seq, (SELECT max(l.seq) FROM entries l WHERE l.card_id = n.card_id), ?
	FROM (SELECT w.id AS webhook_id, e.card_id, min((SELECT min(k.seq) FROM entries k
				WHERE k.card_id = e.card_id AND k.seq >= e.seq AND (w.kinds >> CAST(k.kind AS integer)) & 1 = 1)) AS first_seq
		FROM entries e JOIN webhooks w ON w.merchant_id = e.operator_id
		WHERE w.id = ? AND e.id >= ? AND e.id < ? AND e.posted_at >= w.replay_from
			AND NOT EXISTS (SELECT 1 FROM entries p
				WHERE p.card_id = e.card_id AND p.seq = e.seq - 1 AND p.posted_at >= w.replay_from)
		GROUP BY w.id, e.card_id) n
	WHERE n.first_seq IS NOT NULL
	ORDER BY n.card_id
	ON CONFLICT (webhook_id, card_id, dead_seq) DO UPDATE
	SET last_seq = CASE WHEN deliveries.last_seq < excluded.last_seq THEN excluded.last_seq ELSE deliveries.last_seq END,
		first_seq = CASE WHEN excluded.first_seq < deliveries.first_seq THEN excluded.first_seq ELSE deliveries.first_seq END,
		entry_id = CASE WHEN excluded.first_seq < deliveries.first_seq THEN excluded.entry_id ELSE deliveries.entry_id END,
		attempts = 0, status = 0, problem = '', tried_at = 0, due_at = excluded.due_at, lease = NULL`

// replayPage reads the next entries of a webhook's replay.
func (tx *Tx) replayPage(id loyalty.WebhookID, now time.Time) (cards int64, more bool, err error) {
	next, err := tx.lockReplay(id)
	if errors.Is(err, loyalty.ErrNotFound) { // it is over, or others are at it
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	end, err := first(tx.db.Table("entries AS e").Select("e.id").Where("e.id >= ?", next).Order("e.id").Offset(pageOfEntries),
		func(r source) uid { return r.id() })
	over := errors.Is(err, loyalty.ErrNotFound)
	if over {
		end, err = lastID, nil
	}
	if err != nil {
		return 0, false, err
	}
	noted := tx.db.Exec(replaying, micros(now), uid(id), next, end)
	if noted.Error != nil {
		return 0, false, translate(noted.Error, false)
	}
	if over {
		return noted.RowsAffected, false, tx.exec("UPDATE webhooks SET replay_from = 0, replay_next = NULL WHERE id = ?", uid(id))
	}
	return noted.RowsAffected, true, tx.exec("UPDATE webhooks SET replay_next = ? WHERE id = ?", end, uid(id))
}

// lockReplay is from where on a webhook's replay goes on. Others leave it to the
// caller until the transaction ends. The lock lets those through who note fresh
// entries for the webhook, and refer to its row: they would wait for the page, and
// the page for what they have noted. Errors: loyalty.ErrNotFound.
func (tx *Tx) lockReplay(id loyalty.WebhookID) (next uid, err error) {
	query := tx.db.Table("webhooks AS w").Select("w.replay_next").
		Where("w.id = ? AND w.replay_from > 0 AND w.disabled_at = 0", uid(id))
	return first(tx.skippingLocked(query, "NO KEY UPDATE"), func(r source) uid { return r.id() })
}

// lastID is beyond all ids.
var lastID = uid{
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
}
