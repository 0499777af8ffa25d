package loyalty_test

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// A shop in Warsaw earns by day; somebody stamps at three in the morning.
func TestUnusualHours(t *testing.T) {
	t.Parallel()
	shop, fair := loyalty.LocationID{1}, loyalty.LocationID{2}
	anna, ben := loyalty.StaffID{1}, loyalty.StaffID{2}
	zones := map[loyalty.LocationID]*time.Location{shop: loyaltytest.Zone(t, "Europe/Warsaw")}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	var hours []loyalty.HourOfWork
	for day := 20; day < 31; day++ { // the clocks change on the 29th
		for hour := 9; hour < 18; hour++ {
			local := time.Date(2026, 3, day, hour, 0, 0, 0, zones[shop])
			hours = append(hours, loyalty.HourOfWork{Location: shop, Staff: ben, Begins: local, Earns: 10, WithoutPurchase: 10})
		}
	}
	hours = append(hours,
		loyalty.HourOfWork{Location: shop, Staff: anna, Begins: at(25, 2), Earns: 5, WithoutPurchase: 4},
		loyalty.HourOfWork{Location: shop, Staff: anna, Begins: at(25, 16), Earns: 5, WithoutPurchase: 5},
		loyalty.HourOfWork{Location: shop, Staff: anna, Begins: at(30, 15), Earns: 5, WithoutPurchase: 5},  // five in the afternoon, in summer
		loyalty.HourOfWork{Location: fair, Staff: anna, Begins: at(25, 2), Earns: 99, WithoutPurchase: 99}, // too few to tell
	)
	report := loyalty.StaffReport{People: []loyalty.StaffWork{{}, {Staff: loyalty.Staff{ID: anna}}, {Staff: loyalty.Staff{ID: ben}}}}
	report.AddUnusualHours(hours, zones)
	for i, want := range []int64{0, 4, 0} {
		if got := report.People[i].UnusualHours; got != want {
			t.Errorf("person %d: %d, want %d", i, got, want)
		}
	}
}
