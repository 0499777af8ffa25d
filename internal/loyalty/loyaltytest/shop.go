package loyaltytest

import (
	"errors"
	"fmt"
	"time"

	"stempel/internal/loyalty"
)

// Shop is one card at the counter of one till.
type Shop struct {
	Book   *Book
	CardID loyalty.CardID
	Till   loyalty.Till
	Now    time.Time

	t        TB
	commands int
}

// Open opens a shop for a program and one card of it. Its limited rewards have
// a stock of three. When the test ends, the ledger must still prove itself.
func Open(t TB, p *loyalty.Program, changes ...func(*loyalty.Card)) *Shop {
	t.Helper()
	card, till := Card(p, "anna", changes...), Till(t, "front")
	book := NewBook()
	book.Programs[p.ID] = p
	book.Cards[card.ID] = card
	book.Tills[till.ID] = till
	for _, reward := range p.Rewards {
		if reward.Limited {
			book.Stock[reward.ID] = 3
		}
	}
	t.Cleanup(func() {
		if err := book.Verify(); err != nil {
			t.Fatalf("at closing time: %v", err)
		}
	})
	return &Shop{Book: book, CardID: card.ID, Till: till, Now: Now, t: t}
}

// Command asks for an action now, at the shop's till, with a fresh live code.
func (s *Shop) Command(do loyalty.Action, changes ...func(*loyalty.Command)) *loyalty.Command {
	s.commands++
	return Command(fmt.Sprint("shop ", s.commands), s.CardID, s.Till, s.Now, do, changes...)
}

// Do does it and fails the test when it is refused.
func (s *Shop) Do(do loyalty.Action, changes ...func(*loyalty.Command)) *loyalty.Decision {
	s.t.Helper()
	decision, err := s.Post(s.Command(do, changes...))
	if err != nil {
		s.t.Fatalf("%T: %v", do, err)
	}
	return decision
}

// Entry does it and returns the entry that was asked for.
func (s *Shop) Entry(do loyalty.Action, changes ...func(*loyalty.Command)) *loyalty.Entry {
	s.t.Helper()
	c := s.Command(do, changes...)
	decision, err := s.Post(c)
	if err != nil {
		s.t.Fatalf("%T: %v", do, err)
	}
	entry := decision.Primary(c.Kind())
	if entry == nil {
		s.t.Fatalf("%T: no entry of kind %s was posted", do, c.Kind())
	}
	return entry
}

// Refused asks for it and fails the test unless it is refused with that code.
func (s *Shop) Refused(code loyalty.Code, do loyalty.Action, changes ...func(*loyalty.Command)) *loyalty.Refusal {
	s.t.Helper()
	_, err := s.Post(s.Command(do, changes...))
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != code {
		s.t.Fatalf("%T %+v: got %v, want %s", do, do, err, code)
	}
	return refusal
}

// Post posts one command as a batch of its own.
func (s *Shop) Post(c *loyalty.Command) (*loyalty.Decision, error) {
	s.t.Helper()
	results, err := s.Book.Post([]*loyalty.Command{c}, s.Now)
	if err != nil {
		s.t.Fatalf("%T: %v", c.Do, err)
	}
	return results[0].Decision, results[0].Err
}

// After lets time pass.
func (s *Shop) After(d time.Duration) { s.Now = s.Now.Add(d) }

// Pair adds a till and returns what makes a command come from it.
func (s *Shop) Pair(till loyalty.Till) func(*loyalty.Command) {
	s.Book.Tills[till.ID] = till
	return func(c *loyalty.Command) { c.Till, c.Location = till.ID, till.Location }
}

// Publish makes the next version of the program current.
func (s *Shop) Publish(changes ...func(*loyalty.Rules)) {
	s.t.Helper()
	p := Next(s.t, s.Program(), changes...)
	s.Book.Programs[p.ID] = p
}

// Program is the current version.
func (s *Shop) Program() *loyalty.Program { return s.Book.Programs[s.Card().Program] }

// Card is the card as it stands.
func (s *Shop) Card() loyalty.Card { return s.Book.Cards[s.CardID] }

// Change changes the card behind Decide's back, to begin somewhere else.
func (s *Shop) Change(change func(*loyalty.Card)) {
	card := s.Card()
	change(&card)
	s.Book.Cards[s.CardID] = card
}

// Entries are the card's ledger.
func (s *Shop) Entries() []loyalty.Entry { return s.Book.Entries[s.CardID] }

// Vouchers are all of the card's vouchers, as they were issued.
func (s *Shop) Vouchers() []loyalty.Voucher { return s.Book.Vouchers[s.CardID] }

// Lots are all of the card's lots, as they came in.
func (s *Shop) Lots() []loyalty.Lot { return s.Book.Lots[s.CardID] }
