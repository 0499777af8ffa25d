package api_test

import (
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Staff greet by the first name where the program wants it, as long as the member is
// known by one; what is kept for retries names nobody.
func TestScanSaysTheFirstName(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		shop := a.Shop
		member := a.NewMember(t, shop, a.NewPerson())
		card := a.NewCard(t, shop, shop.Stamps).ID
		look := func() string {
			t.Helper()
			call := apitest.Call{Path: "/v1/scans", Token: shop.Front.Token, Body: apitest.Map{"credential": a.Mint(t, shop, card).Token}}
			return apitest.Read[gen.Scan](t, a.Do(t, call)).FirstName
		}
		expect := func(when, want string) {
			t.Helper()
			if got := look(); got != want {
				t.Errorf("%s: %q", when, got)
			}
		}
		a.Attach(t, shop, card, member.ID)
		expect("the program shows no names", "")
		a.Publish(t, shop, shop.Stamps.ID, func(r *loyalty.Rules) { r.ShowsName = true })
		expect("it does now", "Agnieszka")

		earned := a.Do(t, apitest.Call{Path: "/v1/scans", Token: shop.Front.Token, Key: apitest.Key(), Body: apitest.Map{
			"credential": a.Mint(t, shop, card).Token, "earn": apitest.Map{"units": 1},
		}})
		if earned.Status != 200 || strings.Contains(string(earned.Body), "Agnieszka") {
			t.Errorf("earned at once: %d %s", earned.Status, earned.Body)
		}

		other := a.NewCard(t, shop, shop.Stamps).ID
		card, other = other, card
		expect("a card of nobody", "")
		a.Do(t, office(shop, "POST", "/v1/cards/"+other.String()+"/merge", apitest.Map{"into": card}))
		expect("merged into it", "Agnieszka")
		a.Do(t, office(shop, "DELETE", "/v1/members/"+member.ID.String(), nil))
		expect("she is erased", "")
	})
}
