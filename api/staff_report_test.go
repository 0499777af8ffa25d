package api_test

import (
	"slices"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Somebody stamps the same photographed card all day: the owner sees which, where
// and under whose PIN.
func TestStaffReport(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, card := a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps)
	printed := a.Static(t, shop, card.ID, gen.SurfacePrint)
	for range 5 {
		scan := apitest.Scan(shop.Front, printed, with(apitest.Units(1), "pin", shop.PINs.Cashier))
		if answer := a.Do(t, scan); answer.Status != 200 {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
	}
	a.Stamp(t, shop, shop.Back, a.NewCard(t, shop, shop.Stamps).ID, 1)
	a.Do(t, lookUp(shop.Front, apitest.Map{"card_number": card.ID, "pin": shop.PINs.Cashier}))

	path := "/v1/reports/staff?from=2026-01-01T00:00:00Z&to=2199-01-01T00:00:00Z"
	report := apitest.Read[gen.StaffReport](t, a.Do(t, office(shop, "GET", path, nil)))
	if len(report.Repeats) != 1 || report.Repeats[0].Card != card.ID || report.Repeats[0].Till != shop.Front.ID || report.Repeats[0].Times != 5 {
		t.Fatalf("repeats %+v", report.Repeats)
	}
	i := slices.IndexFunc(report.People, func(w gen.StaffWork) bool { return w.Staff == report.Repeats[0].Staff })
	if who := report.People[i]; who.Role != gen.RoleCashier || who.Earns != 5 || who.Static != 5 || who.Lookups != 1 || who.Overrides != 0 || who.Name == "" {
		t.Errorf("the cashier: %+v", who)
	}
	if nobody := report.People[0]; !nobody.Staff.IsZero() || nobody.Earns != 1 || nobody.Role != "" {
		t.Errorf("without a PIN: %+v", nobody)
	}
	if want := []gen.Favourite{{Card: card.ID, Staff: shop.Staff.Cashier, Earns: 5, OfPerson: 100, OfCard: 100}}; !slices.Equal(report.Favourites, want) {
		t.Errorf("favourites %+v, want %+v", report.Favourites, want)
	}
	rivals := apitest.Read[gen.StaffReport](t, a.Do(t, office(a.Rival, "GET", path, nil)))
	if len(rivals.Repeats) != 0 || slices.ContainsFunc(rivals.People, func(w gen.StaffWork) bool { return w.Earns > 0 }) {
		t.Errorf("another merchant sees %+v", rivals)
	}
	a.Refused(t, office(shop, "GET", "/v1/reports/staff?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", nil), gen.ProblemCodeInvalidField)
}
