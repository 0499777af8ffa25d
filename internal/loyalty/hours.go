package loyalty

import (
	"fmt"
	"time"
)

// Opening is when a shop opens on one day of the week, by the clock on its wall: what
// a change to summer time or back does to that clock it does to the opening too.
type OpenHours struct {
	Day    time.Weekday `json:"day"`
	Opens  int          `json:"opens"`  // minutes after midnight
	Closes int          `json:"closes"` // likewise, up to 24:00; not after Opens: on the next day
}

// Hours are when a shop is open in a week; none: always.
type Hours []OpenHours

// MaxOpenings is how many openings a week may have.
const MaxOpenings = 42

const minutesOfDay = 24 * 60

// Open reports whether the shop is open at a moment.
func (h Hours) Open(at time.Time, zone *time.Location) bool {
	if len(h) == 0 {
		return true
	}
	local := at.In(zone)
	today, minute := local.Weekday(), local.Hour()*60+local.Minute()
	for _, o := range h {
		tomorrow := (o.Day + 1) % 7
		switch {
		case o.Opens < o.Closes && today == o.Day && o.Opens <= minute && minute < o.Closes,
			o.Opens >= o.Closes && today == o.Day && o.Opens <= minute,
			o.Opens >= o.Closes && today == tomorrow && minute < o.Closes:
			return true
		}
	}
	return false
}

// Next is when a closed shop opens again.
func (h Hours) Next(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	var next time.Time
	for ahead := range 8 {
		year, month, day := local.AddDate(0, 0, ahead).Date()
		for _, o := range h {
			opens := time.Date(year, month, day, 0, o.Opens, 0, 0, zone)
			if opens.Weekday() == o.Day && opens.After(at) && (next.IsZero() || opens.Before(next)) {
				next = opens
			}
		}
	}
	return next.UTC()
}

// Check holds that the openings are ones of a week. Errors: a *FieldError.
func (h Hours) Check() error {
	if len(h) > MaxOpenings {
		return &FieldError{Field: "hours", Problem: fmt.Sprintf("are more than %d", MaxOpenings)}
	}
	for i, o := range h {
		bad := func(field, problem string) error {
			return &FieldError{Field: fmt.Sprintf("hours[%d].%s", i, field), Problem: problem}
		}
		switch {
		case o.Day < time.Sunday || o.Day > time.Saturday:
			return bad("day", "must be a day of the week")
		case o.Opens < 0 || o.Opens >= minutesOfDay:
			return bad("opens", "must lie between 00:00 and 23:59")
		case o.Closes < 0 || o.Closes > minutesOfDay:
			return bad("closes", "must lie between 00:00 and 24:00")
		case o.Opens == o.Closes:
			return bad("closes", "must differ from opens: for the whole day write 00:00 and 24:00")
		}
	}
	return nil
}

// ParseClock reads a time of day as clocks show it, 00:00 to 24:00, as minutes after
// midnight.
func ParseClock(text string) (minutes int, ok bool) {
	if len(text) != len("00:00") || text[2] != ':' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	hours := int(text[0]-'0')*10 + int(text[1]-'0')
	past := int(text[3]-'0')*10 + int(text[4]-'0')
	minutes = hours*60 + past
	return minutes, past < 60 && minutes <= minutesOfDay
}

// Clock is minutes after midnight as ParseClock reads them.
func Clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }
