package loyalty

import "time"

// Condition is a Bonus.When that was compiled. It is pure, and may be asked by many
// at once.
type Condition interface {
	// Holds says whether the bonus applies. An error is a sentence on why that
	// cannot be told, such as a division by zero: then it does not apply.
	Holds(*Circumstances) (bool, error)
	// ReadsLines reports whether it looks at the lines of the purchase.
	ReadsLines() bool
}

// Circumstances are all that a Condition may look at.
type Circumstances struct {
	Purchase *Purchase // nil where the till told none
	Base     int64     // units that the base rate gives
	Card     *Card     // before the earn
	Tier     string    // that the card is in by then; empty: none
	Labels   Labels    // of the card's holder
	Location LocationID
	At       time.Time // what counts as now, in the zone of the location
}

// Compiled are the conditions of a program's bonuses, in their order; nil for a
// bonus that always applies.
type Compiled []Condition

// condition is that of a bonus. A program with conditions that were not compiled
// must not reach Decide.
func (p *Program) condition(i int) Condition {
	if p.Earn.Bonuses[i].When == "" {
		return nil
	}
	if i >= len(p.Conditions) || p.Conditions[i] == nil {
		panic("loyalty: the conditions of a program were not compiled")
	}
	return p.Conditions[i]
}

// readsLines reports whether what a purchase earns depends on its lines.
func (p *Program) readsLines() bool {
	if !p.Earn.Exclude.isEmpty() {
		return true
	}
	for i := range p.Earn.Bonuses {
		c := p.condition(i)
		if p.Earn.Bonuses[i].Lines.Units != 0 || c != nil && c.ReadsLines() {
			return true
		}
	}
	return false
}
