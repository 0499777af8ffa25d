package store

import (
	"context"
	"fmt"
	"time"

	"stempel/internal/loyalty"
)

// States of an import of codes. One of which nothing is left to hand out has no row.
const (
	importComing = 0 // nobody sees its codes
	importOpen   = 1
	importBroken = 2 // it ended halfway, and its codes are to be removed
)

// importLease is for how long nothing is heard of an import that goes on. Whoever takes
// longer for a portion begins anew, so it need not be long.
const importLease = 10 * time.Second

// beginImport makes the row of an import. Errors: loyalty.ErrConflict for one that has
// it already.
func (tx *Tx) beginImport(b *loyalty.CodeBatch, state int) error {
	return tx.exec("INSERT INTO code_imports (reward_id, import_id, state, renewed_at) VALUES (?, ?, ?, ?)",
		uid(b.Reward), uid(b.Import), state, micros(time.Now()))
}

// renewImport says that an import goes on, with its state. Errors: loyalty.ErrConflict
// when it was broken off meanwhile.
func (tx *Tx) renewImport(b *loyalty.CodeBatch, state int) error {
	done := tx.db.Exec("UPDATE code_imports SET state = ?, renewed_at = ? WHERE reward_id = ? AND import_id = ? AND state = 0",
		state, micros(time.Now()), uid(b.Reward), uid(b.Import))
	if done.Error == nil && done.RowsAffected == 0 {
		return fmt.Errorf("%w: the import was broken off", loyalty.ErrConflict)
	}
	return translate(done.Error, false)
}

// breakImports breaks off what comes into the pool of a reward.
func (tx *Tx) breakImports(reward loyalty.RewardID) error {
	return tx.exec("UPDATE code_imports SET state = 2 WHERE reward_id = ? AND state = 0", uid(reward))
}

// breakImport breaks off one import, if it is on its way.
func (s *Store) breakImport(ctx context.Context, b *loyalty.CodeBatch) error {
	return s.engine.within(ctx, func(tx *Tx) error {
		return tx.exec("UPDATE code_imports SET state = 2 WHERE reward_id = ? AND import_id = ? AND state = 0", uid(b.Reward), uid(b.Import))
	})
}

// dropSpentImports forgets which imports there were of which nothing can be handed out
// any more: whoever redeems looks through all others.
func (tx *Tx) dropSpentImports(reward loyalty.RewardID, now time.Time) error {
	return tx.exec("DELETE FROM code_imports WHERE reward_id = ? AND state = 1 AND NOT EXISTS "+
		"(SELECT 1 FROM codes c WHERE c.import_id = code_imports.import_id AND c.state = 0 AND c.expires_at > ?)", uid(reward), micros(now))
}

// clearImports removes what is left of imports that ended halfway, whoever's they were,
// and returns how many codes those had.
func (s *Store) clearImports(ctx context.Context) (total int64, err error) {
	type broken struct {
		reward loyalty.RewardID
		which  loyalty.ImportID
	}
	silent := micros(time.Now().Add(-importLease))
	list, err := all(s.engine.reader().WithContext(ctx).Table("code_imports AS i").Select("i.reward_id, i.import_id").
		Where("i.state = 2 OR i.state = 0 AND i.renewed_at <= ?", silent),
		func(r source) broken { return broken{r.id(), r.id()} })
	for _, one := range list {
		for more := true; more && err == nil; {
			var n int64
			start := time.Now()
			n, more, err = s.clearImport(ctx, one.reward, one.which, silent)
			total += n
			if err == nil {
				err = s.giveWay(ctx, time.Since(start))
			}
		}
	}
	return total, err
}

// clearImport removes a portion, and reports whether there is more. Nothing is done to an
// import that goes on.
func (s *Store) clearImport(ctx context.Context, reward loyalty.RewardID, which loyalty.ImportID, silent int64) (rows int64, more bool, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			rows, more = 0, false
			mark := tx.db.Exec("UPDATE code_imports SET state = 2 WHERE reward_id = ? AND import_id = ? AND (state = 2 OR state = 0 AND renewed_at <= ?)",
				uid(reward), uid(which), silent)
			if mark.Error != nil || mark.RowsAffected == 0 {
				return translate(mark.Error, false)
			}
			done := tx.db.Exec("DELETE FROM codes WHERE id IN (SELECT c.id FROM codes c WHERE c.import_id = ? AND c.state = 0 LIMIT ?)",
				uid(which), codesAtOnce)
			if done.Error != nil {
				return translate(done.Error, false)
			}
			if rows, more = done.RowsAffected, done.RowsAffected == codesAtOnce; more {
				return nil
			}
			return tx.exec("DELETE FROM code_imports WHERE reward_id = ? AND import_id = ?", uid(reward), uid(which))
		})
	})
	return rows, more, err
}
