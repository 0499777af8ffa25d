package loyalty

import "time"

// A date is a local day as yyyymmdd, so that dates compare like days.

// day is the date of an instant.
func day(t time.Time, zone *time.Location) int32 {
	y, m, d := t.In(zone).Date()
	return int32(y*10000 + int(m)*100 + d)
}

// dayAfter is the first instant of the local day after a date.
func dayAfter(date int32, zone *time.Location) time.Time {
	start := time.Date(int(date/10000), time.Month(date/100%100), int(date%100)+1, 0, 0, 0, 0, zone)
	if day(start, zone) <= date { // the zone has left that day out, as Samoa did in 2011
		_, start = start.ZoneBounds()
	}
	return start.UTC()
}

// farthestEast is the zone where each day begins first.
const farthestEast = 14 * time.Hour

// today is the date that the daily cap counts now: the local one, or a later one
// that has begun for this card in a shop further east. No day is given twice.
//
// For a claim it is the day when its code was given out, and for what was done
// offline the day when it was done. But a card remembers its
// latest day alone: what comes from an earlier one counts today.
func (d *deciding) today() int32 {
	if d.ofItsDay() {
		return day(d.cmd.Captured, d.zone())
	}
	local, latest := day(d.now, d.zone()), day(d.now.Add(farthestEast), time.UTC)
	if local < d.card.Day && d.card.Day <= latest {
		return d.card.Day
	}
	return local
}

// ofItsDay reports whether a command counts on a day that may be over.
func (d *deciding) ofItsDay() bool {
	return d.cmd.belated() && day(d.cmd.Captured, d.zone()) >= d.card.Day
}

// earnedToday is what counts against the daily cap.
func (d *deciding) earnedToday() int64 {
	if d.card.Day != d.today() {
		return 0
	}
	return d.card.DayUnits
}

// countDay counts an earn.
func (d *deciding) countDay(seq, units int64) {
	if today := d.today(); d.card.Day != today {
		d.card.Day, d.card.DayFrom, d.card.DayUnits = today, seq, 0
	}
	d.card.DayUnits = min(d.card.DayUnits+units, MaxUnits)
}

// uncountDay takes a voided earn out of the day that it was counted in.
func (d *deciding) uncountDay(earn *Entry) {
	if earn.Seq >= d.card.DayFrom {
		d.card.DayUnits = max(0, d.card.DayUnits-earn.Units)
	}
}
