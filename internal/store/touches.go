package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// touchAgain has the marking of a program's cards begin anew: those that were marked
// before may have been dealt with before this change.
const touchAgain = " ON CONFLICT (program_id) DO UPDATE SET marked = NULL"

// touchProgram notes that all cards of a program show something else from now on.
// It costs the same for one card and for a million; MarkTouched does the rest.
func (tx *Tx) touchProgram(id loyalty.ProgramID, now time.Time) error {
	return tx.exec("INSERT INTO touches (since, program_id) VALUES (?, ?)"+touchAgain, micros(now), uid(id))
}

// touchMerchant is touchProgram for every program of a merchant.
func (tx *Tx) touchMerchant(m loyalty.MerchantID, now time.Time) error {
	return tx.exec("INSERT INTO touches (since, program_id) SELECT CAST(? AS bigint), p.id FROM programs p WHERE p.merchant_id = ? ORDER BY p.id"+
		touchAgain, micros(now), uid(m))
}

// touchAsking is touchProgram for every program of a merchant in which it matters what
// somebody is to the merchant.
func (tx *Tx) touchAsking(m loyalty.MerchantID, now time.Time) error {
	programs, err := parsed(programsOf(tx.db, m).Order("p.id"))
	if err != nil {
		return err
	}
	for _, p := range programs {
		if !p.AsksAudience() {
			continue
		}
		if err := tx.touchProgram(p.ID, now); err != nil {
			return err
		}
	}
	return nil
}

// TouchPasses is touchProgram for every program there is: their codes, it may be, are
// other ones from now on.
func (s *Store) TouchPasses(ctx context.Context, now time.Time) error {
	return again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			return tx.exec("INSERT INTO touches (since, program_id) SELECT CAST(? AS bigint), p.id FROM programs p WHERE 1 = 1 ORDER BY p.id"+
				touchAgain, micros(now))
		})
	})
}

// Bounds of marking.
const (
	touchedAtOnce  = 10  // programs that have their turn in a row
	markedTogether = 100 // cards that one transaction marks
)

// MarkTouched marks the cards of programs that were touched, as far as something
// shows them, after looking at no more than limit passes; more says that there may
// be others. Whoever posts to one of the cards waits for a few of them only, and
// locks of cards are not taken. A program's turn may end anywhere: what was marked
// stays so, and whoever is next goes on from there.
func (s *Store) MarkTouched(ctx context.Context, now time.Time, limit int) (more bool, err error) {
	for limit > 0 {
		touched, err := all(s.engine.reader().WithContext(ctx).Table("touches AS t").Select("t.program_id").
			Order("t.since, t.program_id").Limit(touchedAtOnce), func(r source) loyalty.ProgramID { return r.id() })
		if err != nil || len(touched) == 0 {
			return false, err
		}
		for _, program := range touched {
			n := min(limit, markedTogether)
			if n <= 0 {
				break
			}
			var looked int
			err := again(func() error {
				return s.engine.within(ctx, func(tx *Tx) (err error) {
					looked, err = tx.markTouched(program, micros(now), n)
					return err
				})
			})
			if err != nil {
				return true, err
			}
			limit -= looked
		}
	}
	return true, nil
}

// markTouched marks the cards of a program's next passes, at most limit, and returns
// how many passes there were.
func (tx *Tx) markTouched(program loyalty.ProgramID, now int64, limit int) (int, error) {
	marked, err := first(tx.db.Table("touches AS t").Clauses(clause.Locking{Strength: "UPDATE"}).
		Select("t.marked").Where("t.program_id = ?", uid(program)), func(r source) loyalty.CardID { return r.id() })
	if errors.Is(err, loyalty.ErrNotFound) {
		return 0, nil // somebody else has marked its last card
	}
	if err != nil {
		return 0, err
	}
	cards, err := tx.shownAfter(program, marked, limit)
	if err != nil {
		return 0, err
	}
	if len(cards) > 0 {
		marked = loyalty.CardID(cards[len(cards)-1])
		if err := tx.touchMany(cards, now); err != nil {
			return 0, err
		}
	}
	if len(cards) < limit {
		return len(cards), tx.exec("DELETE FROM touches WHERE program_id = ?", uid(program))
	}
	return len(cards), tx.exec("UPDATE touches SET marked = ? WHERE program_id = ?", uid(marked), uid(program))
}

// shownAfter are the cards of a program's next passes, in the order of their ids. A
// card with several passes may stand there several times, and is not there again
// after itself.
func (tx *Tx) shownAfter(program loyalty.ProgramID, last loyalty.CardID, limit int) ([]uid, error) {
	query := tx.db.Table("passes AS p").Select("p.card_id").Where("p.program_id = ?", uid(program))
	if !last.IsZero() {
		query = query.Where("p.card_id > ?", uid(last))
	}
	return all(query.Order("p.card_id").Limit(limit), func(r source) uid { return r.id() })
}
