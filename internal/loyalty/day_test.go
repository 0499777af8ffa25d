package loyalty_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestDayAfter(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, zone, at, next string }{
		{"ordinary", "Europe/Berlin", "2026-03-02T12:00:00+01:00", "2026-03-03T00:00:00+01:00"},
		{"last moment", "Europe/Berlin", "2026-03-02T23:59:59+01:00", "2026-03-03T00:00:00+01:00"},
		{"first moment", "Europe/Berlin", "2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00"},
		{"day of 23 hours", "Europe/Berlin", "2026-03-29T00:30:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"day of 25 hours", "Europe/Berlin", "2026-10-25T00:30:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"to 29 February", "Europe/Berlin", "2028-02-28T12:00:00+01:00", "2028-02-29T00:00:00+01:00"},
		{"from 29 February", "Europe/Berlin", "2028-02-29T12:00:00+01:00", "2028-03-01T00:00:00+01:00"},
		{"no 29 February", "Europe/Berlin", "2026-02-28T12:00:00+01:00", "2026-03-01T00:00:00+01:00"},
		{"year end", "Pacific/Auckland", "2026-12-31T23:00:00+13:00", "2027-01-01T00:00:00+13:00"},
		{"midnight is skipped", "Africa/Cairo", "2026-04-23T12:00:00+02:00", "2026-04-24T01:00:00+03:00"},
		{"midnight comes twice", "America/Havana", "2026-10-31T12:00:00-04:00", "2026-11-01T00:00:00-04:00"},
		{"the evening comes twice", "America/Santiago", "2026-04-04T23:30:00-03:00", "2026-04-05T00:00:00-04:00"},
		{"a day is skipped", "Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00"},
	}
	for _, tt := range tests {
		zone := loyaltytest.Zone(t, tt.zone)
		at, want := instant(t, tt.at), instant(t, tt.next)
		if got := loyalty.DayAfter(loyalty.Day(at, zone), zone); !got.Equal(want) {
			t.Errorf("%s: after %s comes %s, want %s", tt.name, tt.at, got.In(zone).Format(time.RFC3339), tt.next)
		}
	}
}

// The next day begins at the one instant between two dates.
func TestDayAfterIsABorder(t *testing.T) {
	t.Parallel()
	zones := []string{
		"UTC", "Europe/Berlin", "Europe/Dublin", "Africa/Cairo", "Asia/Beirut", "America/Havana",
		"America/Santiago", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/Nuuk",
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := loyaltytest.Zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		hour := rapid.Int64Range(0, 10*366*24).Draw(t, "hour")
		at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hour) * time.Hour)
		next := loyalty.DayAfter(loyalty.Day(at, zone), zone)
		today, before, after := loyalty.Day(at, zone), loyalty.Day(next.Add(-1), zone), loyalty.Day(next, zone)
		if before != today || after <= today || !next.After(at) {
			t.Fatalf("after %s comes %s: %d, then %d", at.In(zone), next.In(zone), before, after)
		}
	})
}

func TestEarnDailyCap(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.DailyCap = 5 }))
	shop.Now = instant(t, "2026-03-29T00:00:00+01:00") // a day of 23 hours
	shop.Do(loyalty.Earning{Units: 3})
	midnight := instant(t, "2026-03-30T00:00:00+02:00")
	if refusal := shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 3}); !refusal.RetryAt.Equal(midnight) {
		t.Errorf("retry at %s, want %s", refusal.RetryAt, midnight)
	}
	shop.Do(loyalty.Earning{Units: 2})
	shop.Now = midnight.Add(-time.Microsecond)
	shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 1})
	shop.Now = midnight
	shop.Do(loyalty.Earning{Units: 5})
	shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 1}, loyaltytest.Approved(loyalty.Owner))
}

