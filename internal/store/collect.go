package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// What collecting and replaying read of the ledger in one transaction, and how many
// such pages are collected in one call: SQLite has one writer, for whom scans wait,
// and calls are followed by a rest as they took time.
const (
	pageOfEntries = 1000
	pagesAtOnce   = 20
)

// CollectEntries notes, for every webhook that is enabled or was not long ago,
// which entries were committed since the last call. It returns for how many cards
// something was noted. Nothing was written for that when they were posted: it
// reads the ledger itself, in the order of commits, which is what keeps a card's
// entries in order. Each entry is noted once, by whichever process comes first;
// what others hold just now is left to them. It collects nothing when the last
// call, anywhere, was less than pause ago. Replays are not its work: see ReplayPage.
//
// What it notes is due from now on.
func (s *Store) CollectEntries(ctx context.Context, now time.Time, pause time.Duration) (cards int64, err error) {
	err = again(func() error {
		cards, err = s.engine.collect(ctx, now, pause)
		return err
	})
	return cards, err
}

// A webhook that is enabled again is told of everything that came while it was
// not, each card in order, when that was for less than resumable. For that, what
// comes is noted for so long and a little more. Whoever comes later begins with
// what comes from then on, and what waited until then is forgotten: a part of what
// came would be worse than nothing. Replays bring back what the merchant wants.
const (
	resumable         = 30 * 24 * time.Hour
	notedWhenDisabled = resumable + 24*time.Hour
)

// resumeCollecting makes the cursor that enabled webhooks need where a restore has
// left none, since it is not in a backup: from now on.
func (s *Store) resumeCollecting(ctx context.Context) error {
	var one int
	missing, err := scalars(s.engine.reader().WithContext(ctx).Raw("SELECT 1 FROM webhooks "+
		"WHERE disabled_at = 0 AND NOT EXISTS (SELECT 1 FROM webhook_cursor) LIMIT 1"), &one)
	if err != nil || !missing {
		return err
	}
	return s.engine.within(ctx, s.engine.beginCollecting)
}

// noting is the statement that notes entries: fresh is the condition on entries
// e that are new.
func noting(fresh string) string {
	return `INSERT INTO deliveries (webhook_id, card_id, dead_seq, entry_id, first_seq, last_seq, due_at)
		SELECT n.webhook_id, n.card_id, 0,
			(SELECT h.id FROM entries h WHERE h.card_id = n.card_id AND h.seq = n.first_seq),
			n.first_seq, n.last_seq, ?
		FROM (SELECT w.id AS webhook_id, e.card_id, min(e.seq) AS first_seq, max(e.seq) AS last_seq
			FROM entries e JOIN webhooks w ON w.merchant_id = e.operator_id
			WHERE (w.disabled_at = 0 OR w.disabled_at > ?) AND (w.kinds >> CAST(e.kind AS integer)) & 1 = 1 AND ` + fresh + `
			GROUP BY w.id, e.card_id) n
		WHERE true
		ORDER BY n.webhook_id, n.card_id
		ON CONFLICT (webhook_id, card_id, dead_seq) DO UPDATE
		SET last_seq = CASE WHEN deliveries.last_seq < excluded.last_seq THEN excluded.last_seq ELSE deliveries.last_seq END`
}

// noteEntries runs noting for a condition with its values.
func (tx *Tx) noteEntries(now time.Time, fresh string, values ...any) (cards int64, err error) {
	done := tx.db.Exec(noting(fresh), append([]any{micros(now), micros(now.Add(-notedWhenDisabled))}, values...)...)
	return done.RowsAffected, translate(done.Error, false)
}

// stopCollecting forgets the cursor when nothing is to be noted for any webhook,
// and reports whether it did: an idle shop pays nothing. Whoever enables one holds
// the cursor's row while doing so, and so does the caller.
func (tx *Tx) stopCollecting(now time.Time) (stopped bool, err error) {
	done := tx.db.Exec("DELETE FROM webhook_cursor WHERE NOT EXISTS (SELECT 1 FROM webhooks WHERE disabled_at = 0 OR disabled_at > ?)",
		micros(now.Add(-notedWhenDisabled)))
	return done.RowsAffected > 0, translate(done.Error, false)
}

// makingTime bounds how long before its transaction touches the first row an
// entry's id may have been made, and how far behind the database's clock that of
// a process may be, both together.
const makingTime = time.Minute

// firstID is the lowest UUIDv7 of a millisecond (RFC 9562 §5.7).
func firstID(t time.Time) (id [16]byte) {
	ms := max(0, t.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id
}

// scalars reads the only row of a query, all whose columns are numbers or texts.
func scalars(query *gorm.DB, into ...any) (found bool, err error) {
	rows, err := query.Rows()
	if err != nil {
		return false, translate(err, false)
	}
	defer rows.Close()
	if !rows.Next() {
		return false, translate(rows.Err(), false)
	}
	if err := rows.Scan(into...); err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	return true, translate(rows.Close(), false)
}
