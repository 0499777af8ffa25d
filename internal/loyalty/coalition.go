package loyalty

import (
	"fmt"
	"time"
)

// CoalitionRule makes a program one whose cards partners honour, and says what its
// points are worth between them: each partner pays for what its tills issue, and is
// paid for what they redeem, and for what gift cards pay there.
type CoalitionRule struct {
	Units    int64  `json:"units"`          // so many points …
	Value    int64  `json:"value"`          // … are worth so many minor units
	Currency string `json:"currency"`       // ISO 4217
	Zone     string `json:"zone,omitempty"` // IANA time zone of the months; empty: UTC
}

// check names what is wrong by its field.
func (r *CoalitionRule) check() error {
	bad := func(field, problem string) error {
		return &FieldError{Field: "coalition." + field, Problem: problem}
	}
	switch {
	case r.Units <= 0 || r.Units > MaxUnits:
		return bad("units", "must be positive")
	case r.Value <= 0 || r.Value > MaxAmount:
		return bad("value", "must be positive minor units")
	case !isCurrency(r.Currency):
		return bad("currency", "must be an ISO 4217 code")
	}
	if _, err := time.LoadLocation(r.Zone); err != nil || r.Zone == "Local" {
		return bad("zone", "must be the name of an IANA time zone, as Europe/Warsaw")
	}
	return nil
}

// checkShared holds that partners can settle what gift cards pay: in the money that
// they settle in.
func (r *Rules) checkShared() error {
	for i := range r.Rewards {
		if reward := &r.Rewards[i]; reward.Kind == GiftCard && reward.Currency != r.Coalition.Currency {
			return &FieldError{
				Field:   fmt.Sprintf("rewards[%d].currency", i),
				Problem: "must be " + r.Coalition.Currency + ", in which the partners of coalition settle: a gift card is bought at one and spent at another",
			}
		}
	}
	return nil
}

// checkNext holds what must not change under partners: that there is a rule at all,
// the currency, since nobody could add up a month of two, and the zone, since an
// entry would fall into two months, or none.
func (r *CoalitionRule) checkNext(next *CoalitionRule) error {
	switch {
	case r == nil:
		return nil
	case next == nil:
		return &FieldError{Field: "coalition", Problem: "stays, for what was issued has to be settled: end the partnerships instead"}
	case next.Currency != r.Currency:
		return &FieldError{Field: "coalition.currency", Problem: "is " + r.Currency + " and stays so: make another program"}
	case next.Zone != r.Zone:
		return &FieldError{Field: "coalition.zone", Problem: "stays as it is, or months would overlap: make another program"}
	}
	return nil
}

// MonthOf is the calendar month of a moment in the rule's zone, as Month reads it.
func (r *CoalitionRule) MonthOf(at time.Time) string { return at.In(r.zone()).Format(monthForm) }

// Month is the calendar month of a text, as 2026-11, in the rule's zone: from its
// first moment to before that of the next. Errors: a *FieldError.
func (r *CoalitionRule) Month(text string) (from, to time.Time, err error) {
	first, err := time.Parse(monthForm, text)
	if err != nil || first.Year() < 2000 || first.Year() > 9998 {
		return from, to, &FieldError{Field: "month", Problem: "must be a month, as 2026-11"}
	}
	before := first.AddDate(0, -1, 0)
	return monthAfter(date(before)/100, r.zone()), monthAfter(date(first)/100, r.zone()), nil
}

const monthForm = "2006-01"

// zone is where months begin. It expects a rule that passes check.
func (r *CoalitionRule) zone() *time.Location {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}
