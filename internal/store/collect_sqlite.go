package store

import (
	"context"
	"time"
)

// On SQLite one transaction writes at a time and entries are never deleted, so
// their rowids rise in the order of commits.

// state is how far collecting has come, and how far it could.
const state = "SELECT c.position, (SELECT coalesce(max(e.rowid), 0) FROM entries e) FROM webhook_cursor c"

func (l *lite) collect(ctx context.Context, now time.Time, _ time.Duration) (cards int64, err error) {
	for range pagesAtOnce {
		var position, last int64
		found, err := scalars(l.readersGorm.WithContext(ctx).Raw(state), &position, &last)
		if err != nil || !found || position >= last {
			return cards, err // without asking for the writer, for whom scans wait
		}
		page, err := l.collectPage(ctx, now)
		cards += page
		if err != nil {
			return cards, err
		}
	}
	return cards, nil
}

// collectPage notes the next entries in one transaction.
func (l *lite) collectPage(ctx context.Context, now time.Time) (cards int64, err error) {
	err = l.within(ctx, func(tx *Tx) error {
		var position, last int64
		if found, err := scalars(tx.db.Raw(state), &position, &last); err != nil || !found {
			return err
		}
		if stopped, err := tx.stopCollecting(now); err != nil || stopped {
			return err
		}
		last = min(last, position+pageOfEntries)
		if cards, err = tx.noteEntries(now, "e.rowid > ? AND e.rowid <= ?", position, last); err != nil {
			return err
		}
		return translate(tx.db.Exec("UPDATE webhook_cursor SET position = ?", last).Error, false)
	})
	return cards, err
}

// beginCollecting starts at the present unless collecting goes on already.
func (l *lite) beginCollecting(tx *Tx) error {
	return translate(tx.db.Exec("INSERT INTO webhook_cursor (id, position) "+
		"SELECT 1, (SELECT coalesce(max(e.rowid), 0) FROM entries e) WHERE true ON CONFLICT (id) DO NOTHING").Error, false)
}
