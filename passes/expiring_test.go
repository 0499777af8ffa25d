package passes

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// A card that time passes over: points begin to count, are reminded of once, run out,
// and each time the face is due.
func TestPointsRunOut(t *testing.T) {
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Lots = &loyalty.LotRule{Pending: 1, Expires: loyalty.YearEnd, Remind: 30}
	}))
	berlin := loyaltytest.Zone(t, "Europe/Berlin")
	shop.Do(loyalty.Earning{Units: 120})
	face := func() Face {
		return Of(subject(shop, func(s *Subject) {
			s.Lots = shop.Lots()
			s.Shops = []loyalty.Location{{ID: loyaltytest.Location, Name: "Corner", Zone: berlin}}
		}))
	}
	end := time.Date(2027, 1, 1, 0, 0, 0, 0, berlin)
	for _, step := range []struct {
		change, expiry string
		have           int64
		due            time.Time
	}{
		{"120 points added. Now 0 points. 120 points count from 3 March 2026.", "", 0, time.Date(2026, 3, 3, 0, 0, 0, 0, berlin)},
		{"120 points added. Now 120 points.", "", 120, end.AddDate(0, 0, -30)},
		{"120 points expire on 31 December 2026.", "31 December 2026 (120 points)", 120, end},
		{"Some have run out. Now 0 points.", "", 0, time.Time{}},
	} {
		f := face()
		if en := f.In("en"); en.Change != step.change || en.Expiry != step.expiry || f.Progress.Have != step.have {
			t.Errorf("on %s: %q, %q, %d points", shop.Now, en.Change, en.Expiry, f.Progress.Have)
		}
		if due := f.Due(shop.Now); !due.Equal(step.due) {
			t.Errorf("on %s: due %s, want %s", shop.Now, due, step.due)
		}
		if later := face(); later.Version != f.Version {
			t.Error("the same card has two versions")
		}
		shop.Now = step.due
		if shop.Now.IsZero() {
			return
		}
	}
}

// What is posted after the reminder is told instead of it, and it is not told again.
func TestReminderIsToldOnce(t *testing.T) {
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Lots = &loyalty.LotRule{Expires: loyalty.YearEnd, Remind: 30}
	}))
	shop.Do(loyalty.Earning{Units: 20})
	shop.Now = time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	f := Of(subject(shop, func(s *Subject) { s.Lots = shop.Lots() }))
	if en := f.In("en"); en.Change != "Enjoy: A topping. Now 15 points." || f.Expiring.Units != 15 {
		t.Errorf("%q, %+v", en.Change, f.Expiring)
	}
	for l, want := range map[Language]string{
		English: "15 points run out on 31 December 2026", Polish: "15 punktów traci ważność 31 grudnia 2026", Romanian: "15 puncte expiră la 31 decembrie 2026",
	} {
		if text := f.In(l); text.Expiry == "" || text.Soon != want {
			t.Errorf("%s says %q of it", l, text.Soon)
		}
	}
}
