package store

import (
	"context"
	"encoding/json"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
	"stempel/internal/rules"
)

type draftRow struct {
	ProgramID uid `gorm:"primaryKey"`
	Revision  int64
	Rules     string // JSON
	SavedAt   int64
}

func (draftRow) TableName() string { return "program_drafts" }

// RenderDraft makes the answer of a change; it may be called again after a
// rollback.
type RenderDraft = func(*loyalty.Draft) (loyalty.Answer, error)

// MakeRules makes the rules of a draft, given which rewards the program has or
// had: a reward that goes on keeps its id. It may be called again after a
// rollback.
type MakeRules = func(had func(loyalty.RewardID) bool) (loyalty.Rules, error)

// Draft is the next version of a program in work. Errors: loyalty.ErrNotFound
// for no such program; a *loyalty.Refusal with loyalty.DraftNotFound.
func (s *Store) Draft(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Draft, error) {
	db := s.engine.reader().WithContext(ctx)
	var row programRow
	if err := db.Where("id = ? AND merchant_id = ?", uid(id), uid(m)).Take(&row).Error; err != nil {
		return nil, translate(err, false)
	}
	return draft(db, m, id, int32(row.CurrentVersion))
}

// SaveDraft makes d, with the rules of rules, the draft of its program in place
// of all that was in it. It must be based on the current version, and its
// Revision that of the draft it replaces, 0 for none: else somebody else has
// changed the program since.
//
// Errors: loyalty.ErrNotFound for no such program; a *loyalty.Refusal with
// loyalty.ProgramChanged; a *loyalty.FieldError; what the callbacks return; as
// of Once.
func (s *Store) SaveDraft(ctx context.Context, r loyalty.Answer, d loyalty.Draft, rules MakeRules, render RenderDraft) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		before, err := tx.openDraft(d.Merchant, d.Program)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if before.BasedOn != d.BasedOn || before.Revision != d.Revision {
			return loyalty.Answer{}, programChanged()
		}
		next := d
		if next.Rules, err = tx.rulesOf(before, rules); err != nil {
			return loyalty.Answer{}, err
		}
		next.Revision = max(micros(d.Saved), before.Revision+1)
		if err := tx.putDraft(&next); err != nil {
			return loyalty.Answer{}, err
		}
		return render(&next)
	})
}

// DeleteDraft throws a draft away, and with it a program that was never
// published. Errors: as of Draft, and of Once.
func (s *Store) DeleteDraft(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ProgramID, render RenderDraft) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		d, err := tx.lockDraft(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.dropDraft(id); err != nil {
			return loyalty.Answer{}, err
		}
		if d.BasedOn == 0 {
			if err := tx.db.Where("id = ?", uid(id)).Delete(&programRow{}).Error; err != nil {
				return loyalty.Answer{}, translate(err, false)
			}
		}
		return render(d)
	})
}

// rulesOf makes and checks the rules of a program's next draft.
func (tx *Tx) rulesOf(before *loyalty.Draft, make MakeRules) (loyalty.Rules, error) {
	had, err := tx.rewardsOf(before)
	if err != nil {
		return loyalty.Rules{}, err
	}
	next, err := make(func(id loyalty.RewardID) bool { return had[id] })
	if err != nil {
		return loyalty.Rules{}, err
	}
	if err := tx.keepKeys(before, &next); err != nil {
		return loyalty.Rules{}, err
	}
	if err := rules.Check(&next); err != nil {
		return loyalty.Rules{}, err
	}
	program := loyalty.Program{ID: before.Program, Merchant: before.Merchant, Rules: next}
	if err := tx.checkKey(&program); err != nil {
		return loyalty.Rules{}, err
	}
	return next, tx.checkNext(&program)
}

// rewardsOf are the rewards of all versions of a program, and of its draft.
func (tx *Tx) rewardsOf(d *loyalty.Draft) (map[loyalty.RewardID]bool, error) {
	had := map[loyalty.RewardID]bool{}
	for _, reward := range d.Rules.Rewards {
		had[reward.ID] = true
	}
	var bad error
	versions, err := all(tx.db.Table("program_versions AS v").Select("CAST(v.rules AS text)").
		Where("v.program_id = ?", uid(d.Program)),
		func(r source) (rules loyalty.Rules) {
			if err := json.Unmarshal(r.bytes(), &rules); err != nil {
				bad = err
			}
			return rules
		})
	if err == nil {
		err = bad
	}
	for _, rules := range versions {
		for _, reward := range rules.Rewards {
			had[reward.ID] = true
		}
	}
	return had, err
}

// openDraft locks a program and reads its draft, or an empty one of revision 0.
func (tx *Tx) openDraft(m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Draft, error) {
	current, err := tx.lockProgram(m, id)
	if err != nil {
		return nil, err
	}
	d, err := draft(tx.db, m, id, current)
	var refusal *loyalty.Refusal
	if errors.As(err, &refusal) {
		return &loyalty.Draft{Program: id, Merchant: m, BasedOn: current}, nil
	}
	return d, err
}

// lockDraft locks a program and reads its draft.
func (tx *Tx) lockDraft(m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Draft, error) {
	current, err := tx.lockProgram(m, id)
	if err != nil {
		return nil, err
	}
	return draft(tx.db, m, id, current)
}

func (tx *Tx) putDraft(d *loyalty.Draft) error {
	rules, err := json.Marshal(d.Rules)
	if err != nil {
		return err
	}
	row := draftRow{ProgramID: uid(d.Program), Revision: d.Revision, Rules: string(rules), SavedAt: micros(d.Saved)}
	return translate(tx.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error, false)
}

func (tx *Tx) dropDraft(id loyalty.ProgramID) error {
	return translate(tx.db.Where("program_id = ?", uid(id)).Delete(&draftRow{}).Error, false)
}

func draft(db *gorm.DB, m loyalty.MerchantID, id loyalty.ProgramID, current int32) (*loyalty.Draft, error) {
	var bad error
	d, err := first(db.Table("program_drafts AS d").Select("d.revision, d.saved_at, CAST(d.rules AS text)").
		Where("d.program_id = ?", uid(id)),
		func(r source) loyalty.Draft {
			d := loyalty.Draft{Program: id, Merchant: m, BasedOn: current, Revision: r.number(), Saved: fromMicros(r.number())}
			p, err := parseProgram(programVersion{program: id}, m, r.bytes())
			if err != nil {
				bad = err
				return d
			}
			d.Rules = p.Rules
			return d
		})
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, &loyalty.Refusal{Code: loyalty.DraftNotFound, Message: "This program has no draft. Save one first."}
	}
	if err == nil {
		err = bad
	}
	if err != nil {
		return nil, err
	}
	return &d, nil
}

func programChanged() error {
	return &loyalty.Refusal{
		Code:    loyalty.ProgramChanged,
		Message: "Somebody else has changed this program since you read it. Read it again, and bring your changes into that.",
	}
}
