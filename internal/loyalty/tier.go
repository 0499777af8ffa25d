package loyalty

import (
	"fmt"
	"slices"
	"time"
)

// TierRule gives names to those who spend or earn much. Zero: there are none.
//
// A tier is reached in the month in which what counts comes to its threshold, and
// kept from then on: to the end of that month (of the calendar's period, where the
// window is one), for Keep more months, and in grace for Grace more. Who comes to it
// again meanwhile, or still has it in the window, keeps it from that month on. Who
// does not falls when the time is over. With a lifetime window nothing is lost again
// but what is taken back.
//
// All of it follows from a card's Counts, so nobody has to post a fall, and a void
// leaves a card as if the purchase had never been. Of one version of the rules, that
// is: a new one holds for the past as well.
type TierRule struct {
	Window
	By       TierBasis `json:"by,omitempty"`
	Currency string    `json:"currency,omitempty"`     // ISO 4217, of spend
	Keep     int64     `json:"keep_months,omitempty"`  // beyond the month or period in which a tier was reached
	Grace    int64     `json:"grace_months,omitempty"` // then, before it falls
	Fall     Fall      `json:"fall,omitempty"`
	Rounding Rounding  `json:"rounding,omitempty"` // of multiplied units, and of a discount where no other rule says
	Levels   []Tier    `json:"levels,omitempty"`   // rising
}

// Tier is one name and what it is good for.
type Tier struct {
	Name       string   `json:"name"`
	From       int64    `json:"from"`                 // minor units spent, or units earned
	Multiplier int64    `json:"multiplier,omitempty"` // of units that are earned, in thousandths; 0: 1000
	Rate       int64    `json:"rate,omitempty"`       // basis points off a purchase
	Perks      []string `json:"perks,omitempty"`      // in words
}

// TierBasis is what a tier's threshold is measured in.
type TierBasis string

// The bases of tiers.
const (
	TierBySpend TierBasis = "spend" // what was paid
	TierByUnits TierBasis = "units" // what was earned
)

// Fall says where to one falls when a tier's time is over.
type Fall string

// The falls.
const (
	FallToEarned Fall = "earned" // what the window comes to
	FallOneStep  Fall = "step"   // the next lower tier, for its time
)

// Bounds of tiers.
const (
	MaxTiers = 20
	MaxPerks = 20
)

// Stand is the tier that a card is in.
type Stand struct {
	Level *Tier     // nil: in none
	Since Month     // in which it was reached
	Until time.Time // when its time is over, unless it is reached again; zero: never
	Grace time.Time // when it falls: Until, or the end of the grace; zero: never

	Counted int64 // what counts for tiers now
	Next    *Tier // the next higher one; nil: there is none
	Missing int64 // what Next still needs
}

// Ends is the date that whoever has the tier has to know at a moment: when its time is
// over, and once it is, when the time of grace is over, too; zero: never.
func (s *Stand) Ends(now time.Time) time.Time {
	if now.Before(s.Until) {
		return s.Until
	}
	return s.Grace
}

// stand is the tier of a card in a month.
func (t *TierRule) stand(list []MonthCount, now Month, zone *time.Location) (s Stand) {
	if len(t.Levels) == 0 {
		return s
	}
	s.Counted = t.counted(list, now)
	rank, since, until := t.walk(list, now)
	if rank > 0 {
		s.Level, s.Since = &t.Levels[rank-1], since
	}
	if rank > 0 && until > 0 && s.Level.From > 0 {
		s.Until = (until + 1).Begins(zone)
		s.Grace = (until + Month(t.Grace) + 1).Begins(zone)
	}
	if rank < len(t.Levels) {
		s.Next = &t.Levels[rank]
		s.Missing = max(0, s.Next.From-s.Counted)
	}
	return s
}

