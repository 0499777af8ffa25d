package loyalty

import (
	"errors"
	"time"
)

// EarnTerms are what earning on a presentation takes, so that a till knows before
// somebody presses. They hold at one moment, for any number of units that may earn at
// all, and do not know of a merchant's Limits.
type EarnTerms struct {
	Allowed   bool
	Needs     Role     // whose PIN; NoRole where nothing is Allowed
	Why       *Refusal // where it takes a PIN, what without it; where it is not Allowed, what with any
	LeftToday int64    // units under the program's daily cap; −1: it has none
}

// TermsOfEarning are those of a scan by a till, on a card that is not
// merged and a presentation that CheckLook passes.
// They are found by asking Decide's own rules, first without a PIN.
func TermsOfEarning(s *State, till Till, c Command, now time.Time) EarnTerms {
	c.Do, c.Card = Earning{}, s.Card.ID
	d := &deciding{
		facts: &Facts{Tills: map[TillID]Till{till.ID: till}}, cmd: &c, now: now, rules: &s.Program.Rules, state: s,
	}
	d.out.Card, d.out.Program = s.Card, s.Program
	d.card = &d.out.Card
	terms := EarnTerms{LeftToday: -1}
	if d.rules.Earn.DailyCap > 0 {
		terms.LeftToday = max(0, d.rules.Earn.DailyCap-d.earnedToday())
	}
	for c.Role = NoRole; c.Role <= Manager; c.Role++ {
		refusal := d.refusesToEarn()
		if refusal == nil {
			terms.Allowed, terms.Needs = true, c.Role
			return terms
		}
		if c.Role == NoRole || c.Role == Manager {
			terms.Why = refusal
		}
	}
	return terms
}

// refusesToEarn is why a card cannot earn even one unit under the command's PIN; nil
// where it can.
func (d *deciding) refusesToEarn() *Refusal {
	err := d.checkBlocked()
	if err == nil {
		err = d.checkNonce()
	}
	if err == nil {
		err = d.mayEarn()
	}
	if err == nil {
		_, err = d.capped(1, 1, Earning{})
	}
	var refusal *Refusal
	errors.As(err, &refusal) // rules give no other errors
	return refusal
}
