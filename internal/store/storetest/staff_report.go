package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testStaffReport counts what stands in the ledger, and nothing of another time,
// merchant or place.
func testStaffReport(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	m, now := loyaltytest.Merchant, loyaltytest.Now
	card := shop.Card(t, shop.Stamps, "reported")
	w, made := loyalty.Writes{}, 0
	post := func(at time.Time, e loyalty.Entry) loyalty.EntryID {
		made++
		e.ID, e.Seq = idAt(at, fmt.Sprint("reported ", made)), int64(made)
		e.Program, e.Version, e.Captured, e.Posted, e.Hash = shop.Stamps.ID, 1, at, at, loyalty.Hash{1}
		if e.Merchant.IsZero() {
			e.Merchant, e.Operator = m, m
		}
		if e.Card.IsZero() {
			e.Card = card.ID
		}
		w.Entries = append(w.Entries, e)
		return e.ID
	}
	at := func(second int) time.Time { return now.Add(time.Duration(second) * time.Second) }
	front, back := shop.Front.ID, shop.Back.ID
	for i := range 5 {
		post(at(i), loyalty.Entry{Kind: loyalty.Earn, Units: 2, Till: front, Staff: Manager.ID, Method: loyalty.Static})
		post(at(i), loyalty.Entry{Kind: loyalty.Earn, Units: 1, Till: back, Method: loyalty.Manual})
		post(at(i), loyalty.Entry{Kind: loyalty.Earn, Units: 1, Till: front, Method: loyalty.Live}) // somebody was there
	}
	post(at(0), loyalty.Entry{Kind: loyalty.Grant, Till: front, Staff: Manager.ID, Method: loyalty.Static})
	post(at(0), loyalty.Entry{Kind: loyalty.Refund, Till: front, Staff: Manager.ID})
	post(at(5), loyalty.Entry{Kind: loyalty.Earn, Units: 1, Till: back, Method: loyalty.Static})
	post(at(6), loyalty.Entry{Kind: loyalty.Redeem, Till: front, Staff: Manager.ID, Method: loyalty.Manual, Lifted: loyalty.Lifted(0).With(loyalty.LimitOldCode)})
	post(at(7), loyalty.Entry{Kind: loyalty.Adjust, Units: 3, Till: front, Staff: Manager.ID})
	own := post(at(8), loyalty.Entry{Kind: loyalty.Earn, Units: 1, Till: front, Method: loyalty.Live})
	other := post(at(8), loyalty.Entry{Kind: loyalty.Earn, Units: 1, Till: back, Method: loyalty.Live})
	office := post(at(8), loyalty.Entry{Kind: loyalty.Adjust, Units: 1})
	for _, origin := range []loyalty.EntryID{own, other, office} {
		post(at(9), loyalty.Entry{Kind: loyalty.Void, Units: -1, Till: front, Staff: Manager.ID, Origin: origin})
	}
	post(at(3600), loyalty.Entry{Kind: loyalty.Earn, Units: 1, Till: front, Staff: Manager.ID, Method: loyalty.Static}) // later
	stranger := loyalty.Entry{
		Merchant: loyaltytest.Stranger, Operator: loyaltytest.Stranger, Card: loyaltytest.ID("card of a stranger"),
		Kind: loyalty.Earn, Units: 1, Till: front, Method: loyalty.Static,
	}
	for range 6 {
		post(at(4), stranger)
	}
	if err := shop.write(t, w); err != nil {
		t.Fatal(err)
	}
	for _, when := range []time.Time{at(1), at(2), at(3601)} {
		look := loyalty.Lookup{ID: loyalty.NewID(), Merchant: m, Till: front, At: when}
		if _, err := shop.NoteLookup(t.Context(), look, shop.Front, ManagerPIN); err != nil {
			t.Fatal(err)
		}
	}

	report, err := shop.StaffReport(t.Context(), m, now, at(3600), 1000)
	if err != nil {
		t.Fatal(err)
	}
	of := func(id loyalty.StaffID) loyalty.StaffWork {
		i := slices.IndexFunc(report.People, func(w loyalty.StaffWork) bool { return w.Staff.ID == id })
		if i < 0 {
			t.Fatalf("%s is not among %+v", id, report.People)
		}
		return report.People[i]
	}
	if got, want := of(Manager.ID), (loyalty.StaffWork{
		Staff: Manager, Earns: 5, Units: 10, Redemptions: 1, Grants: 1, Refunds: 1, Adjustments: 1, Static: 6, Manual: 1, VoidsOwn: 1, VoidsOthers: 2, Overrides: 1, Lookups: 2,
	}); got != want {
		t.Errorf("the manager: %+v, want %+v", got, want)
	}
	if got, want := of(loyalty.StaffID{}), (loyalty.StaffWork{Earns: 13, Units: 13, Static: 1, Manual: 5}); got != want {
		t.Errorf("nobody: %+v, want %+v", got, want)
	}
	repeats := []loyalty.Repeat{{Card: card.ID, Till: back, Times: 6}, {Card: card.ID, Till: front, Staff: Manager.ID, Times: 5}}
	if !slices.Equal(report.Repeats, repeats) || !report.From.Equal(now) {
		t.Errorf("from %s: repeats %+v, want %+v", report.From, report.Repeats, repeats)
	}

	if want := []loyalty.Favourite{{Card: card.ID, Staff: Manager.ID, Earns: 5, Redemptions: 1, OfPerson: 100, OfCard: 27}}; !slices.Equal(report.Favourites, want) {
		t.Errorf("favourites %+v, want %+v", report.Favourites, want)
	}
	short, err := shop.StaffReport(t.Context(), m, now, at(3600), 11) // those of second 5 and later, and half of what was before
	if err != nil || !short.From.After(at(3)) || short.From.After(at(5)) {
		t.Fatalf("of the newest: from %s, %v", short.From, err)
	}
	for _, w := range short.People {
		if w.Staff.ID == Manager.ID && (w.Redemptions != 1 || w.Earns != 0) {
			t.Errorf("of the newest: %+v", w)
		}
	}
}
