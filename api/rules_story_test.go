package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// setClock sets the shop's clock to a local time.
func setClock(t *testing.T, a *apitest.API, local string) {
	t.Helper()
	zone := locationOf(t, a).Zone
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", local, where)
	if err != nil {
		t.Fatal(err)
	}
	a.Clock.Advance(at.Sub(a.Clock.Now()))
}

func locationOf(t *testing.T, a *apitest.API) gen.Location {
	t.Helper()
	return apitest.Read[gen.Location](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/locations/" + a.Shop.At.String(), Token: a.Shop.Admin}))
}

// Café: "10 stamps with a small reward at 5 (milestones), welcome stamp, happy-hour
// double stamps". The hour is the shop's: also on the days when clocks change.
func TestHappyHourStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, newProgram(t, a, apitest.Map{"template": "cafe"}))
	if card.Balance != 1 {
		t.Errorf("begins with %d stamps", card.Balance)
	}
	next := time.Date(a.Clock.Now().Year(), 3, 24, 0, 0, 0, 0, time.UTC)
	for next.Weekday() != time.Friday { // before the Sunday on which summer time begins
		next = next.AddDate(0, 0, 1)
	}
	day := func(days int, hour string) string { return next.AddDate(0, 0, days).Format(time.DateOnly) + " " + hour }
	for _, visit := range []struct {
		at    string
		want  int64
		total int64
	}{
		{day(0, "15:59"), 1, 2},
		{day(0, "16:00"), 2, 4},
		{day(0, "18:00"), 1, 5},
		{day(2, "16:30"), 1, 6}, // Sunday: the clocks have gone forward, and nobody works
		{day(3, "16:00"), 2, 8},
		{day(3, "17:59"), 2, 0}, // ten: the card is full
	} {
		setClock(t, a, visit.at)
		posted := apitest.Read[gen.Posting](t, a.Do(t, earnOn(t, a, card.ID, apitest.Map{"units": 1})))
		if posted.Entries[0].Units != visit.want || posted.Card.Balance != visit.total {
			t.Errorf("%s: %d stamps make %d, want %d and %d (%s)", visit.at, posted.Entries[0].Units, posted.Card.Balance, visit.want, visit.total, reasons(posted.Why))
		}
	}
	vouchers := apitest.Read[gen.Card](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.ID.String(), Token: a.Shop.Admin})).Vouchers
	if len(vouchers) != 2 {
		t.Errorf("a cookie and a coffee, not %+v", vouchers)
	}
}

// Pharmacy: "points by spend without prescription items, item names never stored".
func TestPharmacyStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, newProgram(t, a, apitest.Map{"template": "pharmacy"}))
	posted := apitest.Read[gen.Posting](t, a.Do(t, spend(t, a, card.ID, "r1", map[string]int64{"prescription": 8000, "sun cream": 1290})))
	if posted.Card.Balance != 12 {
		t.Errorf("%d points for 12.90 beside a prescription", posted.Card.Balance)
	}
	a.Refused(t, spend(t, a, card.ID, "r2", map[string]int64{"prescription": 8000}), gen.ProblemCodeNothingToEarn)
	kept := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/entries/" + posted.Entries[0].ID.String(), Token: a.Shop.Admin})
	if strings.Contains(string(kept.Body), "prescription") || strings.Contains(string(kept.Body), "sun cream") || !strings.Contains(string(kept.Body), "9290") {
		t.Errorf("kept %s", kept.Body)
	}
	// A refund takes back exactly what the purchase gave.
	voided := a.Post(t, apitest.Void(a.Shop.Front, posted.Entries[0].ID, nil))
	if voided.Card.Balance != 0 || voided.Entries[0].Units != -12 {
		t.Errorf("after the refund: %+v", voided.Entries[0])
	}
}

// Supermarket: "points by spend with bonus on chosen categories".
func TestSupermarketWeekend(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, newProgram(t, a, apitest.Map{"template": "supermarket"}))
	trolley := map[string]int64{"bread": 350, "fruit": 499, "vegetables": 301, "gift card": 5000}
	posted := apitest.Read[gen.Posting](t, a.Do(t, spend(t, a, card.ID, "r1", trolley)))
	want := []loyalty.Reason{{Units: 11, Why: loyalty.BaseRate}, {Rule: "Double points on fruit and vegetables", Units: 8, Why: loyalty.BonusRule}}
	if len(posted.Why) != 2 || posted.Why[0] != want[0] || posted.Why[1] != want[1] || posted.Card.Balance != 19 {
		t.Errorf("%d points, as %+v", posted.Card.Balance, posted.Why)
	}
	// Too little without the gift card: nothing, and no bonus either.
	a.Refused(t, spend(t, a, card.ID, "r2", map[string]int64{"fruit": 499, "gift card": 5000}), gen.ProblemCodeNothingToEarn)
}
