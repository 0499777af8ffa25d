package loyalty

import (
	"fmt"
	"slices"
)

// counted checks what an entry counts for the card's standing, and counts it.
func (p *proof) counted(e *Entry) string {
	c := &e.Counted
	switch {
	case c.Month == 0 && *c != (Counted{}):
		return "counts in no month"
	case c.Month == 0:
		return ""
	case c.Month < 0 || c.Rate < 0 || c.Rate > MaxRate:
		return fmt.Sprintf("counts in %s, at %d", c.Month, c.Rate)
	}
	more := MonthCount{Month: c.Month, Spend: c.Spend}
	switch e.Kind {
	case Earn:
		more.Units = e.Units
		fallthrough
	case Opening, Grant:
		if c.Spend < 0 || c.Off < 0 || e.Kind != Grant && (c.Off != 0 || c.Rate != 0) {
			return fmt.Sprintf("counts %d as spent, with %d taken off", c.Spend, c.Off)
		}
	case Redeem:
		if c.Spend != 0 || c.Off < 0 || c.Rate != 0 {
			return fmt.Sprintf("counts %d as spent, with %d taken off", c.Spend, c.Off)
		}
	case Void:
		origin := p.posted[e.Origin]
		if c.Spend != -origin.counted.Spend || c.Off != -origin.counted.Off || c.Rate != 0 {
			return fmt.Sprintf("takes back %d of %d as spent, and %d of %d taken off", -c.Spend, origin.counted.Spend, -c.Off, origin.counted.Off)
		}
		if more.Month = origin.counted.Month; origin.kind == Earn {
			more.Units = e.Units
		}
	case Refund:
		origin := p.posted[e.Origin]
		spent, off := origin.counted.Spend+origin.spendBack, origin.counted.Off+origin.offBack
		if c.Spend > 0 || spent+c.Spend < 0 || c.Off > 0 || off+c.Off < 0 || c.Rate != 0 {
			return fmt.Sprintf("takes back %d of %d as spent, and %d of %d taken off", -c.Spend, spent, -c.Off, off)
		}
		origin.spendBack += c.Spend
		origin.offBack += c.Off
		p.posted[e.Origin] = origin
		more.Month, more.Units = origin.counted.Month, e.Units
	default:
		if c.Spend != 0 || c.Off != 0 || c.Rate != 0 {
			return fmt.Sprintf("is of kind %s and counts %d as spent", e.Kind, c.Spend)
		}
	}
	if more.Month != 0 && (more.Spend != 0 || more.Units != 0) {
		p.sum.Counts, _ = p.sum.Counts.with("", more)
	}
	return ""
}

// sameCounts reports whether both say the same of every month, wherever that was.
func sameCounts(a, b Counts) bool { return slices.Equal(a.Months(), b.Months()) }

// inTotal says what counts add up to.
func (c Counts) inTotal() string {
	sum := c.Total()
	return fmt.Sprintf("%d spent and %d earned in %d months", sum.Spend, sum.Units, max(0, len(c.Months())-1))
}
