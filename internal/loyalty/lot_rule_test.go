package loyalty_test

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// When points that are earned at a moment can be spent, and until when.
func TestLotDates(t *testing.T) {
	t.Parallel()
	berlin, york, apia := "Europe/Berlin", "America/New_York", "Pacific/Apia"
	tests := []struct {
		name               string
		zone, earned       string
		rule               loyalty.LotRule
		available, expires string // empty: at once, never
	}{
		{"nothing expires", berlin, "2026-03-02 12:00", loyalty.LotRule{}, "", ""},
		{"the end of this year", berlin, "2026-12-31 23:59", loyalty.LotRule{Expires: loyalty.YearEnd}, "", "2027-01-01 00:00"},
		{"the first moment of a year", berlin, "2027-01-01 00:00", loyalty.LotRule{Expires: loyalty.YearEnd}, "", "2028-01-01 00:00"},
		{"the end of the next year, west of here", york, "2026-12-31 23:59", loyalty.LotRule{Expires: loyalty.YearEnd, After: 1}, "", "2028-01-01 00:00"},
		{"a year from 29 February", berlin, "2028-02-29 10:00", loyalty.LotRule{Expires: loyalty.AfterMonths, After: 12}, "", "2029-03-01 00:00"},
		{"four years from 29 February", berlin, "2028-02-29 10:00", loyalty.LotRule{Expires: loyalty.AfterMonths, After: 48}, "", "2032-03-01 00:00"},
		{"a year to before 29 February", berlin, "2027-02-28 10:00", loyalty.LotRule{Expires: loyalty.AfterMonths, After: 12}, "", "2028-02-29 00:00"},
		{"a month from 31 January", berlin, "2027-01-31 10:00", loyalty.LotRule{Expires: loyalty.AfterMonths, After: 1}, "", "2027-03-01 00:00"},
		{"a month over the year's end", berlin, "2026-12-15 10:00", loyalty.LotRule{Expires: loyalty.AfterMonths, After: 1}, "", "2027-01-16 00:00"},
		{"days over the short day in spring", berlin, "2027-03-27 23:30", loyalty.LotRule{Expires: loyalty.AfterDays, After: 1}, "", "2027-03-29 00:00"},
		{"days over the long day in autumn", berlin, "2027-10-30 00:30", loyalty.LotRule{Expires: loyalty.AfterDays, After: 1}, "", "2027-11-01 00:00"},
		{"pending over the short day", berlin, "2027-03-27 23:30", loyalty.LotRule{Pending: 2}, "2027-03-29 00:00", ""},
		{"pending until tomorrow", york, "2026-03-02 23:59", loyalty.LotRule{Pending: 1}, "2026-03-03 00:00", ""},
		{"pending, then expiring", berlin, "2026-03-02 12:00", loyalty.LotRule{Pending: 14, Expires: loyalty.AfterDays, After: 30}, "2026-03-16 00:00", "2026-04-02 00:00"},
		{"pending over the year's end", berlin, "2026-12-25 12:00", loyalty.LotRule{Pending: 14, Expires: loyalty.YearEnd}, "2027-01-08 00:00", "2028-01-01 00:00"},
		{"an end at a midnight that is left out", "America/Santiago", "2026-09-04 12:00", loyalty.LotRule{Expires: loyalty.AfterDays, After: 1}, "", "2026-09-06 01:00"},
		{"an end where the evening comes twice", "America/Santiago", "2027-04-02 12:00", loyalty.LotRule{Expires: loyalty.AfterDays, After: 1}, "", "2027-04-04 00:00"},
		{"pending until a midnight that is left out", "Asia/Beirut", "2027-03-27 12:00", loyalty.LotRule{Pending: 1, Expires: loyalty.AfterMonths, After: 1}, "2027-03-28 01:00", "2027-04-28 00:00"},
		{"a month to a midnight that is left out", "Asia/Beirut", "2027-02-27 12:00", loyalty.LotRule{Expires: loyalty.AfterMonths, After: 1}, "", "2027-03-28 01:00"},
		{"the day that Samoa left out", apia, "2011-12-29 12:00", loyalty.LotRule{Expires: loyalty.AfterDays, After: 1}, "", "2011-12-31 00:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			zone := loyaltytest.Zone(t, tt.zone)
			at := func(text string) time.Time {
				if text == "" {
					return time.Time{}
				}
				moment, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
				if err != nil {
					t.Fatal(err)
				}
				return moment.UTC()
			}
			shop := loyaltytest.Open(t, loyaltytest.Lots(t, func(r *loyalty.Rules) { r.Lots = &tt.rule }))
			there := shop.Pair(loyaltytest.Till(t, "there", func(till *loyalty.Till) { till.Zone = zone }))
			shop.Now = at(tt.earned)
			shop.Do(loyalty.Earning{Units: 10}, there)
			lot, available := shop.Lots()[0], at(tt.available)
			if available.IsZero() {
				available = shop.Now
			}
			if !lot.Available.Equal(available) || !lot.Expires.Equal(at(tt.expires)) {
				t.Errorf("available %s, expires %s", lot.Available.In(zone), lot.Expires.In(zone))
			}
		})
	}
}

func TestLotRuleCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		field string
		rule  loyalty.LotRule
	}{
		{"lots.pending_days", loyalty.LotRule{Pending: -1}},
		{"lots.pending_days", loyalty.LotRule{Pending: 367}},
		{"lots.pending_days", loyalty.LotRule{Pending: 9, Expires: loyalty.AfterDays, After: 8}},
		{"lots.expires", loyalty.LotRule{Expires: "tomorrow"}},
		{"lots.after", loyalty.LotRule{After: 1}},
		{"lots.after", loyalty.LotRule{Expires: loyalty.AfterDays}},
		{"lots.after", loyalty.LotRule{Expires: loyalty.AfterMonths, After: 1201}},
		{"lots.after", loyalty.LotRule{Expires: loyalty.YearEnd, After: -1}},
		{"lots.remind_days", loyalty.LotRule{Remind: 1}},
		{"lots.remind_days", loyalty.LotRule{Expires: loyalty.YearEnd, Remind: 367}},
	}
	for _, tt := range tests {
		rules := loyaltytest.Points(t).Rules
		rules.Lots = &tt.rule
		if flaw, ok := rules.Check().(*loyalty.FieldError); !ok || flaw.Field != tt.field {
			t.Errorf("%+v: %v, want %s", tt.rule, flaw, tt.field)
		}
	}
	stamps := loyaltytest.Program(t).Rules
	stamps.Lots = &loyalty.LotRule{}
	if flaw, ok := stamps.Check().(*loyalty.FieldError); !ok || flaw.Field != "lots" {
		t.Errorf("stamps by lots: %v", flaw)
	}
}

// A program may get lots, and keeps them while there are cards.
func TestLotsStay(t *testing.T) {
	t.Parallel()
	with, without := loyaltytest.Lots(t), loyaltytest.Points(t)
	for _, tt := range []struct {
		now, next *loyalty.Program
		cards     bool
		refused   bool
	}{{with, without, true, true}, {with, without, false, false}, {without, with, true, false}, {with, with, true, false}} {
		if err := tt.now.CheckNext(&tt.next.Rules, tt.cards); (err != nil) != tt.refused {
			t.Errorf("%s after %s: %v", tt.next.Name, tt.now.Name, err)
		}
	}
}
