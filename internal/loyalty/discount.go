package loyalty

import (
	"fmt"
	"time"
)

// DiscountRule is the standing discount of a discount program: the more was spent,
// the higher the percentage.
type DiscountRule struct {
	Window
	Currency string         `json:"currency,omitempty"` // ISO 4217, of spend
	Rounding Rounding       `json:"rounding,omitempty"` // of the discount, to minor units
	Steps    []DiscountStep `json:"steps,omitempty"`    // rising; below the first there is none
}

// DiscountStep is a percentage and what has to be spent for it.
type DiscountStep struct {
	From int64 `json:"from"` // minor units spent
	Rate int64 `json:"rate"` // basis points: 1000 is 10 %
}

// Bounds of percentages and tables.
const (
	MaxRate          = 10_000 // basis points: all of it
	MaxDiscountSteps = 50
)

// discounts reports whether the program can take something off a purchase.
func (r *Rules) discounts() bool {
	return r.Kind == Discount || r.tierDiscounts()
}

// DiscountsIn is the currency of the purchases that the program takes something off;
// "": it gives no discount.
func (r *Rules) DiscountsIn() string {
	if !r.discounts() {
		return ""
	}
	return r.paysIn()
}

// counts reports whether a card's standing follows from what came in by month.
func (r *Rules) counts() bool { return r.Kind == Discount || len(r.Tiers.Levels) > 0 }

// spendIn is the currency that spend is counted in for a standing; "": it is not.
func (r *Rules) spendIn() string {
	switch {
	case r.Kind == Discount:
		return r.Discount.Currency
	case r.Tiers.By == TierBySpend:
		return r.Tiers.Currency
	}
	return ""
}

// paysIn is the currency of the purchases that the program knows; "": it looks at
// none.
func (r *Rules) paysIn() string {
	if in := r.spendIn(); in != "" {
		return in
	}
	return r.Earn.Currency
}

// offRounding is how a discount is rounded.
func (r *Rules) offRounding() Rounding {
	if r.Kind == Discount {
		return r.Discount.Rounding
	}
	return r.Tiers.Rounding
}

// Standing is what a card has come to at some moment.
type Standing struct {
	Rate int64 // basis points off a purchase now: of its step or tier, whichever is more
	Tier Stand // the zero Stand for none

	Currency string // of a discount program, as are the following
	Spend    int64  // what counts for its steps
	Next     DiscountStep
	Missing  int64 // minor units to Next; 0 where there is none
}

// Standing is what a card has come to at now, by the calendar of the place where
// something last came in.
func (c *Card) Standing(p *Program, now time.Time) Standing {
	if !p.counts() {
		return Standing{}
	}
	zone := c.Counts.Zone()
	return p.standing(c.Counts, monthOf(now, zone), zone)
}

func (r *Rules) standing(counts Counts, now Month, zone *time.Location) Standing {
	list := counts.Months()
	s := Standing{Tier: r.Tiers.stand(list, now, zone)}
	if s.Tier.Level != nil {
		s.Rate = s.Tier.Level.Rate
	}
	if r.Kind == Discount {
		s.Currency = r.Discount.Currency
		s.Spend = between(list, r.Discount.first(now), now).Spend
		for _, step := range r.Discount.Steps {
			if s.Spend < step.From {
				s.Next, s.Missing = step, step.From-s.Spend
				break
			}
			s.Rate = max(s.Rate, step.Rate)
		}
	}
	return s
}

