package loyalty

import "time"

// Hypothetical describes a card that does not exist, as it is to be at a moment. Zero: a
// new one.
type Hypothetical struct {
	Balance, Lifetime int64 // units; the last of them came in just now
	Visits            int64 // earns
	Today, ThisMonth  int64 // units that were earned; for tiers by units, ThisMonth is what counts of Lifetime, and 0 lets all count
	Spent             int64 // minor units, ever
	InPeriod          int64 // of Spent: in the months that count for the discount or the tiers
	Tier              string
}

// Card is the card in a program. Zone is where its days and months are. Errors: a
// *FieldError of a tier that it cannot be in.
func (h *Hypothetical) Card(p *Program, at time.Time, zone *time.Location) (Card, error) {
	card := NewCard(CardID{}, p, at)
	card.Balance, card.Lifetime, card.Visits, card.ActiveAt = h.Balance, max(h.Lifetime, h.Balance), h.Visits, at
	card.Day = day(at, zone)
	card.Month = card.Day / 100
	card.DayUnits, card.MonthUnits = h.Today, max(h.ThisMonth, h.Today)
	var err error
	card.Counts, err = h.counts(&p.Rules, monthOf(at, zone), zone)
	return card, err
}

// counts let the card have come to what is said: what counts came in this month, and
// what is older only counts for all time.
func (h *Hypothetical) counts(r *Rules, now Month, zone *time.Location) (Counts, error) {
	level := r.level(h.Tier)
	switch {
	case h.Tier != "" && level == nil:
		return "", &FieldError{Field: "tier", Problem: "must be the name of one of the program's tiers"}
	case !r.counts():
		return "", nil
	}
	units := max(h.Lifetime, h.Balance)
	this := MonthCount{Month: now, Spend: h.InPeriod, Units: units}
	if month := max(h.ThisMonth, h.Today); month > 0 {
		this.Units = min(month, units)
	}
	ever := MonthCount{Spend: max(h.Spent, h.InPeriod), Units: units}
	if level == nil {
		return pack(zone.String(), []MonthCount{ever, this}), nil
	}
	needs := level.needs(&r.Tiers)
	if r.Tiers.of(ever) == 0 { // nothing is said of what it came by
		this, _ = this.and(needs)
		ever, _ = ever.and(needs)
	}
	if counts, ok := h.stands(r, now, zone, ever, this); ok {
		return counts, nil
	}
	// Then it was reached in an earlier month, and is kept from then.
	sum, fits := this.and(needs)
	for back := Month(1); back < mostMonths && fits && r.Tiers.of(sum) <= r.Tiers.of(ever); back++ {
		needs.Month = now - back
		if counts, ok := h.stands(r, now, zone, ever, needs, this); ok {
			return counts, nil
		}
	}
	return "", &FieldError{Field: "tier", Problem: "contradicts what was spent or earned: leave one of both out"}
}

// stands are counts by which the card is in its tier, and by which nothing counts now
// but what came in this month, the last of them; false where they are not.
func (h *Hypothetical) stands(r *Rules, now Month, zone *time.Location, list ...MonthCount) (Counts, bool) {
	counts, this := pack(zone.String(), list), list[len(list)-1]
	standing := r.standing(counts, now, zone)
	switch {
	case standing.Tier.Level == nil || standing.Tier.Level.Name != h.Tier:
		return "", false
	case r.Tiers.Over != Lifetime && standing.Tier.Counted != r.Tiers.of(this):
		return "", false
	case r.Kind == Discount && r.Discount.Over != Lifetime && standing.Spend != this.Spend:
		return "", false
	}
	return counts, true
}

// level is the tier of that name; nil for none.
func (r *Rules) level(name string) *Tier {
	for i := range r.Tiers.Levels {
		if r.Tiers.Levels[i].Name == name {
			return &r.Tiers.Levels[i]
		}
	}
	return nil
}

// needs is what it takes to come to the tier.
func (t *Tier) needs(rule *TierRule) MonthCount {
	if rule.By == TierByUnits {
		return MonthCount{Units: t.From}
	}
	return MonthCount{Spend: t.From}
}
