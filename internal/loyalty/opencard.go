package loyalty

import "time"

// OpenCard enrols: a new card of a program, with its welcome units if the
// program gives any. Only Merchant, Card, Request and BodyHash of the command
// matter, and what it does is OpenCard's own business.
// Errors: program_ended; program_not_found for another merchant's program.
func OpenCard(p *Program, c Command, now time.Time, newID func() [16]byte) (*Decision, error) {
	if err := p.enrols(c.Merchant, now); err != nil {
		return nil, err
	}
	card := NewCard(c.Card, p, now)
	if p.Welcome == 0 {
		return &Decision{Card: card, Program: p}, nil
	}
	c = Command{
		Merchant: c.Merchant, Card: c.Card, Do: OpeningBalance{Units: p.Welcome}, Captured: now,
		Request: c.Request, BodyHash: c.BodyHash,
	}
	facts := Facts{Cards: map[CardID]*State{c.Card: {Program: p, Card: card}}}
	return Decide(&facts, &c, now, newID)
}

// enrols refuses unless the program gives out cards to that merchant's customers.
func (p *Program) enrols(m MerchantID, now time.Time) error {
	if p.Merchant != m {
		return refuse(ProgramNotFound, "There is no such program.")
	}
	if p.over(now) {
		return refuse(ProgramEnded, "This program has ended: it gives out no more cards.")
	}
	return nil
}