// checkDiscount is Rules.Check for a discount program, and that no other has a
// discount.
func (r *Rules) checkDiscount() error {
	bad := func(field, problem string) error { return &FieldError{Field: field, Problem: problem} }
	d, e := &r.Discount, &r.Earn
	if r.Kind != Discount {
		if d.Over != "" || d.Months != 0 || d.Currency != "" || d.Rounding != "" || len(d.Steps) > 0 {
			return bad("discount", "is only for discount programs")
		}
		return nil
	}
	switch {
	case e.By != "" || e.PerVisit != 0 || e.Units != 0 || e.Per != 0 || e.Currency != "" || e.Rounding != "" || e.Minimum != 0 ||
		e.Cooldown != 0 || e.StaticCooldown != 0 || e.DailyCap != 0 || e.PerScan != 0 || e.Override:
		return bad("earn", "may have nothing but handle_seconds: a discount card earns no units")
	case e.HandleLife < 0 || e.HandleLife > maxHandleLife:
		return bad("earn.handle_seconds", "must be at most a day")
	case r.Welcome != 0:
		return bad("welcome", "is for units, which a discount card does not have")
	case r.UnitsLast != 0:
		return bad("units_last_days", "is for units, which a discount card does not have")
	case r.AllowNegative:
		return bad("allow_negative", "is only for points")
	}
	return joined(d.checkTerms(), d.checkSteps(r.tierDiscounts()))
}

// checkTerms holds what the percentages are of.
func (d *DiscountRule) checkTerms() error {
	bad := func(field, problem string) error { return &FieldError{Field: "discount." + field, Problem: problem} }
	if field, problem := d.check(); problem != "" {
		return bad(field, problem)
	}
	switch {
	case d.Over == Yearly || d.Over == Quarter || d.Over == Monthly:
		return bad("over", "must be lifetime or months: let tiers go by the calendar's year")
	case !isCurrency(d.Currency):
		return bad("currency", "must be an ISO 4217 code")
	case !d.Rounding.known():
		return bad("rounding", "must be down, half_up or up")
	}
	return nil
}

// checkSteps holds that the table of percentages rises, and that there is one unless
// tiers give a discount.
func (d *DiscountRule) checkSteps(tiers bool) error {
	bad := func(field, problem string) error { return &FieldError{Field: field, Problem: problem} }
	switch {
	case len(d.Steps) > MaxDiscountSteps:
		return bad("discount.steps", "are more than 50")
	case len(d.Steps) == 0 && !tiers:
		return bad("discount.steps", "are missing: neither they nor a tier give a discount")
	}
	var wrong []error
	last := DiscountStep{From: -1}
	for i, step := range d.Steps {
		field := fmt.Sprintf("discount.steps[%d].", i)
		switch {
		case step.From < 0 || step.From > MaxAmount:
			wrong = append(wrong, bad(field+"from", "is out of range"))
		case step.From <= last.From:
			wrong = append(wrong, bad(field+"from", fmt.Sprintf("must be more than that of the step before, %d: it is %d", last.From, step.From)))
		case step.Rate < 1 || step.Rate > MaxRate:
			wrong = append(wrong, bad(field+"rate", "must lie between 1 and 10000 hundredths of a percent"))
		case step.Rate <= last.Rate:
			wrong = append(wrong, bad(field+"rate", fmt.Sprintf("must be more than that of the step before, %d: it is %d", last.Rate, step.Rate)))
		}
		last = step
	}
	return joined(wrong...)
}

func (r *Rules) tierDiscounts() bool {
	for i := range r.Tiers.Levels {
		if r.Tiers.Levels[i].Rate > 0 {
			return true
		}
	}
	return false
}

func (r Rounding) known() bool { return r == Down || r == HalfUp || r == Up }

// StandsUntil is the first moment after now when the card's standing is another one
// although nothing has come in; zero: that never happens.
func (c *Card) StandsUntil(p *Program, now time.Time) time.Time {
	if !p.counts() || c.Counts == "" {
		return time.Time{}
	}
	zone := c.Counts.Zone()
	month := monthOf(now, zone)
	stands := p.standing(c.Counts, month, zone)
	ends := stands.Tier.Ends(now)
	for m := month + 1; m <= month+mostMonths+MaxMonths; m++ {
		next, begins := p.standing(c.Counts, m, zone), m.Begins(zone)
		if !next.looksLike(&stands) || !next.Tier.Ends(begins).Equal(ends) {
			return begins
		}
	}
	return time.Time{}
}

// looksLike reports whether two standings differ in nothing that a card shows, but for
// when the tier ends.
func (s *Standing) looksLike(other *Standing) bool {
	return s.Rate == other.Rate && s.Spend == other.Spend && s.Missing == other.Missing && s.Tier.Level == other.Tier.Level
}