func TestEarnDailyCapBoundaries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone, first, second string
		sameDay                   bool
	}{
		{"long day", "Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59+01:00", true},
		{"leap day begins", "Europe/Berlin", "2028-02-28T23:59:59+01:00", "2028-02-29T00:00:00+01:00", false},
		{"leap day lasts", "Europe/Berlin", "2028-02-29T00:00:00+01:00", "2028-02-29T23:59:59+01:00", true},
		{"leap day ends", "Europe/Berlin", "2028-02-29T23:59:59+01:00", "2028-03-01T00:00:00+01:00", false},
		{"year ends", "Europe/Berlin", "2026-12-31T23:59:59+01:00", "2027-01-01T00:00:00+01:00", false},
		{"UTC's midnight is none in New York", "America/New_York", "2026-03-02T23:30:00Z", "2026-03-03T00:30:00Z", true},
		{"a year later", "Europe/Berlin", "2026-03-02T12:00:00Z", "2027-03-02T12:00:00Z", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.DailyCap = 1 }))
			there := shop.Pair(loyaltytest.Till(t, "there", func(till *loyalty.Till) { till.Zone = loyaltytest.Zone(t, tt.zone) }))
			shop.Now = instant(t, tt.first)
			shop.Do(loyalty.Earning{Units: 1}, there)
			shop.Now = instant(t, tt.second)
			if tt.sameDay {
				shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 1}, there)
			} else {
				shop.Do(loyalty.Earning{Units: 1}, there)
			}
		})
	}
}

// What follows from a purchase is credited up to the cap; the merchant's own
// system counts its days in UTC.
func TestEarnDailyCapCutsPurchases(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.Earn.DailyCap = 10 }))
	spend := func(ref string) loyalty.Earning { return loyalty.Earning{Purchase: loyaltytest.Purchase(ref, 700)} }
	for i, want := range []int64{7, 3} {
		if entry := shop.Entry(spend(string(rune('a'+i))), loyaltytest.AtOffice); entry.Units != want {
			t.Errorf("earned %d, want %d", entry.Units, want)
		}
	}
	refusal := shop.Refused(loyalty.DailyCapReached, spend("c"), loyaltytest.AtOffice)
	if want := instant(t, "2026-03-03T00:00:00Z"); !refusal.RetryAt.Equal(want) {
		t.Errorf("retry at %s, want %s", refusal.RetryAt, want)
	}
}

// A day that has begun in one shop is not given again by one further west, where
// it is still yesterday.
func TestEarnDailyCapAcrossZones(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.DailyCap = 5 }))
	lisbon := loyaltytest.Zone(t, "Europe/Lisbon")
	west := shop.Pair(loyaltytest.Till(t, "west", func(till *loyalty.Till) { till.Zone = lisbon }))
	shop.Now = instant(t, "2026-03-03T00:30:00+01:00") // 2 March, 23:30 in Lisbon
	shop.Do(loyalty.Earning{Units: 5})
	refusal := shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 5}, west)
	if want := instant(t, "2026-03-04T00:00:00Z"); !refusal.RetryAt.Equal(want) {
		t.Errorf("retry at %s, want %s", refusal.RetryAt, want)
	}
	shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 5})
	shop.Now = refusal.RetryAt
	shop.Do(loyalty.Earning{Units: 5}, west)
}

// A date far ahead, which a wrong clock has left on the card, is not waited for.
func TestEarnDailyCapForgetsAWrongClock(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.DailyCap = 1 }))
	shop.After(1000 * time.Hour)
	shop.Do(loyalty.Earning{Units: 1})
	shop.After(-1000 * time.Hour)
	shop.Do(loyalty.Earning{Units: 1})
	shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 1})
}

// A voided earn leaves the day it was counted in, whoever voids it from where.
func TestVoidGivesTheDayBack(t *testing.T) {
	t.Parallel()
	newYork := loyaltytest.Zone(t, "America/New_York")
	open := func() (*loyaltytest.Shop, func(*loyalty.Command)) {
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.DailyCap = 5 }))
		return shop, shop.Pair(loyaltytest.Till(t, "there", func(till *loyalty.Till) { till.Zone = newYork }))
	}

	shop, there := open()
	shop.Now = instant(t, "2026-03-02T20:30:00-05:00") // 3 March in UTC
	yesterday := shop.Entry(loyalty.Earning{Units: 3}, there)
	shop.Now = instant(t, "2026-03-03T09:00:00-05:00")
	shop.Do(loyalty.Earning{Units: 5}, there)
	shop.Do(loyalty.Reversal{Entry: yesterday.ID}, loyaltytest.AtOffice)
	shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 1}, there) // yesterday's void frees nothing today

	shop, there = open()
	shop.Now = instant(t, "2026-03-02T20:30:00-05:00")
	today := shop.Entry(loyalty.Earning{Units: 5}, there)
	shop.Do(loyalty.Reversal{Entry: today.ID}, loyaltytest.AtOffice)
	shop.Do(loyalty.Earning{Units: 5}, there)
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}