// walk goes through the months since anything came in: which rank (0 for none) a
// card is in at the end, since when, and until which month its time lasts; 0 where
// no month says so.
func (t *TierRule) walk(list []MonthCount, now Month) (rank int, since, until Month) {
	if len(list) < 2 {
		return t.earned(list, now), 0, 0
	}
	if t.Over == Lifetime {
		return t.earned(list, now), t.reached(list, now), 0
	}
	lasts := make([]Month, len(t.Levels)+1) // of each rank: the last month of its time
	for m := list[1].Month; m <= now; m++ {
		end := t.lasts(m)
		for r := t.earned(list, m); r > 0; r-- {
			lasts[r] = max(lasts[r], end)
		}
		next := len(t.Levels)
		for next > 0 && lasts[next]+Month(t.Grace) < m {
			next--
		}
		if next < rank && t.Fall == FallOneStep {
			next = rank - 1
			lasts[next] = max(lasts[next], end)
		}
		if next != rank {
			rank, since = next, m
		}
	}
	// What came in goes on counting while the window has it, whatever comes.
	for m := now + 1; rank > 0 && m <= now+MaxMonths && t.earned(list, m) >= rank; m++ {
		lasts[rank] = max(lasts[rank], t.lasts(m))
	}
	return rank, since, lasts[rank]
}

// reached is the month in which all that ever came in came to what it is now good
// for; of what came in too long ago, the oldest month that is known.
func (t *TierRule) reached(list []MonthCount, now Month) Month {
	rank := t.earned(list, now)
	if rank == 0 {
		return 0
	}
	left := list[0]
	for i := len(list) - 1; i > 1; i-- {
		left.Spend -= list[i].Spend
		left.Units -= list[i].Units
		if t.of(left) < t.Levels[rank-1].From {
			return list[i].Month
		}
	}
	return list[1].Month
}

// earned is the rank that the window of a month comes to.
func (t *TierRule) earned(list []MonthCount, m Month) (rank int) {
	counted := t.counted(list, m)
	for rank < len(t.Levels) && t.Levels[rank].From <= counted {
		rank++
	}
	return rank
}

func (t *TierRule) counted(list []MonthCount, m Month) int64 {
	return t.of(between(list, t.first(m), m))
}

func (t *TierRule) of(c MonthCount) int64 {
	if t.By == TierByUnits {
		return c.Units
	}
	return c.Spend
}

// lasts is the last month of a tier that is reached in m, without grace.
func (t *TierRule) lasts(m Month) Month {
	if period := t.period(); period > 0 {
		m = m.last(period)
	}
	return m + Month(t.Keep)
}

// multiply is what earned units become in a tier. False on overflow.
func (t *TierRule) multiply(level *Tier, units int64) (int64, bool) {
	if level == nil || level.Multiplier == 0 {
		return units, true
	}
	more, fits := t.Rounding.scale(units, level.Multiplier, 1000)
	return more, fits && more <= MaxUnits
}

// multiplies reports whether some tier earns at another rate.
func (t *TierRule) multiplies() bool {
	return slices.ContainsFunc(t.Levels, func(level Tier) bool { return level.Multiplier != 0 && level.Multiplier != 1000 })
}

// checkTiers is Rules.Check for tiers.
func (r *Rules) checkTiers() error {
	bad := func(field, problem string) error { return &FieldError{Field: "tiers." + field, Problem: problem} }
	t := &r.Tiers
	if len(t.Levels) == 0 {
		if t.Over != "" || t.By != "" || t.Currency != "" || t.Keep != 0 || t.Grace != 0 || t.Fall != "" || t.Rounding != "" || t.Months != 0 {
			return bad("levels", "are missing")
		}
		return nil
	}
	return joined(r.checkQualification(), r.checkLevels())
}

