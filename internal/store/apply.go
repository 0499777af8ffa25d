package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Apply publishes p at once, without a draft: as a program that is new where
// p.Version is 1, else as the version that follows the current one. Rewards of
// which a shop begins to count how many are left have that in stock; what was
// counted before stays.
//
// Errors: loyalty.ErrNotFound for no such program; a *loyalty.FieldError; a
// *loyalty.Refusal with loyalty.ProgramChanged where another version is current
// or somebody has a draft, and with loyalty.ProgramEnded where the program is
// archived; what render returns; as of Once.
func (s *Store) Apply(ctx context.Context, r loyalty.Answer, p loyalty.Program, stock []loyalty.Stock, now time.Time, render RenderProgram) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.publishWhole(&p, now); err != nil {
			return loyalty.Answer{}, err
		}
		for _, first := range stock {
			err := tx.db.Exec("INSERT INTO stock (reward_id, remaining) VALUES (?, ?) ON CONFLICT (reward_id) DO NOTHING",
				uid(first.Reward), first.Left).Error
			if err != nil {
				return loyalty.Answer{}, translate(err, false)
			}
		}
		return render(&p)
	})
}

func (tx *Tx) publishWhole(p *loyalty.Program, now time.Time) error {
	if p.Version == 1 {
		return tx.createProgram(p, now)
	}
	before, err := tx.openDraft(p.Merchant, p.ID)
	switch {
	case err != nil:
		return err
	case before.Revision != 0:
		return &loyalty.Refusal{
			Code:    loyalty.ProgramChanged,
			Message: "Somebody is changing this program: it has a draft. Publish it or delete it first.",
		}
	case before.BasedOn != p.Version-1:
		return programChanged()
	}
	if err := p.Check(); err != nil {
		return err
	}
	if err := tx.checkKey(p); err != nil {
		return err
	}
	return tx.publish(p, now)
}

// checkKey holds that no two programs of a merchant have the same key, drafts
// included: of two changes at the same time the second waits. Errors: a
// *loyalty.FieldError.
func (tx *Tx) checkKey(p *loyalty.Program) error {
	if p.Key == "" {
		return nil
	}
	if _, err := take[merchantRow](tx, "id = ?", uid(p.Merchant)); err != nil {
		return err
	}
	for _, query := range []*gorm.DB{programsOf(tx.db, p.Merchant), draftsOf(tx.db, p.Merchant)} {
		others, err := parsed(query)
		if err != nil {
			return err
		}
		for _, other := range others {
			if other.ID != p.ID && other.Key == p.Key {
				return &loyalty.FieldError{Field: "key", Problem: "is the key of another program, " + other.ID.String()}
			}
		}
	}
	return nil
}

// keepKeys gives the next rules of a program the keys that the current ones, or
// its draft, have.
func (tx *Tx) keepKeys(before *loyalty.Draft, rules *loyalty.Rules) error {
	rules.KeepKeys(&before.Rules)
	current, err := tx.Program(before.Merchant, before.Program)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err == nil {
		rules.KeepKeys(&current.Rules)
	}
	return err
}
