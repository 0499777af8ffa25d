package loyalty

import "time"

// Simulation is an earn that is only tried out.
type Simulation struct {
	State    State     // of the card; its program decides. Nothing in it changes
	Earn     Earning   // what it would earn on
	At       time.Time // when
	Location LocationID
	Zone     *time.Location // of the location; nil: UTC
}

// HypotheticalCard is a card of a program that does not exist, as it would be at a
// moment: it has those units, the last of which came in just now, and has earned on
// so many visits. Zone is where its day and month are.
func HypotheticalCard(p *Program, balance, lifetime, visits, today, thisMonth int64, at time.Time, zone *time.Location) Card {
	card := NewCard(CardID{}, p, at)
	card.Balance, card.Lifetime, card.Visits, card.ActiveAt = balance, max(lifetime, balance), visits, at
	card.Day = day(at, zone)
	card.Month = card.Day / 100
	card.DayUnits, card.MonthUnits = today, max(thisMonth, today)
	return card
}

// Decide says what the earn would do, by the same rules and in the same words as
// at a till, for a live code that nobody has used, a purchase that nobody has
// credited, and with every approval. Errors: those of Decide.
func (s *Simulation) Decide(newID func() [16]byte) (*Decision, error) {
	till := Till{ID: newID(), Merchant: s.State.Card.Merchant, Location: s.Location, Zone: s.Zone}
	facts := &Facts{
		Cards: map[CardID]*State{s.State.Card.ID: &s.State},
		Tills: map[TillID]Till{till.ID: till},
	}
	return Decide(facts, &Command{
		Merchant: s.State.Card.Merchant, Card: s.State.Card.ID, Do: s.Earn, Till: till.ID, Location: s.Location,
		Role: Owner, Scan: Scanned{Method: Live}, Captured: s.At,
	}, s.At, newID)
}
