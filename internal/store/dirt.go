package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"stempel/internal/loyalty"
)

// Dirty are cards that changed while something showed them, those that have
// waited longest first, at most limit, after the one given.
func (s *Store) Dirty(ctx context.Context, after loyalty.Dirt, limit int) ([]loyalty.Dirt, error) {
	query := s.engine.reader().WithContext(ctx).Table("dirty AS d").Select(selected("d", dirtColumns))
	if !after.Card.IsZero() {
		query = query.Where("(d.since, d.card_id) > (?, ?)", micros(after.Since), uid(after.Card))
	}
	return all(query.Order("d.since, d.card_id").Limit(limit), getDirt)
}

// Waiting is how many cards are dirty, and since when the first of them is; the
// zero time for none.
func (s *Store) Waiting(ctx context.Context) (cards int64, since time.Time, err error) {
	type waiting struct {
		cards int64
		since time.Time
	}
	w, err := first(s.engine.reader().WithContext(ctx).Table("dirty AS d").Select("count(*), coalesce(min(d.since), 0)"),
		func(r source) waiting { return waiting{r.number(), fromMicros(r.number())} })
	return w.cards, w.since, err
}

// MarkDue marks the cards of passes that show something else by now although
// nothing happened, at most limit.
func (s *Store) MarkDue(ctx context.Context, now time.Time, limit int) error {
	at := micros(now)
	return again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			due, err := all(tx.db.Table("passes AS p").Select("p.id, p.card_id").
				Where("p.due_at > 0 AND p.due_at <= ?", at).Order("p.due_at").Limit(limit),
				func(r source) loyalty.Pass { return loyalty.Pass{ID: r.id(), Card: r.id()} })
			if err != nil {
				return err
			}
			for _, p := range due {
				if err := tx.exec("UPDATE passes SET due_at = 0 WHERE id = ?", uid(p.ID)); err != nil {
					return err
				}
				if err := tx.touch(p.Card, at); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// Settle forgets that cards are dirty, stores what became of the passes that show
// them, and lets add put down what has to be done about that, all in one
// transaction. A card that somebody else has settled, or that changed again since
// its mark was read, is left out with its passes, for the next turn: of several
// processes exactly one settles each mark.
func (s *Store) Settle(ctx context.Context, turns []loyalty.Turn, add func(tx *sql.Tx, changed []loyalty.Pass) error) error {
	return again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			var changed []loyalty.Pass
			for _, turn := range turns {
				done := tx.db.Exec("DELETE FROM dirty WHERE card_id = ? AND version = ?", uid(turn.Dirt.Card), turn.Dirt.Version)
				if done.Error != nil {
					return translate(done.Error, false)
				}
				if done.RowsAffected == 0 {
					continue
				}
				if err := tx.follow(&turn); err != nil {
					return err
				}
				for _, p := range slices.Concat(turn.Changed, turn.Quiet) {
					if err := tx.savePass(&p); err != nil {
						return err
					}
				}
				changed = append(changed, turn.Changed...)
			}
			if len(changed) == 0 {
				return nil
			}
			return add(tx.db.Statement.ConnPool.(*sql.Tx), changed)
		})
	})
}

// follow has the passes of a card that was merged show the surviving one from now
// on.
func (tx *Tx) follow(turn *loyalty.Turn) error {
	if turn.Survivor.IsZero() {
		return nil
	}
	err := tx.exec("UPDATE passes SET card_id = ? WHERE card_id = ?", uid(turn.Survivor), uid(turn.Dirt.Card))
	if err != nil {
		return err
	}
	return tx.watch(turn.Survivor, loyalty.WatchedForEver, turn.Dirt.Since)
}

func (tx *Tx) savePass(p *loyalty.Pass) error {
	return affected(tx.db.Table("passes").Where("id = ?", uid(p.ID)).Updates(map[string]any{
		"changed_at": micros(p.Changed), "shown": p.Shown[:], "removed_at": micros(p.Removed), "due_at": micros(p.Due),
	}))
}

// touch marks a card as dirty that the office changed, if something shows it.
func (tx *Tx) touch(card loyalty.CardID, now int64) error {
	return tx.exec("INSERT INTO dirty (card_id, since) SELECT c.id, ? FROM cards c WHERE c.id = ? AND c.watched > ? "+
		"ON CONFLICT (card_id) DO UPDATE SET version = dirty.version + 1", now, uid(card), now)
}

// firstWithPasses is the first version of the tables that have passes.
const firstWithPasses = 13

// showAnew has every wallet told anew what its pass shows: after a restore nobody
// knows what it was told last. They are statements for either database, that a
// restore makes in its own transaction, in tables of the version of its backup.
func showAnew(version int64, now time.Time) []string {
	if version < firstWithPasses {
		return nil
	}
	return []string{
		"UPDATE passes SET shown = substr(shown, 1, 0)",
		fmt.Sprintf("INSERT INTO dirty (card_id, since) SELECT c.id, %d FROM cards c WHERE c.watched > %[1]d "+
			"ON CONFLICT (card_id) DO UPDATE SET version = dirty.version + 1", micros(now)),
	}
}
