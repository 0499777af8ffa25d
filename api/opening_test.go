package api_test

import (
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// What a manager types over from paper, and what is not let through.
func TestOpeningStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps)
	scan := a.Look(t, shop, shop.Front, card.ID)
	opening := func(handle string, units int64, more apitest.Map) apitest.Call {
		return apitest.Call{Path: "/v1/scans/opening", Token: shop.Front.Token, Key: apitest.Key(), Body: with(with(more, "scan", handle), "units", units)}
	}
	pin := apitest.Map{"pin": shop.PINs.Manager}
	for _, units := range []int64{-1, 0, 10} {
		a.Refused(t, opening(scan.Scan, units, pin), gen.ProblemCodeUnitsOutOfRange)
	}
	opened := stepUp(t, a, gen.RoleManager, func(pin apitest.Map) apitest.Call { return opening(scan.Scan, 7, pin) })
	if opened.Card.Balance != 7 || opened.Entries[0].Kind != gen.EntryKindOpening || opened.Entries[0].Till != shop.Front.ID {
		t.Errorf("opened: %+v", opened)
	}
	a.Refused(t, opening(scan.Scan, 7, pin), gen.ProblemCodeScanAlreadyUsed)

	bought := a.Post(t, apitest.Earn(shop.Front, scan.Scan, apitest.Map{"units": 3}))
	if bought.Card.Balance != 0 || len(bought.Card.Vouchers) != 1 {
		t.Errorf("bought with the same scan: %+v", bought.Card)
	}
	a.Refused(t, opening(a.Look(t, shop, shop.Front, card.ID).Scan, 1, pin), gen.ProblemCodeOpeningTooLate)

	late := a.Look(t, shop, shop.Front, a.NewCard(t, shop, shop.Stamps).ID)
	a.Clock.Advance(16 * time.Minute)
	a.Refused(t, opening(late.Scan, 1, pin), gen.ProblemCodeScanExpired)
}
