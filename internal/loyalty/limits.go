package loyalty

import (
	"fmt"
	"time"
)

// Limits are how often a merchant's cards, tills and staff may earn, redeem and take
// discounts at tills before a manager is asked. Zero is no limit.
type Limits struct {
	CardEarnsPerHour     int64
	TillActionsPerMinute int64 // actions are earns, redemptions and discounts
	TillActionsPerHour   int64
	StaffActionsPerHour  int64 // of whose shift it is, or whose PIN approves; nobody's are not counted
}

// MostOfLimit is the highest limit: a guard remembers so many actions.
const MostOfLimit = 10_000

// Check holds that every limit is in range. Errors: a *FieldError.
func (l *Limits) Check() error {
	for _, limit := range []struct {
		field string
		most  int64
	}{
		{"card_earns_per_hour", l.CardEarnsPerHour},
		{"till_actions_per_minute", l.TillActionsPerMinute},
		{"till_actions_per_hour", l.TillActionsPerHour},
		{"staff_actions_per_hour", l.StaffActionsPerHour},
	} {
		if limit.most < 0 || limit.most > MostOfLimit {
			return &FieldError{Field: limit.field, Problem: fmt.Sprintf("must be a whole number from 1 to %d; leave it out for no limit", MostOfLimit)}
		}
	}
	return nil
}

// Limit is something that a manager's PIN lifts. The numbers stand in the database,
// as bits of a Lifted.
type Limit uint8

// The limits: those of Limits, which a guard counts, and those of a program.
const (
	CardPerHour   Limit = 0
	TillPerMinute Limit = 1
	TillPerHour   Limit = 2
	StaffPerHour  Limit = 3
	LimitCooldown Limit = 4 // EarnRule.Cooldown and its like
	LimitPerScan  Limit = 5 // EarnRule.PerScan
	LimitOldCode  Limit = 6 // redeeming with a wallet's code of before the last redemption
)

var limitNames = [...]string{
	CardPerHour: "card_earns_per_hour", TillPerMinute: "till_actions_per_minute", TillPerHour: "till_actions_per_hour",
	StaffPerHour: "staff_actions_per_hour", LimitCooldown: "cooldown", LimitPerScan: "per_scan", LimitOldCode: "old_code",
}

func (l Limit) String() string { return nameOf(limitNames[:], l) }

// Lifted is a set of limits: bit 1<<limit for each.
type Lifted uint8

// AllLimits is the set of all there are.
const AllLimits = Lifted(1<<len(limitNames) - 1)

// With is the set with one more.
func (s Lifted) With(l Limit) Lifted { return s | 1<<l }

// Has reports whether a limit is in the set.
func (s Lifted) Has(l Limit) bool { return s&(1<<l) != 0 }

// List are the set's limits, in the order of their numbers.
func (s Lifted) List() []Limit {
	var list []Limit
	for number := range limitNames {
		if l := Limit(number); s.Has(l) {
			list = append(list, l)
		}
	}
	return list
}

// Count is one action against one limit.
type Count struct {
	Limit  Limit
	Of     [16]byte // the card, till or person
	Most   int64    // within Window
	Window time.Duration
}

// Paced is an action that counts against limits: against all of them, or, where one
// is reached, against none.
type Paced struct {
	Merchant MerchantID
	Owner    RequestID // the same owner counts once
	Counts   []Count   // of different limits
	Manager  bool      // approves: it counts, and nothing holds it back
	Alone    bool      // to take back: what Reached.Alone said
}

// Reached is what a guard says of a Paced.
type Reached struct {
	Limits  Lifted
	Until   time.Time // from when on all of them have room; zero with no limit reached
	Counted Lifted    // against these it counts from now on, and did not before
	Alone   bool      // one process counted it by itself, as the others could not be told
}

// Refuses reports whether an action was held back.
func (r *Reached) Refuses(p *Paced) bool { return r.Limits != 0 && !p.Manager }

// Undone is what to take back of an action that came to nothing: what it alone was
// counted for. An earlier attempt of the same owner may have succeeded, and what that
// one counts for stays.
func (r *Reached) Undone(p Paced) (undone Paced, ok bool) {
	undone, undone.Counts, undone.Alone = p, nil, r.Alone
	for _, c := range p.Counts {
		if r.Counted.Has(c.Limit) {
			undone.Counts = append(undone.Counts, c)
		}
	}
	return undone, len(undone.Counts) > 0
}

// Pace is what a command counts as; without Counts where its merchant sets no limit
// on it.
func (c *Command) Pace() Paced {
	p := Paced{Merchant: c.Merchant, Owner: c.Request, Manager: c.Role >= Manager}
	kind := c.Kind()
	if c.Limits == (Limits{}) || c.Till.IsZero() || c.Scan.Method == Slip || kind != Earn && kind != Redeem && kind != Grant {
		return p
	}
	add := func(limit Limit, of [16]byte, most int64, window time.Duration) {
		if most > 0 && of != ([16]byte{}) {
			p.Counts = append(p.Counts, Count{limit, of, most, window})
		}
	}
	if kind == Earn {
		add(CardPerHour, c.Card, c.Limits.CardEarnsPerHour, time.Hour)
	}
	add(TillPerMinute, c.Till, c.Limits.TillActionsPerMinute, time.Minute)
	add(TillPerHour, c.Till, c.Limits.TillActionsPerHour, time.Hour)
	add(StaffPerHour, c.Staff, c.Limits.StaffActionsPerHour, time.Hour)
	return p
}

// RefuseReached tells a till which limit of its merchant holds an action back, when
// it goes on, and that a manager can let it.
func RefuseReached(reached Reached) *Refusal {
	message := "This card has earned as often as the shop allows within an hour."
	switch limits := reached.Limits; {
	case limits.Has(CardPerHour):
	case limits.Has(StaffPerHour):
		message = "This cashier has acted as often as the shop allows within an hour."
	case limits.Has(TillPerHour):
		message = "This till has acted as often as the shop allows within an hour."
	default:
		message = "This till has acted as often as the shop allows within a minute."
	}
	r := refuse(LimitReached, message+" It goes on later, or now with a manager's PIN.")
	r.RetryAt, r.Needs = reached.Until, Manager
	return r
}
