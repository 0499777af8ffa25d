package loyalty_test

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// in is a till of the shop's at some other place.
func in(t *testing.T, shop *loyaltytest.Shop, zone string) func(*loyalty.Command) {
	t.Helper()
	return shop.Pair(loyaltytest.Till(t, zone, func(till *loyalty.Till) {
		till.Zone, till.Location = loyaltytest.Zone(t, zone), loyalty.LocationID(loyaltytest.ID("location in "+zone))
	}))
}

// Conditions go by the clock on the wall where the till is, on the days when that is
// changed, too: an hour that comes twice counts twice, one that is left out never.
func TestConditionsByTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	const happy = `now.hour == 2`
	for _, tt := range []struct {
		name, zone, at, when string
		applies              bool
	}{
		{"autumn, the first time", "Europe/Berlin", "2026-10-25T02:30:00+02:00", happy, true},
		{"autumn, the second time", "Europe/Berlin", "2026-10-25T02:30:00+01:00", happy, true},
		{"spring, before", "Europe/Berlin", "2027-03-28T01:59:59+01:00", happy, false},
		{"spring, after: it is three", "Europe/Berlin", "2027-03-28T03:00:00+02:00", happy, false},
		{"midnight is left out: the day begins at one", "Asia/Beirut", "2027-03-28T01:00:00+03:00", `now.date == "2027-03-28" && now.time == "01:00" && now.weekday == 7`, true},
		{"and its last moment before", "Asia/Beirut", "2027-03-27T23:59:59+02:00", `now.date == "2027-03-27" && now.weekday == 6`, true},
		{"the same in Chile", "America/Santiago", "2026-09-06T01:00:00-03:00", `now.date == "2026-09-06" && now.hour == 1`, true},
		{"an evening that comes twice", "America/Santiago", "2027-04-03T23:30:00-04:00", `now.date == "2027-04-03" && now.time == "23:30"`, true},
		{"29 February", "Europe/Berlin", "2028-02-29T23:59:59+01:00", `now.month == 2 && now.day == 29`, true},
		{"a year's end, here", "Europe/Berlin", "2026-12-31T23:59:59+01:00", `now.year == 2026`, true},
		{"which is over further east", "Europe/Kyiv", "2026-12-31T23:59:59+01:00", `now.year == 2027 && now.date == "2027-01-01"`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t, withBonuses(loyalty.Bonus{Name: "then", When: tt.when, Units: 1})))
			shop.Now = instant(t, tt.at)
			if got := shop.Entry(loyalty.Earning{Units: 1}, in(t, shop, tt.zone)).Units; (got == 2) != tt.applies {
				t.Errorf("earned %d", got)
			}
		})
	}
}

// A cooldown is a time that passes, whatever the clock on the wall shows.
func TestCooldownWhileClocksChange(t *testing.T) {
	t.Parallel()
	for name, began := range map[string]string{
		"spring, when 02:00 is 03:00":         "2027-03-28T01:30:00+01:00",
		"autumn, when 03:00 is 02:00":         "2026-10-25T02:30:00+02:00",
		"the year's last hour":                "2026-12-31T23:30:00+01:00",
		"the last hour before 29 February is": "2028-02-28T23:30:00+01:00",
	} {
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.Cooldown = 3600 }))
		shop.Now = instant(t, began)
		shop.Do(loyalty.Earning{Units: 1})
		shop.After(time.Hour - time.Microsecond)
		if got := shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1}).RetryAt; !got.Equal(shop.Now.Add(time.Microsecond)) {
			t.Errorf("%s: again at %s", name, got)
		}
		shop.After(time.Microsecond)
		shop.Do(loyalty.Earning{Units: 1})
	}
}

// A card that is used on both sides of the date line: each place's day, month and
// year is its own, and none is given twice.
func TestOneCardInTwoZones(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Earn.MonthlyCap = 100
		r.Lots = &loyalty.LotRule{Expires: loyalty.YearEnd}
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) {
			rule.By, rule.Currency, rule.Keep = loyalty.TierByUnits, "", 0
			rule.Levels = []loyalty.Tier{{Name: "Silver", From: 90}}
		})
	}))
	auckland, york := in(t, shop, "Pacific/Auckland"), in(t, shop, "America/New_York")

	shop.Now = instant(t, "2027-01-01T00:30:00+13:00") // 06:30 on New Year's Eve in New York
	first := shop.Entry(loyalty.Earning{Units: 60}, auckland)
	if got, want := shop.Lots()[0].Expires, instant(t, "2028-01-01T00:00:00+13:00"); !got.Equal(want) {
		t.Errorf("earned in Auckland's new year, expires %s, want %s", got, want)
	}
	// In New York it is still December. Its cap is that of the month that has begun.
	if got := shop.Refused(loyalty.MonthlyCapReached, loyalty.Earning{Units: 41}, york).RetryAt; !got.Equal(instant(t, "2027-02-01T00:00:00-05:00")) {
		t.Errorf("again at %s", got)
	}
	second := shop.Entry(loyalty.Earning{Units: 40}, york)
	if got, want := shop.Lots()[1].Expires, instant(t, "2027-01-01T00:00:00-05:00"); !got.Equal(want) {
		t.Errorf("earned in New York's old year, expires %s, want %s", got, want)
	}
	tier := func() string {
		card := shop.Card()
		if level := card.Standing(shop.Program(), shop.Now).Tier.Level; level != nil {
			return level.Name
		}
		return ""
	}
	// 60 of one year and 40 of the other make no 90 of either.
	if got := tier(); got != "" {
		t.Errorf("in tier %q", got)
	}
	if first.Counted.Month != monthIn(2027, 1) || second.Counted.Month != monthIn(2026, 12) {
		t.Errorf("counted in %s and %s", first.Counted.Month, second.Counted.Month)
	}

	shop.Now = instant(t, "2027-01-01T00:00:00-05:00")
	shop.Do(loyalty.Lapse{}, loyaltytest.AtOffice)
	if card := shop.Card(); card.Balance != 60 {
		t.Errorf("at midnight in New York %d are left", card.Balance)
	}
	shop.Now = instant(t, "2028-01-01T00:00:00+13:00")
	shop.Do(loyalty.Lapse{}, loyaltytest.AtOffice)
	if card := shop.Card(); card.Balance != 0 {
		t.Errorf("at midnight in Auckland %d are left", card.Balance)
	}
}

// A tier that a year was good for ends with the year of the place where the card was
// used last: also where that midnight is left out or the clocks go back at it.
func TestTierEndsWithTheLocationsYear(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "America/Santiago", "Asia/Beirut"} {
		for _, over := range []loyalty.Span{loyalty.Yearly, loyalty.Quarter, loyalty.Monthly} {
			shop := loyaltytest.Open(t, loyaltytest.Discount(t, func(r *loyalty.Rules) {
				r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Window, rule.Keep = loyalty.Window{Over: over}, 0 })
			}))
			where := loyaltytest.Zone(t, zone)
			ends := time.Date(2027, 1, 1, 0, 0, 0, 0, where)
			shop.Now = ends.Add(-time.Microsecond).UTC()
			shop.Do(grantOf("party", 20_000), in(t, shop, zone))
			card := shop.Card()
			stand := card.Standing(shop.Program(), shop.Now).Tier
			if stand.Level == nil || stand.Level.Name != "Silver" || !stand.Until.Equal(ends) {
				t.Errorf("%s, %s: in the last moment %+v", zone, over, stand)
			}
			if stand := card.Standing(shop.Program(), ends).Tier; stand.Level != nil {
				t.Errorf("%s, %s: in the first moment %+v", zone, over, stand)
			}
		}
	}
}
