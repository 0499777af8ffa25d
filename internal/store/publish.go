package store

import (
	"context"
	"errors"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/rules"
)

// RenderProgram makes the answer of a change; it may be called again after a
// rollback.
type RenderProgram = func(*loyalty.Program) (loyalty.Answer, error)

// CreateProgram stores a new program: version 1 is published at once, version 0
// becomes a draft. Errors: a *loyalty.FieldError; what render returns; as of Once.
func (s *Store) CreateProgram(ctx context.Context, r loyalty.Answer, p loyalty.Program, now time.Time, render RenderProgram) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.createProgram(&p, now); err != nil {
			return loyalty.Answer{}, err
		}
		return render(&p)
	})
}

// CreateFromTemplate is CreateProgram, but that the program goes without its key where
// another one of the merchant has it.
func (s *Store) CreateFromTemplate(ctx context.Context, r loyalty.Answer, p loyalty.Program, now time.Time, render RenderProgram) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		made := p // it may be called again after a rollback
		taken := &loyalty.FieldError{}
		if err := tx.checkKey(&made); errors.As(err, &taken) {
			made.Key = ""
		} else if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.createProgram(&made, now); err != nil {
			return loyalty.Answer{}, err
		}
		return render(&made)
	})
}

func (tx *Tx) createProgram(p *loyalty.Program, now time.Time) error {
	if err := tx.checkKey(p); err != nil {
		return err
	}
	if p.Version > 0 {
		return tx.InsertProgram(*p, now)
	}
	if err := rules.Check(&p.Rules); err != nil {
		return err
	}
	if err := tx.create(&programRow{ID: uid(p.ID), MerchantID: uid(p.Merchant), CreatedAt: micros(now)}); err != nil {
		return err
	}
	return tx.putDraft(&loyalty.Draft{
		Program: p.ID, Merchant: p.Merchant, Revision: max(1, micros(now)), Saved: now, Rules: p.Rules,
	})
}

// Publish makes a program's draft its current version, from the next command on
// and in every process. With a revision other than 0 it publishes only that one.
//
// Errors: loyalty.ErrNotFound for no such program; a *loyalty.Refusal with
// loyalty.DraftNotFound, ProgramChanged (another revision) or ProgramEnded (it
// is archived); a *loyalty.FieldError; what render returns; as of Once.
func (s *Store) Publish(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ProgramID, revision int64, now time.Time, render RenderProgram) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		d, err := tx.lockDraft(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if revision != 0 && revision != d.Revision {
			return loyalty.Answer{}, programChanged()
		}
		p := loyalty.Program{ID: id, Merchant: m, Version: d.BasedOn + 1, Rules: d.Rules}
		if err := tx.publish(&p, now); err != nil {
			return loyalty.Answer{}, err
		}
		return render(&p)
	})
}

// publish makes a checked draft of a locked program its current version.
func (tx *Tx) publish(p *loyalty.Program, now time.Time) error {
	if p.Version > 1 {
		current, err := tx.Program(p.Merchant, p.ID)
		if err != nil {
			return err
		}
		if current.Archived {
			return &loyalty.Refusal{
				Code:    loyalty.ProgramEnded,
				Message: "This program is archived. Restore it before you publish a new version.",
			}
		}
	}
	if err := tx.checkNext(p); err != nil {
		return err
	}
	if err := tx.succeed(p, now); err != nil {
		return err
	}
	return tx.dropDraft(p.ID)
}

// Archive ends a program, or takes that back: a version of its own with the same
// rules otherwise, so that every process knows with the next command. A program
// that is so already stays as it is. Errors: loyalty.ErrNotFound, also where no
// version was published; what render returns; as of Once.
func (s *Store) Archive(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ProgramID, archived bool, now time.Time, render RenderProgram) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := tx.lockProgram(m, id); err != nil {
			return loyalty.Answer{}, err
		}
		p, err := tx.Program(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if p.Archived != archived {
			p.Version++
			p.Archived = archived
			if err := tx.succeed(p, now); err != nil {
				return loyalty.Answer{}, err
			}
		}
		return render(p)
	})
}
