package api

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// weekdays are the days as the contract writes them, in time's order.
var weekdays = [...]gen.OpenHoursDay{
	time.Sunday: gen.OpenHoursDaySunday, time.Monday: gen.OpenHoursDayMonday, time.Tuesday: gen.OpenHoursDayTuesday,
	time.Wednesday: gen.OpenHoursDayWednesday, time.Thursday: gen.OpenHoursDayThursday, time.Friday: gen.OpenHoursDayFriday,
	time.Saturday: gen.OpenHoursDaySaturday,
}

// readHours reads the opening hours of a week. Errors: invalid_field.
func readHours(given gen.Hours) (loyalty.Hours, error) {
	if len(given) > loyalty.MaxOpenings {
		return nil, invalid("hours", fmt.Sprintf("are more than %d", loyalty.MaxOpenings))
	}
	var hours loyalty.Hours
	for i, o := range given {
		bad := func(field, problem string) error { return invalid(fmt.Sprintf("hours[%d].%s", i, field), problem) }
		day := slices.Index(weekdays[:], o.Day)
		opens, okOpens := loyalty.ParseClock(o.Opens)
		closes, okCloses := loyalty.ParseClock(o.Closes)
		switch {
		case day < 0:
			return nil, bad("day", "must be a day of the week, such as monday")
		case !okOpens:
			return nil, bad("opens", "must be a time of day, such as 08:30")
		case !okCloses:
			return nil, bad("closes", "must be a time of day, such as 18:00")
		}
		hours = append(hours, loyalty.OpenHours{Day: time.Weekday(day), Opens: opens, Closes: closes})
	}
	return hours, hours.Check()
}

func hoursView(hours loyalty.Hours) gen.Hours {
	var view gen.Hours
	for _, o := range hours {
		view = append(view, gen.OpenHours{Day: weekdays[o.Day], Opens: loyalty.Clock(o.Opens), Closes: loyalty.Clock(o.Closes)})
	}
	return view
}

// decodeOpenHours holds that what is required is there.
func decodeOpenHours(from *jsontext.Decoder, into *gen.OpenHours) error {
	type plain gen.OpenHours
	var o plain
	if err := json.UnmarshalDecode(from, &o); err != nil {
		return err
	}
	switch {
	case o.Day == "":
		return missingIn(from, "day")
	case o.Opens == "":
		return missingIn(from, "opens")
	case o.Closes == "":
		return missingIn(from, "closes")
	}
	*into = gen.OpenHours(o)
	return nil
}
