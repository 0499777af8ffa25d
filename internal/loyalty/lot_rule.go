package loyalty

import "time"

// LotRule gives the points of each entry dates of their own. With it a program has
// lots, for as long as there are cards; see CheckNext.
type LotRule struct {
	Pending int64  `json:"pending_days,omitempty"` // can be spent from the beginning of the local day so many days later
	Expires LotEnd `json:"expires,omitempty"`      // what After counts; empty: nothing expires
	After   int64  `json:"after,omitempty"`        // days or months, at least 1; of YearEnd, years beyond this one
	Remind  int64  `json:"remind_days,omitempty"`  // so many days before the end, cards say so; 0: they never do
}

// LotEnd says how long points last. A local day is that of the location where they
// were earned, or of UTC where there was none.
type LotEnd string

// The ends of points: the end of the local day that is so many days or months later,
// in a shorter month its last one; or the end of a local year.
const (
	NeverEnds   LotEnd = ""
	AfterDays   LotEnd = "days"
	AfterMonths LotEnd = "months"
	YearEnd     LotEnd = "year_end"
)

// Bounds of a LotRule.
const (
	MaxPendingDays = 366
	MaxLotMonths   = 1200
	MaxLotYears    = 100
)

// check names what is wrong by its field.
func (r *LotRule) check() error {
	bad := func(field, problem string) error { return &FieldError{Field: "lots." + field, Problem: problem} }
	if r.Pending < 0 || r.Pending > MaxPendingDays {
		return bad("pending_days", "must lie between 0 and 366")
	}
	most := int64(0)
	switch r.Expires {
	case NeverEnds:
	case AfterDays:
		most = MaxDays
	case AfterMonths:
		most = MaxLotMonths
	case YearEnd:
		most = MaxLotYears
	default:
		return bad("expires", "must be days, months or year_end, or be left out")
	}
	switch {
	case r.After < 0 || r.After > most:
		return bad("after", "is out of range, or has nothing to count")
	case r.After == 0 && (r.Expires == AfterDays || r.Expires == AfterMonths):
		return bad("after", "must be at least 1")
	case r.Remind < 0 || r.Remind > MaxPendingDays:
		return bad("remind_days", "must lie between 0 and 366")
	case r.Remind > 0 && r.Expires == NeverEnds:
		return bad("remind_days", "needs something that expires")
	case r.Expires == AfterDays && r.Pending > r.After:
		return bad("pending_days", "must not be longer than the points last")
	}
	return nil
}

// dates are those of units that come in now. What would run out while it is pending
// lasts as if it had come in when it can be spent.
func (r *LotRule) dates(now time.Time, zone *time.Location) (available, expires time.Time) {
	available = now
	today := now.In(zone)
	if r.Pending > 0 {
		available = dayAfter(date(noon(today).AddDate(0, 0, int(r.Pending)-1)), zone)
	}
	if expires = r.end(today, zone); !expires.IsZero() && !expires.After(available) {
		expires = r.end(available.In(zone), zone)
	}
	return available, expires
}

// end is when what came in on a local day runs out; zero: never.
func (r *LotRule) end(today time.Time, zone *time.Location) (expires time.Time) {
	switch r.Expires {
	case AfterDays:
		expires = dayAfter(date(noon(today).AddDate(0, 0, int(r.After))), zone)
	case AfterMonths:
		expires = dayAfter(monthsLater(today, int(r.After)), zone)
	case YearEnd:
		expires = dayAfter(int32((today.Year()+int(r.After))*10000+1231), zone)
	}
	return expires
}

// date is a day as day has it, of a time that is local already.
func date(t time.Time) int32 {
	y, m, d := t.Date()
	return int32(y*10000 + int(m)*100 + d)
}

// noon is a moment of the same date that exists in every zone.
func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
}

// monthsLater is the same day of a later month, or that month's last one.
func monthsLater(t time.Time, months int) int32 {
	y, m, d := t.Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 12, 0, 0, 0, time.UTC) // day 0: the last one of the month before
	return int32(last.Year()*10000 + int(last.Month())*100 + min(d, last.Day()))
}

// Reminds is from when a card says that lots run out at a moment; zero: it never does.
func (p *Program) Reminds(expires time.Time) time.Time {
	if p.Lots == nil || p.Lots.Remind == 0 || expires.IsZero() {
		return time.Time{}
	}
	return expires.Add(-days(p.Lots.Remind))
}
