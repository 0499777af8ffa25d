package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// window is how many rows are looked at for one page of what has no index of its
// own. A page may be short for that, and the list go on behind it.
const window = 2000

// Cards lists a merchant's cards: at most so many from the one after an id on,
// the newest first. next is what to pass as after for more, zero at the end.
// Errors: loyalty.ErrNotFound for a program that is not this merchant's.
func (s *Store) Cards(ctx context.Context, m loyalty.MerchantID, f loyalty.CardFilter, after loyalty.CardID, limit int) (cards []*loyalty.State, next loyalty.CardID, err error) {
	if !f.Program.IsZero() {
		if _, err := s.Program(ctx, m, f.Program); err != nil {
			return nil, next, err
		}
	}
	rows, err := page(enrolments(s.engine.reader().WithContext(ctx), m, &f), "e.card_id", after, window+1, getEnrolment)
	if err != nil {
		return nil, next, err
	}
	var ids []loyalty.CardID
	for i, row := range rows {
		if len(ids) == limit || i == window {
			next = rows[i-1].Card
			break
		}
		if f.Takes(row.Program, row.Blocked) {
			ids = append(ids, row.Card)
		}
	}
	if len(ids) == 0 {
		return nil, next, nil
	}
	facts, err := s.engine.facts(ctx, &loyalty.Keys{Cards: append([]loyalty.CardID(nil), ids...)})
	if err != nil {
		return nil, next, err
	}
	for _, id := range ids {
		if state := facts.Cards[id]; state != nil { // else erased a moment ago
			cards = append(cards, state)
		}
	}
	return cards, next, nil
}

// enrolment is a card as the office lists it.
type enrolment struct {
	Program loyalty.ProgramID
	Card    loyalty.CardID
	Blocked bool
}

func getEnrolment(r source) enrolment {
	return enrolment{Program: r.id(), Card: r.id(), Blocked: r.flag()}
}

// enrolments is the list that has an index and comes nearest: the blocked ones, which
// are few, or a program's, or all. What it leaves over, the filter drops.
func enrolments(db *gorm.DB, m loyalty.MerchantID, f *loyalty.CardFilter) *gorm.DB {
	db = db.Table("enrolments AS e").Select("e.program_id, e.card_id, e.blocked")
	switch {
	case f.Blocked != nil && *f.Blocked:
		return db.Where("e.merchant_id = ? AND e.blocked", uid(m))
	case !f.Program.IsZero():
		return db.Where("e.program_id = ?", uid(f.Program))
	}
	return db.Where("e.merchant_id = ?", uid(m))
}
