package store

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Rehearsal is moving in without moving in: it finds what the database has, and
// what it was itself told before. That it keeps in a file of its own, so that its
// memory does not grow with what it is told; Close deletes the file. Everything
// personal is sealed in there as it is in the database.
type Rehearsal struct {
	real, scratch *Store
	folder        string
}

// toldTable has the cards that a rehearsal was told of, with what they would begin
// with: all that anybody asks of them.
const toldTable = "told_cards"

var insertTold = insertion(toldTable, "id uuid, units bigint")

func toldCards(db *gorm.DB) *gorm.DB { return db.Table(toldTable + " AS c").Select("c.id, c.units") }

// Rehearse begins a rehearsal, for one at a time.
func (s *Store) Rehearse(ctx context.Context) (*Rehearsal, error) {
	folder, err := os.MkdirTemp("", "stempel-rehearsal-")
	if err != nil {
		return nil, err
	}
	r := &Rehearsal{real: s, folder: folder}
	if r.scratch, err = Open(ctx, filepath.Join(folder, "scratch.db"), Options{}); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	err = r.scratch.Migrate(ctx)
	if err == nil { // consents are kept without their members, and nothing outlives a crash
		err = translate(r.scratch.engine.(*lite).writerGorm.Exec("PRAGMA foreign_keys = 0; PRAGMA synchronous = 0; "+
			"CREATE TABLE "+toldTable+" (id blob PRIMARY KEY, units integer NOT NULL) WITHOUT ROWID").Error, false)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close forgets everything.
func (r *Rehearsal) Close() (err error) {
	if r.scratch != nil {
		err = r.scratch.Close()
	}
	return errors.Join(err, os.RemoveAll(r.folder))
}

// MoveIn is Store.MoveIn, but that nothing is stored.
func (r *Rehearsal) MoveIn(ctx context.Context, _ loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (loyalty.Answer, error) {
	known, err := r.real.Foresee(ctx, a)
	if err != nil {
		return loyalty.Answer{}, err
	}
	return r.scratch.Once(ctx, loyalty.Answer{}, func(tx *Tx) (loyalty.Answer, error) {
		told, err := knownOf(tx.db, toldCards, a)
		if err != nil {
			return loyalty.Answer{}, err
		}
		overlay(known, told)
		arrivals, answer, err := decide(known)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.rehearse(&arrivals)
	})
}

// Foresee reads what MoveIn would find, and locks nothing.
func (s *Store) Foresee(ctx context.Context, a loyalty.Arriving) (known *loyalty.Known, err error) {
	err = again(func() error {
		known, err = knownOf(s.engine.reader().WithContext(ctx), movedCards, a)
		return err
	})
	return known, err
}

// overlay lays what was told here over what is there: of members it is younger.
func overlay(known, told *loyalty.Known) {
	maps.Copy(known.Cards, told.Cards)
	younger := map[loyalty.MemberID]*loyalty.Member{}
	for index, member := range told.Members {
		known.Members[index], younger[member.ID] = member, member
	}
	for index, member := range known.Members {
		if told := younger[member.ID]; told != nil {
			known.Members[index] = told
		}
	}
	for member, consents := range told.Consents {
		known.Consents[member] = append(known.Consents[member], consents...)
	}
}

// rehearse keeps what later batches have to know: no entries and vouchers.
func (tx *Tx) rehearse(a *loyalty.Arrivals) error {
	for i := range a.Changed {
		id := uid(a.Changed[i].ID)
		if err := errors.Join(tx.exec("DELETE FROM members WHERE id = ?", id), tx.exec("DELETE FROM contacts WHERE member_id = ?", id)); err != nil {
			return err
		}
	}
	told := make([]moved, len(a.Cards))
	for i, d := range a.Cards {
		told[i] = moved{d.Card.ID, d.Opening()}
	}
	slices.SortFunc(told, func(a, b moved) int { return a.id.Compare(b.id) })
	if err := insert(tx, insertTold, told, func(s sink, m *moved) { s.id(m.id); s.number(m.units) }); err != nil {
		return err
	}
	return tx.storeArrivals(&loyalty.Arrivals{Members: slices.Concat(a.Members, a.Changed), Consents: a.Consents})
}
