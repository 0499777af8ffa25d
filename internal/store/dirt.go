package store

import (
	"cmp"
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

// Waiting is how many cards are dirty, and since when the first of them is, or the
// first of those that are still to be marked; the zero time for none.
func (s *Store) Waiting(ctx context.Context) (cards int64, since time.Time, err error) {
	type waiting struct{ cards, dirty, touched int64 }
	w, err := first(s.engine.reader().WithContext(ctx).Table("dirty AS d").
		Select("count(*), coalesce(min(d.since), 0), (SELECT coalesce(min(t.since), 0) FROM touches t)"),
		func(r source) waiting { return waiting{r.number(), r.number(), r.number()} })
	if w.touched > 0 && (w.dirty == 0 || w.touched < w.dirty) {
		w.dirty = w.touched
	}
	return w.cards, fromMicros(w.dirty), err
}

// dueTogether is how many passes one transaction of MarkDue marks.
const dueTogether = 100

// MarkDue marks the cards of passes that show something else by now although
// nothing happened, at most limit. Whoever posts to one of them waits for a few of
// them only.
func (s *Store) MarkDue(ctx context.Context, now time.Time, limit int) error {
	at := micros(now)
	for limit > 0 {
		var marked int
		err := again(func() error {
			return s.engine.within(ctx, func(tx *Tx) (err error) {
				marked, err = tx.markDue(at, min(limit, dueTogether))
				return err
			})
		})
		if err != nil || marked < dueTogether {
			return err
		}
		limit -= marked
	}
	return nil
}

func (tx *Tx) markDue(at int64, limit int) (int, error) {
	due, err := all(tx.db.Table("passes AS p").Select("p.id, p.card_id").
		Where("p.due_at > 0 AND p.due_at <= ?", at).Order("p.due_at").Limit(limit),
		func(r source) loyalty.Pass { return loyalty.Pass{ID: r.id(), Card: r.id()} })
	if err != nil {
		return 0, err
	}
	slices.SortFunc(due, func(a, b loyalty.Pass) int {
		return cmp.Or(a.Card.Compare(b.Card), a.ID.Compare(b.ID))
	})
	for _, p := range due {
		if err := tx.touchMany([]uid{uid(p.Card)}, at); err != nil {
			return 0, err
		}
		if err := tx.exec("UPDATE passes SET due_at = 0 WHERE id = ?", uid(p.ID)); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// Settle forgets that cards are dirty, stores what became of the passes that show
// them, and lets add put down what has to be done about that, all in one
// transaction. A card that somebody else has settled, or that changed again since
// its mark was read, is left out with its passes, for the next turn: of several
// processes exactly one settles each mark.
//
// Whoever writes marks locks in one order, so that no two wait for each other:
// first cards, then marks in the order of their cards' ids, after each mark the
// passes of its card.
func (s *Store) Settle(ctx context.Context, turns []loyalty.Turn, add func(tx *sql.Tx, changed []loyalty.Pass) error) error {
	steps := stepsOf(turns)
	return again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			if err := tx.watchSurvivors(steps); err != nil {
				return err
			}
			var changed []loyalty.Pass
			for _, step := range steps {
				done, err := tx.take(step)
				if err != nil {
					return err
				}
				changed = append(changed, done...)
			}
			if len(changed) == 0 {
				return nil
			}
			return add(tx.db.Statement.ConnPool.(*sql.Tx), changed)
		})
	})
}

// step of settling: what happens to the mark of one card.
type step struct {
	card loyalty.CardID
	turn *loyalty.Turn // that ends with it; nil when the card takes passes over
	at   time.Time
}

// stepsOf are the steps of turns in the order of cards; a card's own turn comes
// before the mark that it gets for what it takes over.
func stepsOf(turns []loyalty.Turn) []step {
	steps := make([]step, 0, len(turns))
	for i := range turns {
		t := &turns[i]
		steps = append(steps, step{t.Dirt.Card, t, t.Dirt.Since})
	}
	for i := range turns {
		if t := &turns[i]; !t.Survivor.IsZero() {
			steps = append(steps, step{t.Survivor, nil, t.Dirt.Since})
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.card.Compare(b.card) })
	return steps
}

