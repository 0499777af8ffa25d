package loyalty

import "time"

// A month is yyyymm, the date of a day without its last digits.

// thisMonth is the month that the monthly cap counts now: that of the day which
// the daily cap counts.
func (d *deciding) thisMonth() int32 { return d.today() / 100 }

// earnedThisMonth is what counts against the monthly cap.
func (d *deciding) earnedThisMonth() int64 {
	if d.card.Month != d.thisMonth() {
		return 0
	}
	return d.card.MonthUnits
}

// countMonth counts an earn, as a visit and in its month.
func (d *deciding) countMonth(seq, units int64) {
	d.card.Visits++
	if month := d.thisMonth(); d.card.Month != month {
		d.card.Month, d.card.MonthFrom, d.card.MonthUnits = month, seq, 0
	}
	d.card.MonthUnits = min(d.card.MonthUnits+units, MaxUnits)
}

// uncountMonth takes a voided earn out of the visits and of its month.
func (d *deciding) uncountMonth(earn *Entry) {
	d.card.Visits = max(0, d.card.Visits-1)
	if earn.Seq >= d.card.MonthFrom {
		d.card.MonthUnits = max(0, d.card.MonthUnits-earn.Units)
	}
}

// inheritMonth lets what the card that ends has counted go on with the survivor.
func (c *Card) inheritMonth(from *Card) {
	c.Visits += from.Visits
	switch {
	case from.Month > c.Month:
		c.Month, c.MonthFrom, c.MonthUnits = from.Month, c.Seq, from.MonthUnits
	case from.Month == c.Month:
		c.MonthUnits = min(c.MonthUnits+from.MonthUnits, MaxUnits)
	}
}

// monthAfter is the first instant of the local month after a month.
func monthAfter(month int32, zone *time.Location) time.Time {
	last := time.Date(int(month/100), time.Month(month%100)+1, 0, 12, 0, 0, 0, time.UTC)
	return dayAfter(day(last, time.UTC), zone)
}
