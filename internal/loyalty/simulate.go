package loyalty

import "time"

// Simulation is an earn or a grant that is only tried out.
type Simulation struct {
	State    State     // of the card; its program decides. Nothing in it changes
	Do       Action    // an Earning or a Granting
	At       time.Time // when
	Location LocationID
	Zone     *time.Location // of the location; nil: UTC
}

// Decide says what would be done, by the same rules and in the same words as at a
// till, for a live code that nobody has used, a purchase that nobody has credited, and
// with every approval. Errors: those of Decide.
func (s *Simulation) Decide(newID func() [16]byte) (*Decision, error) {
	till := Till{ID: newID(), Merchant: s.State.Card.Merchant, Location: s.Location, Zone: s.Zone}
	facts := &Facts{
		Cards: map[CardID]*State{s.State.Card.ID: &s.State},
		Tills: map[TillID]Till{till.ID: till},
	}
	return Decide(facts, &Command{
		Merchant: s.State.Card.Merchant, Card: s.State.Card.ID, Do: s.Do, Till: till.ID, Location: s.Location,
		Role: Owner, Scan: Scanned{Method: Live}, Captured: s.At,
	}, s.At, newID)
}

// Source is what gives the percentage of a grant that was decided: a step of the
// discount, a tier, or both. nil for what does not.
func (s *Simulation) Source(grant *Entry) (step *DiscountStep, tier *Tier) {
	r := &s.State.Program.Rules
	counts, rate := s.State.Card.Counts, grant.Counted.Rate
	standing := r.standing(counts, grant.Counted.Month, counts.Zone())
	for i := range r.Discount.Steps {
		if of := &r.Discount.Steps[i]; of.From <= standing.Spend && of.Rate == rate {
			step = of
		}
	}
	if level := standing.Tier.Level; level != nil && level.Rate == rate && rate > 0 {
		tier = level
	}
	return step, tier
}
