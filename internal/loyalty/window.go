package loyalty

// Span says what of the past counts for a standing.
type Span string

// The spans. All are of whole months by the location's calendar.
const (
	Lifetime Span = "lifetime" // all that ever came in
	Rolling  Span = "months"   // this month and those before, so many in all
	Yearly   Span = "year"     // from the first of January
	Quarter  Span = "quarter"  // from the first of January, April, July or October
	Monthly  Span = "month"    // this month
)

// Window is the part of the past that counts.
type Window struct {
	Over   Span  `json:"over"`
	Months int64 `json:"months,omitempty"` // Rolling
}

// MaxMonths bounds a window and how long a tier is kept, together with its grace.
const MaxMonths = 24

// period is how many months the calendar's period has; 0 where there is none.
func (w Window) period() Month {
	switch w.Over {
	case Yearly:
		return 12
	case Quarter:
		return 3
	case Monthly:
		return 1
	}
	return 0
}

// first is the first month that counts in month m; 0 is all time.
func (w Window) first(m Month) Month {
	switch period := w.period(); {
	case period > 0:
		return m - m%period
	case w.Over == Rolling:
		return m - Month(w.Months) + 1
	}
	return 0
}

// check reports what cannot be, as the name of the field and the problem.
func (w Window) check() (field, problem string) {
	switch {
	case w.Over != Lifetime && w.Over != Rolling && w.period() == 0:
		return "over", "must be lifetime, months, year, quarter or month"
	case w.Over == Rolling && (w.Months < 1 || w.Months > MaxMonths):
		return "months", "must lie between 1 and 24"
	case w.Over != Rolling && w.Months != 0:
		return "months", "is only for a window of months"
	}
	return "", ""
}
