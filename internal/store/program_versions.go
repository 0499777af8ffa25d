package store

import (
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
	"stempel/internal/rules"
)

// InsertProgram stores the first version of a program, or the one that follows
// the current one and now takes its place. Errors: a *loyalty.FieldError of
// rules that cannot be, or cannot follow; loyalty.ErrConflict for any other
// version; loyalty.ErrNotFound for a later version of no program.
func (tx *Tx) InsertProgram(p loyalty.Program, now time.Time) error {
	if err := rules.Check(&p.Rules); err != nil {
		return err
	}
	if p.Version == 1 {
		row := programRow{ID: uid(p.ID), MerchantID: uid(p.Merchant), CurrentVersion: 1, CreatedAt: micros(now)}
		if err := tx.create(&row); err != nil {
			return err
		}
		return tx.insertVersion(&p, now)
	}
	if _, err := tx.lockProgram(p.Merchant, p.ID); err != nil {
		return err
	}
	if err := tx.checkNext(&p); err != nil {
		return err
	}
	return tx.succeed(&p, now)
}

// lockProgram holds a program, and the number of cards it has, as they are: who
// opens a card waits, who scans one does not. It returns the current version, 0
// for none yet. Errors: loyalty.ErrNotFound.
func (tx *Tx) lockProgram(m loyalty.MerchantID, id loyalty.ProgramID) (current int32, err error) {
	var row programRow
	err = tx.db.Clauses(clause.Locking{Strength: "UPDATE"}).
		Where("id = ? AND merchant_id = ?", uid(id), uid(m)).Take(&row).Error
	return int32(row.CurrentVersion), translate(err, false)
}

// checkNext holds that rules may follow those that are current, if any.
func (tx *Tx) checkNext(next *loyalty.Program) error {
	current, err := tx.Program(next.Merchant, next.ID)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	hasCards, err := tx.hasCards(next.ID)
	if err != nil {
		return err
	}
	return current.CheckNext(&next.Rules, hasCards)
}

func (tx *Tx) hasCards(id loyalty.ProgramID) (bool, error) {
	_, err := first(tx.db.Table("enrolments AS e").Select("e.card_id").Where("e.program_id = ?", uid(id)),
		func(r source) loyalty.CardID { return r.id() })
	if errors.Is(err, loyalty.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// succeed stores a version and makes it the current one, if it follows that. The
// program's cards show it from now on.
func (tx *Tx) succeed(p *loyalty.Program, now time.Time) error {
	done := tx.db.Model(&programRow{}).
		Where("id = ? AND merchant_id = ? AND current_version = ?", uid(p.ID), uid(p.Merchant), p.Version-1).
		Update("current_version", p.Version)
	if done.Error == nil && done.RowsAffected == 0 {
		return loyalty.ErrConflict
	}
	if done.Error != nil {
		return translate(done.Error, false)
	}
	if err := tx.insertVersion(p, now); err != nil {
		return err
	}
	return tx.touchProgram(p.ID, now)
}

func (tx *Tx) insertVersion(p *loyalty.Program, now time.Time) error {
	rules, err := json.Marshal(p.Rules)
	if err != nil {
		return err
	}
	return tx.create(&versionRow{
		ProgramID: uid(p.ID), Version: int64(p.Version), Rules: string(rules), CreatedAt: micros(now),
	})
}
