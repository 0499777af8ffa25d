package loyalty_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestHours(t *testing.T) {
	t.Parallel()
	berlin := loyaltytest.Zone(t, "Europe/Berlin")
	week := loyalty.Hours{
		{Day: time.Sunday, Opens: 90, Closes: 240},       // 01:30 to 04:00
		{Day: time.Monday, Opens: 480, Closes: 1080},     // 08:00 to 18:00
		{Day: time.Saturday, Opens: 22 * 60, Closes: 60}, // to 01:00 on Sunday
		{Day: time.Wednesday, Opens: 0, Closes: 1440},
	}
	for at, want := range map[string]bool{
		"2026-11-23T07:59:59+01:00": false, // Monday
		"2026-11-23T08:00:00+01:00": true,
		"2026-11-23T17:59:59+01:00": true,
		"2026-11-23T18:00:00+01:00": false,
		"2026-11-25T00:00:00+01:00": true,
		"2026-11-25T23:59:59+01:00": true,
		"2026-11-26T00:00:00+01:00": false,
		"2026-11-21T21:59:00+01:00": false, // Saturday
		"2026-11-21T23:00:00+01:00": true,
		"2026-11-22T00:59:59+01:00": true,
		"2026-11-22T01:00:00+01:00": false,
		// Summer time begins: 02:00 is 03:00.
		"2026-03-29T00:29:59Z": false,
		"2026-03-29T00:30:00Z": true,
		"2026-03-29T01:59:59Z": true,
		"2026-03-29T02:00:00Z": false,
		// And ends: 02:00 to 03:00 comes twice.
		"2026-10-24T23:30:00Z": true,
		"2026-10-25T00:30:00Z": true,
		"2026-10-25T02:59:59Z": true,
		"2026-10-25T03:00:00Z": false,
		// By the wall in summer, not an hour off.
		"2026-07-06T06:00:00Z": true,
		"2026-07-06T05:59:59Z": false,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := week.Open(moment, berlin); got != want {
			t.Errorf("%s: open: %v", at, got)
		}
	}
	if !loyalty.Hours(nil).Open(time.Now(), berlin) {
		t.Error("a shop without hours is closed")
	}
}

func TestHoursOpenAgain(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{loyaltytest.Zone(t, "Europe/Berlin"), loyaltytest.Zone(t, "America/New_York"), time.UTC}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		h := loyalty.Hours{{
			Day: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), Opens: rapid.IntRange(4*60, 1439).Draw(t, "opens"), Closes: rapid.IntRange(0, 1440).Draw(t, "closes"),
		}}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "at"), 0)
		if h.Check() != nil || h.Open(at, zone) {
			return
		}
		next := h.Next(at, zone)
		if !next.After(at) || next.Sub(at) > 7*24*time.Hour+time.Hour || !h.Open(next, zone) || h.Open(next.Add(-time.Second), zone) {
			t.Fatalf("%+v at %v: opens again at %v", h, at.In(zone), next.In(zone))
		}
	})
}

func TestHoursThatCannotBe(t *testing.T) {
	t.Parallel()
	for field, h := range map[string]loyalty.Hours{
		"hours[0].day":    {{Day: 7, Opens: 1, Closes: 2}},
		"hours[0].opens":  {{Opens: 1440, Closes: 2}},
		"hours[0].closes": {{Opens: 1, Closes: 1441}},
		"hours[1].closes": {{Opens: 1, Closes: 2}, {Opens: 5, Closes: 5}},
		"hours":           make(loyalty.Hours, loyalty.MaxOpenings+1),
	} {
		if err, ok := h.Check().(*loyalty.FieldError); !ok || err.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func FuzzParseClock(f *testing.F) {
	for _, text := range []string{"00:00", "23:59", "24:00", "24:01", "9:00", "12:60", "١٢:٠٠"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		minutes, ok := loyalty.ParseClock(text)
		if ok && (minutes < 0 || minutes > 1440 || loyalty.Clock(minutes) != text) {
			t.Errorf("%q is %d", text, minutes)
		}
	})
}