// checkQualification holds what tiers are reached and kept by.
func (r *Rules) checkQualification() error {
	bad := func(field, problem string) error { return &FieldError{Field: "tiers." + field, Problem: problem} }
	t := &r.Tiers
	if field, problem := t.Window.check(); problem != "" {
		return bad(field, problem)
	}
	switch {
	case t.By != TierBySpend && t.By != TierByUnits:
		return bad("by", "must be spend or units")
	case t.By == TierByUnits && r.Kind == Discount:
		return bad("by", "must be spend: a discount card earns no units")
	case t.By == TierByUnits && t.Currency != "":
		return bad("currency", "is only for tiers by spend")
	case t.By == TierBySpend && !isCurrency(t.Currency):
		return bad("currency", "must be an ISO 4217 code")
	case t.By == TierBySpend && r.Kind == Discount && isCurrency(r.Discount.Currency) && t.Currency != r.Discount.Currency:
		return bad("currency", "must be that of the discount: "+r.Discount.Currency)
	case t.By == TierBySpend && r.Earn.By == BySpend && isCurrency(r.Earn.Currency) && t.Currency != r.Earn.Currency:
		return bad("currency", "must be that of earning: "+r.Earn.Currency)
	case t.Grace < 0 || t.Grace > MaxMonths:
		return bad("grace_months", "must lie between 0 and 24")
	case t.Keep < 0 || t.Keep > MaxMonths-t.Grace:
		return bad("keep_months", "must lie between 0 and 24, together with grace_months")
	case t.Over == Lifetime && (t.Keep != 0 || t.Grace != 0 || t.Fall != ""):
		return bad("keep_months", "grace_months and fall are not for a lifetime, after which nobody falls")
	case t.Over != Lifetime && t.Fall != FallToEarned && t.Fall != FallOneStep:
		return bad("fall", "must be earned or step")
	case !t.Rounding.known():
		return bad("rounding", "must be down, half_up or up")
	}
	return nil
}

func (r *Rules) checkLevels() error {
	t := &r.Tiers
	if len(t.Levels) > MaxTiers {
		return &FieldError{Field: "tiers.levels", Problem: fmt.Sprintf("are more than %d", MaxTiers)}
	}
	var wrong []error
	for i := range t.Levels {
		wrong = append(wrong, r.checkTier(i))
	}
	return joined(wrong...)
}

func (r *Rules) checkTier(i int) error {
	tier := &r.Tiers.Levels[i]
	bad := func(field, problem string) error {
		return &FieldError{Field: fmt.Sprintf("tiers.levels[%d].%s", i, field), Problem: problem}
	}
	for j := range i {
		if r.Tiers.Levels[j].Name == tier.Name {
			return bad("name", "is that of another tier")
		}
	}
	switch {
	case tier.Name == "" || !isLine(tier.Name):
		return bad("name", "must be one line of 1 to 200 bytes")
	case tier.From < 0 || tier.From > MaxAmount:
		return bad("from", "is out of range")
	case i > 0 && tier.From <= r.Tiers.Levels[i-1].From:
		return bad("from", fmt.Sprintf("must be more than that of the tier before, %d: it is %d", r.Tiers.Levels[i-1].From, tier.From))
	case tier.Multiplier < 0 || tier.Multiplier > MaxMultiplier:
		return bad("multiplier", "must lie between 0 and 100000 thousandths")
	case tier.Multiplier != 0 && r.Kind == Discount:
		return bad("multiplier", "is for units, which a discount card does not earn")
	case tier.Rate < 0 || tier.Rate > MaxRate:
		return bad("rate", "must lie between 0 and 10000 hundredths of a percent")
	case tier.Rate > 0 && r.paysIn() == "":
		return bad("rate", "needs a currency: let tiers or earning go by spend")
	case len(tier.Perks) > MaxPerks:
		return bad("perks", "are more than 20")
	}
	for j, perk := range tier.Perks {
		if perk == "" || !isLine(perk) {
			return bad(fmt.Sprintf("perks[%d]", j), "must be one line of 1 to 200 bytes")
		}
	}
	return nil
}
