package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// What is counted in whatever order and on however many cards comes together to the
// same, and beyond five years only in all.
func TestCountsComeTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := monthIn(2020, time.January)
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) loyalty.MonthCount {
			return loyalty.MonthCount{
				Month: start + loyalty.Month(rapid.IntRange(0, 90).Draw(t, "month")),
				Spend: rapid.Int64Range(-500, 5000).Draw(t, "spend"), Units: rapid.Int64Range(0, 9).Draw(t, "units"),
			}
		}), 1, 30).Draw(t, "counts")
		want, newest := map[loyalty.Month]loyalty.MonthCount{}, loyalty.Month(0)
		for _, c := range list {
			newest = max(newest, c.Month)
			want[0] = sumOf(want[0], c)
			want[c.Month] = sumOf(want[c.Month], c)
		}
		one, two, cut := loyalty.CountsOf("UTC"), loyalty.CountsOf("Europe/Berlin"), rapid.IntRange(0, len(list)).Draw(t, "cut")
		for i, c := range list {
			if i < cut {
				one = one.Plus("", c)
			} else {
				two = two.Plus("Europe/Berlin", c)
			}
		}
		got := one.Both(two).Months()
		if !slices.Equal(got, two.Both(one).Months()) {
			t.Fatalf("%v one way, %v the other", got, two.Both(one).Months())
		}
		for month := range want {
			if month != 0 && month <= newest-60 {
				delete(want, month)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for i, c := range got {
			w := want[c.Month]
			if w.Month = c.Month; w != c || i > 0 && c.Month <= got[i-1].Month {
				t.Fatalf("%v, want %v", got, want)
			}
		}
	})
}

func sumOf(a, b loyalty.MonthCount) loyalty.MonthCount {
	return loyalty.MonthCount{Month: b.Month, Spend: a.Spend + b.Spend, Units: a.Units + b.Units}
}

// A damaged row must not stop anything but the audit.
func FuzzCounts(f *testing.F) {
	f.Add([]byte(loyalty.CountsOf("Europe/Warsaw").Plus("Europe/Warsaw", loyalty.MonthCount{Month: monthIn(2026, time.May), Spend: 5, Units: -1})))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Add([]byte{200})
	f.Fuzz(func(t *testing.T, b []byte) {
		counts := loyalty.Counts(b)
		if counts.Zone() == nil {
			t.Error("no zone")
		}
		counts.Months()
	})
}

// The same instant lies in different months at different places, and a month begins
// when it does there: also where the clocks go forward in that very hour.
func TestMonthsAreTheLocations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, month, begins string }{
		{"Europe/Warsaw", "2026-12", "2026-11-30T23:00:00Z"},
		{"Europe/Warsaw", "2026-07", "2026-06-30T22:00:00Z"},
		{"Pacific/Auckland", "2027-01", "2026-12-31T11:00:00Z"},
		{"America/New_York", "2028-03", "2028-03-01T05:00:00Z"}, // behind the 29th of February
		{"Asia/Amman", "2022-04", "2022-03-31T21:00:00Z"},
		{"Africa/Cairo", "2010-10", "2010-09-30T22:00:00Z"}, // the clocks went back at the last midnight of September
	} {
		zone := loyaltytest.Zone(t, c.zone)
		begins, err := time.Parse(time.RFC3339, c.begins)
		if err != nil {
			t.Fatal(err)
		}
		month := loyalty.MonthOf(begins, zone)
		if month.String() != c.month || !month.Begins(zone).Equal(begins) || loyalty.MonthOf(begins.Add(-time.Microsecond), zone) != month-1 {
			t.Errorf("%s in %s begins %s, and the microsecond before is in %s", month, c.zone, month.Begins(zone), loyalty.MonthOf(begins.Add(-time.Microsecond), zone))
		}
	}
}

func monthIn(year int, month time.Month) loyalty.Month {
	return loyalty.MonthOf(time.Date(year, month, 15, 0, 0, 0, 0, time.UTC), time.UTC)
}
