package store

import (
	"context"
	"errors"

	"stempel/internal/loyalty"
)

// Once runs f in a transaction, unless the request that r names was answered
// before: then that answer comes back, Replayed. f's answer is stored with what
// f wrote. f may run again after a rollback.
//
// r holds Request, BodyHash and Expires. With a zero Request there is nothing to
// remember, only the transaction; an answer whose Body is nil is not stored. Of a
// Secret one only that it was given is stored: asking again is refused.
//
// Of two at the same time the second waits, or fails on what the first has done
// (a conflict, or f's own refusal), and then reads the answer of the first.
//
// Errors: what f returns; a *loyalty.Refusal with loyalty.KeyReused when the
// same request came with another body, and with loyalty.NotRepeatable when its
// answer was a Secret; as of Post.
func (s *Store) Once(ctx context.Context, r loyalty.Answer, f func(*Tx) (loyalty.Answer, error)) (loyalty.Answer, error) {
	answer, err := s.once(ctx, r, f)
	if err == nil || r.Request == (loyalty.RequestID{}) ||
		errors.Is(err, loyalty.ErrUnavailable) || errors.Is(err, loyalty.ErrOutcomeUnknown) {
		return answer, err
	}
	if before, found, readErr := s.answered(ctx, r); found {
		return before, readErr
	}
	return answer, err
}

func (s *Store) once(ctx context.Context, r loyalty.Answer, f func(*Tx) (loyalty.Answer, error)) (answer loyalty.Answer, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) (err error) {
			named := r.Request != (loyalty.RequestID{})
			if named {
				var found bool
				if answer, found, err = tx.answered(r); err != nil || found {
					return err
				}
			}
			if answer, err = f(tx); err != nil {
				return err
			}
			answer.Request, answer.BodyHash, answer.Expires = r.Request, r.BodyHash, r.Expires
			if !named || answer.Body == nil {
				return nil
			}
			kept := answer
			if kept.Secret {
				kept.Body = []byte{}
			}
			return insert(tx, insertAnswers, []loyalty.Answer{kept}, putAnswer)
		})
	})
	if err != nil {
		return loyalty.Answer{}, err
	}
	return answer, nil
}

// answered looks for the answer of a request that lost a race.
func (s *Store) answered(ctx context.Context, r loyalty.Answer) (answer loyalty.Answer, found bool, err error) {
	before, err := s.Answer(ctx, r.Request)
	if errors.Is(err, loyalty.ErrNotFound) {
		return loyalty.Answer{}, false, nil
	}
	if err != nil {
		return loyalty.Answer{}, false, err
	}
	return repeat(before, r)
}

// Answer is what a request was answered. Errors: loyalty.ErrNotFound.
func (s *Store) Answer(ctx context.Context, id loyalty.RequestID) (loyalty.Answer, error) {
	facts, err := s.facts(ctx, &loyalty.Keys{Requests: []loyalty.RequestID{id}})
	if err != nil {
		return loyalty.Answer{}, err
	}
	answer, found := facts.Answers[id]
	if !found {
		return loyalty.Answer{}, loyalty.ErrNotFound
	}
	return answer, nil
}

func (tx *Tx) answered(r loyalty.Answer) (answer loyalty.Answer, found bool, err error) {
	before, err := first(tx.db.Table("requests AS r").Select(selected("r", answerColumns)).
		Where("r.id = ?", r.Request[:]), getAnswer)
	if errors.Is(err, loyalty.ErrNotFound) {
		return loyalty.Answer{}, false, nil
	}
	if err != nil {
		return loyalty.Answer{}, false, err
	}
	return repeat(before, r)
}

// unanswered fails where a request was answered while this transaction waited for
// a lock: with loyalty.ErrConflict, on which Once answers as the first time, or as
// the answer itself is refused.
func (tx *Tx) unanswered(r loyalty.Answer) error {
	if r.Request == (loyalty.RequestID{}) {
		return nil
	}
	_, found, err := tx.answered(r)
	if err == nil && found {
		err = loyalty.ErrConflict
	}
	return err
}

func repeat(before, r loyalty.Answer) (answer loyalty.Answer, found bool, err error) {
	if err := before.CheckBody(r.BodyHash); err != nil {
		return loyalty.Answer{}, true, err
	}
	if err := before.CheckKept(); err != nil {
		return loyalty.Answer{}, true, err
	}
	before.Replayed = true
	return before, true, nil
}