// watchSurvivors notes that wallets show the cards that take passes over: also when
// somebody else has settled that meanwhile, it is so.
func (tx *Tx) watchSurvivors(steps []step) error {
	for _, s := range steps {
		if s.turn != nil {
			continue
		}
		if err := tx.watched(s.card, loyalty.WatchedForEver); err != nil {
			return err
		}
	}
	return nil
}

// take does a step, and returns the passes that changed with it.
func (tx *Tx) take(s step) ([]loyalty.Pass, error) {
	if s.turn == nil {
		return nil, tx.touch(s.card, micros(s.at))
	}
	done := tx.db.Exec("DELETE FROM dirty WHERE card_id = ? AND version = ? AND since = ?",
		uid(s.card), s.turn.Dirt.Version, micros(s.turn.Dirt.Since)) // a mark that came after one that is gone begins at 1 again
	if done.Error != nil || done.RowsAffected == 0 {
		return nil, translate(done.Error, false)
	}
	if to := s.turn.Survivor; !to.IsZero() {
		if err := tx.exec("UPDATE passes SET card_id = ? WHERE card_id = ?", uid(to), uid(s.card)); err != nil {
			return nil, err
		}
	}
	for _, p := range slices.Concat(s.turn.Changed, s.turn.Quiet) {
		if err := tx.savePass(&p); err != nil {
			return nil, err
		}
	}
	return s.turn.Changed, nil
}

func (tx *Tx) savePass(p *loyalty.Pass) error {
	return affected(tx.db.Table("passes").Where("id = ?", uid(p.ID)).Updates(map[string]any{
		"changed_at": micros(p.Changed), "shown": p.Shown[:], "due_at": micros(p.Due),
	}))
}

// touch marks a card as dirty that the office changed, if something shows it.
func (tx *Tx) touch(card loyalty.CardID, now int64) error {
	return tx.exec("INSERT INTO dirty (card_id, since) SELECT c.id, ? FROM cards c WHERE c.id = ? AND c.watched > ?"+dirtyAgain,
		now, uid(card), now)
}

// touchMany marks cards as dirty that are among many that changed alike, if something
// shows them.
func (tx *Tx) touchMany(cards []uid, now int64) error {
	return tx.exec("INSERT INTO dirty (card_id, since, many) SELECT c.id, CAST(? AS bigint), true FROM cards c WHERE c.id IN ? AND c.watched > ? "+
		"ORDER BY c.id"+dirtyAgainMany, now, cards, now)
}

// touchAll marks locked cards in the order in which whoever settles takes their marks.
func (tx *Tx) touchAll(cards []loyalty.Card, now int64) error {
	return tx.touchEach(idsOf(cards), now)
}

// touchEach is touchAll, by ids.
func (tx *Tx) touchEach(cards []loyalty.CardID, now int64) error {
	for _, card := range slices.SortedFunc(slices.Values(cards), loyalty.CardID.Compare) {
		if err := tx.touch(card, now); err != nil {
			return err
		}
	}
	return nil
}

// touchMember marks the cards of a member whose name, it may be, is another one now.
// The caller has locked them, or whoever posts to one of them could wait for a member
// while this waits for a mark.
func (tx *Tx) touchMember(member loyalty.MemberID, now int64) error {
	return tx.exec("INSERT INTO dirty (card_id, since) SELECT c.id, CAST(? AS bigint) FROM card_members a JOIN cards c ON c.id = a.card_id "+
		"WHERE a.member_id = ? AND c.watched > ? ORDER BY c.id"+dirtyAgain,
		now, uid(member), now)
}

// firstWithPasses is the first version of the tables that have passes.
const firstWithPasses = 12

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
