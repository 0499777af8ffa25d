package loyalty

import "encoding/binary"

// Counted is what an entry means to the standing of its card, and what it took off. It
// is part of the entry, for its purchase may be erased and this stays. Zero: the program
// had no standing, and nothing was taken off.
type Counted struct {
	Month Month // of the location's calendar, in which it was posted
	Spend int64 // minor units that count from now on; negative where a void or a refund takes them back
	Rate  int64 // of a grant: basis points taken off
	Off   int64 // of a grant or redemption: minor units taken off; negative where a void or a refund takes that back
}

// append adds the canonical bytes.
func (c *Counted) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(c.Month))
	b = put64(b, c.Spend)
	b = binary.BigEndian.AppendUint32(b, uint32(c.Rate))
	return put64(b, c.Off)
}

// byMonth dates an entry that is about to be posted by the location's calendar, and
// counts it for the card's standing. What a void or a refund takes back leaves the
// month that it was counted in.
func (d *deciding) byMonth(e *Entry) {
	origin := d.takesBack(e)
	if !d.rules.counts() && origin == nil && e.Counted.Off == 0 {
		return
	}
	e.Counted.Month = d.month()
	counts := MonthCount{Month: e.Counted.Month, Spend: e.Counted.Spend}
	switch {
	case origin != nil && e.Kind == Void:
		e.Counted.Spend, e.Counted.Off = -origin.Counted.Spend, -origin.Counted.Off
		counts = takenBack(origin, e)
	case origin != nil: // a refund says itself how much
		counts = takenBack(origin, e)
	case e.Kind == Earn:
		counts.Units = e.Units
	}
	if counts.Spend == 0 && counts.Units == 0 {
		return
	}
	name, _ := d.card.Counts.cut()
	if zone := d.place(); zone != nil {
		name = zone.String()
	}
	// What does not fit was refused before: see fitsCounts.
	d.card.Counts, _ = d.card.Counts.with(name, counts)
}

// takesBack is what an entry voids or refunds, if that was counted; else nil. A full
// card that goes with it was not.
func (d *deciding) takesBack(e *Entry) *Entry {
	var of EntryID
	switch do := d.cmd.Do.(type) {
	case Reversal:
		of = do.Entry
	case Refunding:
		of = do.Entry
	case keeping:
		of = do.origin
	}
	if e.Kind != d.cmd.Kind() || e.Origin != of {
		return nil
	}
	if origin, ok := d.facts.Origins[of]; ok && origin.Entry.Counted.Month != 0 {
		return &origin.Entry
	}
	return nil
}

// takenBack is what a void or a refund takes out of a card's counts.
func takenBack(origin, back *Entry) MonthCount {
	c := MonthCount{Month: origin.Counted.Month, Spend: back.Counted.Spend}
	if origin.Kind == Earn {
		c.Units = back.Units
	}
	return c
}

// month is the one that the command falls in, by the calendar of the place, or
// without one by that of the place where the card was used last.
func (d *deciding) month() Month {
	zone := d.place()
	if zone == nil {
		zone = d.card.Counts.Zone()
	}
	return monthOf(d.earnedAt(), zone)
}

// standing is what the card has come to as the command finds it.
func (d *deciding) standing() Standing {
	return d.rules.standing(d.card.Counts, d.month(), d.card.Counts.Zone())
}

// fitsCounts refuses what would be more than a card can hold.
func (d *deciding) fitsCounts(spend int64) error {
	if !d.rules.counts() {
		return nil
	}
	if _, fits := d.card.Counts.with("", MonthCount{Month: d.month(), Spend: spend}); !fits {
		return refuse(UnitsOutOfRange, "That is more than a card can hold.")
	}
	return nil
}

// multiplied is what a tier makes of earned units.
func (d *deciding) multiplied(units int64) (int64, error) {
	if len(d.rules.Tiers.Levels) == 0 {
		return units, nil
	}
	level := d.standing().Tier.Level
	more, fits := d.rules.Tiers.multiply(level, units)
	switch {
	case !fits:
		return 0, refuse(UnitsOutOfRange, "This purchase earns more units than a card can hold.")
	case more == 0:
		return 0, refuse(NothingToEarn, "This purchase is too small to earn anything.")
	}
	if more != units {
		d.explain(Reason{Rule: level.Name, Units: more - units, Why: TierRate})
	}
	return more, nil
}

// checkCurrency holds that a purchase can be counted for a standing.
func (d *deciding) checkCurrency(p *Purchase) error {
	in := d.rules.spendIn()
	if p == nil || in == "" || p.Currency == in {
		return nil
	}
	return wrongCurrency(in, p)
}

// spendOf is what an earning counts for a standing by spend: what was paid.
func (d *deciding) spendOf(p *Purchase) int64 {
	if p == nil || d.rules.spendIn() == "" {
		return 0
	}
	return p.Total - p.PaidWithReward
}
