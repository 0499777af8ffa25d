package store

import (
	"context"

	"stempel/internal/loyalty"
)

// OpenCard stores a new card of a program. open gets the program's current
// version and returns the decision and its answer, which is remembered for c's
// Request, from c's Captured on; it may be called again after a rollback.
//
// Errors: loyalty.ErrNotFound for a program that is not c's Merchant's; a
// *loyalty.Refusal with loyalty.NotEligible for one that is not for everybody; what
// open returns; as of Once.
func (s *Store) OpenCard(ctx context.Context, c loyalty.Command, program loyalty.ProgramID, open func(*loyalty.Program) (*loyalty.Decision, loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, requestOf(c), func(tx *Tx) (loyalty.Answer, error) {
		return tx.openCard(c, program, loyalty.MemberID{}, open)
	})
}

// requestOf is what the answer to a command that opens a card is kept by.
func requestOf(c loyalty.Command) loyalty.Answer {
	return loyalty.Answer{Request: c.Request, BodyHash: c.BodyHash, Expires: c.Captured.Add(loyalty.AnswerLife)}
}

func (tx *Tx) openCard(c loyalty.Command, program loyalty.ProgramID, member loyalty.MemberID, open func(*loyalty.Program) (*loyalty.Decision, loyalty.Answer, error)) (loyalty.Answer, error) {
	p, err := tx.Program(c.Merchant, program)
	if err != nil {
		return loyalty.Answer{}, err
	}
	belongs, err := tx.opensFor(c.Merchant, member)
	if err == nil {
		err = p.Only.CheckMember(&belongs, c.Captured)
	}
	if err != nil {
		return loyalty.Answer{}, err
	}
	d, answer, err := open(p)
	if err != nil {
		return loyalty.Answer{}, err
	}
	if err := tx.InsertCard(d.Card); err != nil {
		return loyalty.Answer{}, err
	}
	var w loyalty.Writes
	w.Add(d)
	w.Cards = nil // it was stored as it is after its entries
	answer.Card = d.Card.ID
	return answer, tx.Write(w)
}
