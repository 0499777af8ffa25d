package store

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

// pruned is how many rows one statement deletes at most, so that none runs long.
//
// On PostgreSQL there is no index on the time: every scan would write to it, and
// reading a table through takes a tenth of a second for the 600,000 nonces of a
// chain's three days or its 200,000 answers of one, once in ten minutes, with
// nobody waiting. On SQLite all scans wait while one transaction writes, so there
// the tables of scans have that index. Claim codes have it nowhere: they are few.
const pruned = 50_000

// claimMemory is how long after its end a claim code is still known, so that who
// comes too late is told what became of it.
const claimMemory = 30 * 24 * time.Hour

// lookupMemory is how long it is known who of the staff looked customers up.
const lookupMemory = 90 * 24 * time.Hour

// approvalMemory is how long it is known what became of a tap at the counter that
// waited for a till.
const approvalMemory = 24 * time.Hour

// gapMemory is how long it is known which values of a counter's tag were skipped.
const gapMemory = 365 * 24 * time.Hour

// pruneItems forgets what became of offline items, of which nothing is open. Of each
// queue the last stays: a tablet that was restored goes on after it.
const pruneItems = "DELETE FROM offline_items WHERE (slot, hash) IN (SELECT i.slot, i.hash FROM offline_items i " +
	"WHERE CASE WHEN i.id IS NULL THEN i.synced_at ELSE i.settled_at END BETWEEN 1 AND ? AND substr(i.slot, 1, 16) = " +
	"(SELECT substr(j.slot, 1, 16) FROM offline_items j WHERE j.slot > i.slot ORDER BY j.slot LIMIT 1) LIMIT ?)"

// Prune deletes, and returns how many: spent nonces, those of Google's callbacks, and
// answers of requests that expired before now; claim codes that did so claimMemory ago,
// and leases loyalty.ItemMemory ago; look-ups of lookupMemory ago, reminders of what has run out, approvals of
// approvalMemory ago, gaps of gapMemory ago, and offline items that were posted or
// settled loyalty.ItemMemory ago; passes that ended endedMemory ago; what waits for
// webhooks that were disabled for too long to go on with it; and the codes of imports that
// ended halfway.
func (s *Store) Prune(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for _, old := range []struct {
		statement string
		before    time.Time
	}{
		{"DELETE FROM spent WHERE (nonce, action) IN (SELECT nonce, action FROM spent WHERE expires_at <= ? LIMIT ?)", now},
		{"DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE expires_at <= ? LIMIT ?)", now},
		{"DELETE FROM google_nonces WHERE nonce IN (SELECT nonce FROM google_nonces WHERE expires_at <= ? LIMIT ?)", now},
		{"DELETE FROM views WHERE card_id IN (SELECT card_id FROM views WHERE until <= ? LIMIT ?)", now},
		{"DELETE FROM reminded WHERE (card_id, expires_at) IN (SELECT card_id, expires_at FROM reminded WHERE expires_at <= ? LIMIT ?)", now},
		{"DELETE FROM lookups WHERE id IN (SELECT id FROM lookups WHERE at <= ? LIMIT ?)", now.Add(-lookupMemory)},
		{"DELETE FROM approvals WHERE id IN (SELECT id FROM approvals WHERE expires_at <= ? LIMIT ?)", now.Add(-approvalMemory)},
		{"DELETE FROM claims WHERE id IN (SELECT id FROM claims WHERE expires_at <= ? LIMIT ?)", now.Add(-claimMemory)},
		{pruneItems, now.Add(-loyalty.ItemMemory)},
		{"DELETE FROM leases WHERE id IN (SELECT id FROM leases WHERE expires_at <= ? LIMIT ?)", now.Add(-loyalty.ItemMemory)},
		{"DELETE FROM tag_gaps WHERE id IN (SELECT id FROM tag_gaps WHERE seen_at <= ? LIMIT ?)", now.Add(-gapMemory)},
		{"DELETE FROM google_objects WHERE pass_id IN (SELECT id FROM passes WHERE removed_at > 0 AND removed_at <= ? LIMIT ?)", now.Add(-endedMemory)},
		{"DELETE FROM passes WHERE id IN (SELECT id FROM passes WHERE removed_at > 0 AND removed_at <= ? LIMIT ?)", now.Add(-endedMemory)},
		{"DELETE FROM deliveries WHERE (webhook_id, card_id, dead_seq) IN (SELECT d.webhook_id, d.card_id, d.dead_seq " +
			"FROM webhooks w JOIN deliveries d ON d.webhook_id = w.id " +
			"WHERE w.disabled_at > 0 AND w.disabled_at <= ? AND d.dead_seq = 0 LIMIT ?)", now.Add(-notedWhenDisabled)},
	} {
		for {
			n, err := s.delete(ctx, old.statement, micros(old.before), pruned)
			total += n
			if err != nil {
				return total, err
			}
			if n < pruned {
				break
			}
		}
	}
	n, err := s.clearImports(ctx)
	if total += n; err != nil {
		return total, err
	}
	return total, s.engine.wipe(ctx, false)
}

func (s *Store) delete(ctx context.Context, statement string, values ...any) (rows int64, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			done := tx.db.Exec(statement, values...)
			rows = done.RowsAffected
			return done.Error
		})
	})
	if err != nil {
		return 0, err
	}
	return rows, nil
}
