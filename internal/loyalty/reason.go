package loyalty

import "crypto/sha256"

// Reason is one line of the answer to "why did I get 7?". The units of all reasons
// of an earn add up to its own.
type Reason struct {
	Rule  string    `json:"rule,omitempty"` // the name of a bonus or tier
	Units int64     `json:"units"`          // less than 0 where a cap or tier took some away
	Why   ReasonWhy `json:"why"`
	Says  string    `json:"says,omitempty"` // of RuleFailed: what went wrong
}

// ReasonWhy is the kind of a Reason.
type ReasonWhy string

// The kinds of reasons, in the order in which they count.
const (
	BaseRate    ReasonWhy = "base"         // the base rate
	BonusRule   ReasonWhy = "bonus"        // a bonus applied
	RuleFailed  ReasonWhy = "failed"       // a bonus did not apply, as its condition has no answer
	TierRate    ReasonWhy = "tier"         // the card's tier multiplies
	PurchaseCap ReasonWhy = "purchase_cap" // cut to the most that one purchase gives
	MonthlyCap  ReasonWhy = "monthly_cap"  // cut to what the month has left
	DailyCap    ReasonWhy = "daily_cap"    // cut to what the day has left
)

// usualReasons is how many there are for most earns: the base, and a bonus or two.
const usualReasons = 3

// explain adds a reason, where the program is worth it.
func (d *deciding) explain(r Reason) {
	if d.rules.explains() {
		if d.out.Why == nil {
			d.out.Why = make([]Reason, 0, usualReasons)
		}
		d.out.Why = append(d.out.Why, r)
	}
}

// earnDetail is what an earn commits to: the purchase, as far as the program keeps
// it, and why it gave what it gave.
type earnDetail struct {
	*Purchase
	Why []Reason `json:"why,omitempty"`
}

// keepEarn lets an earn commit to its detail. There is none where the base rate alone
// gave something without a purchase, which needs no explanation.
func (d *deciding) keepEarn(e *Entry, p *Purchase) {
	if p == nil {
		if len(d.out.Why) > 1 {
			e.Explained = string(append(d.cmd.Salt[:], written(earnDetail{Why: d.out.Why})...))
			e.Commitment = sha256.Sum256([]byte(e.Explained))
		}
		return
	}
	if d.rules.Earn.ForgetItems {
		bare := *p
		bare.Items = nil
		p = &bare
	}
	e.Commitment = d.keep(earnDetail{p, d.out.Why})
}
