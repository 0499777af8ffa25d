package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testStaffOffline holds that hours are those in which people worked: a day that was
// synced at night was no night's work, and what was given at night stays so however
// late it comes in.
func testStaffOffline(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Stamps, "reported")
	noon := loyaltytest.Now.Truncate(24 * time.Hour).Add(12 * time.Hour)
	night, synced := noon.Add(-10*time.Hour), noon.Add(11*time.Hour)
	var w loyalty.Writes
	earn := func(captured, posted time.Time, staff loyalty.StaffID) {
		n := len(w.Entries) + 1
		w.Entries = append(w.Entries, loyalty.Entry{
			ID: idAt(posted, fmt.Sprint("offline ", n)), Seq: int64(n), Merchant: loyaltytest.Merchant, Operator: loyaltytest.Merchant, Card: card.ID,
			Program: shop.Stamps.ID, Version: 1, Kind: loyalty.Earn, Units: 1, Location: shop.Front.Location, Till: shop.Front.ID, Staff: staff,
			Method: loyalty.Live, Captured: captured, Posted: posted, Hash: loyalty.Hash{1},
		})
	}
	for range 1000 {
		earn(noon, noon, loyalty.StaffID{})
	}
	for range 6 {
		earn(noon, synced, loyalty.StaffID{})
	}
	for range 3 {
		earn(night, noon, Manager.ID)
	}
	if err := shop.write(t, w); err != nil {
		t.Fatal(err)
	}
	report, err := shop.StaffReport(t.Context(), loyaltytest.Merchant, noon.Add(-time.Hour), synced.Add(time.Hour), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for staff, want := range map[loyalty.StaffID]int64{{}: 0, Manager.ID: 3} {
		i := slices.IndexFunc(report.People, func(w loyalty.StaffWork) bool { return w.Staff.ID == staff })
		if i < 0 || report.People[i].UnusualHours != want {
			t.Errorf("%s: %+v, want %d at unusual hours", staff, report.People, want)
		}
	}
}
