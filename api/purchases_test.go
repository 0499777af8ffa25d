package api_test

import (
	"reflect"
	"slices"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

func preview(token string, entry loyalty.EntryID, body apitest.Map) apitest.Call {
	return apitest.Call{Path: "/v1/entries/" + entry.String() + "/refund-preview", Token: token, Body: body}
}

func purchasesOf(t *testing.T, a *apitest.API, till apitest.Till, by apitest.Map) []gen.CreditedPurchase {
	t.Helper()
	call := apitest.Call{Path: "/v1/scans/purchases", Token: till.Token, Body: by}
	return apitest.Read[gen.CreditedPurchases](t, a.Do(t, call)).Purchases
}

// A till finds a purchase by the card or by the receipt, is told what a refund would
// take back, and is then answered exactly that.
func TestPurchaseComesBack(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		c := &customer{API: a, program: a.NewProgram(t, a.Shop, "supermarket"), zone: a.Shop.Front.Zone}
		c.card = a.NewCard(t, a.Shop, c.program).ID
		front := a.Shop.Front
		undone := c.earns(t, c.basket(piece("bread", 1_000)))
		a.Post(t, apitest.Void(front, undone.Entries[0].ID, apitest.Map{}))
		first := c.earns(t, c.basket(piece("bread", 1_000))).Entries[0].ID
		second := c.earns(t, c.basket(piece("bread", 4_000), piece("wine", 6_000))).Entries[0].ID

		scan := c.Look(t, a.Shop, front, c.card).Scan
		found := purchasesOf(t, a, front, apitest.Map{"scan": scan})
		if len(found) != 2 || found[0].Entry != second || found[1].Entry != first {
			t.Fatalf("of the card: %+v", found)
		}
		if p := found[0]; p.Card != c.card || p.Units != 100 || p.Refunded != 0 || p.TakenBack != 0 || p.Returned != nil ||
			p.Purchase.Ref != "receipt 3" || p.Purchase.Total != 10_000 || len(p.Purchase.Items) != 2 {
			t.Errorf("the newest: %+v", p)
		}
		receipt := apitest.Map{"ref": "receipt 3", "pin": a.Shop.PINs.Cashier}
		if by := purchasesOf(t, a, front, receipt); !reflect.DeepEqual(by, found[:1]) {
			t.Errorf("by its receipt: %+v", by)
		}
		for _, nothing := range []string{"receipt 1", "receipt 4", "receipt"} {
			if by := purchasesOf(t, a, front, with(receipt, "ref", nothing)); len(by) != 0 {
				t.Errorf("by %s: %+v", nothing, by)
			}
		}
		if by := purchasesOf(t, a, a.Rival.Front, with(receipt, "pin", a.Rival.PINs.Cashier)); len(by) != 0 {
			t.Errorf("another merchant found %+v", by)
		}

		part := apitest.Map{"lines": []any{2}}
		foretold := apitest.Read[gen.RefundPreview](t, a.Do(t, preview(front.Token, second, part)))
		if foretold != (gen.RefundPreview{Units: 60, Balance: 50}) || c.has(t).Balance != 110 {
			t.Fatalf("foretold %+v, and the card has %d", foretold, c.has(t).Balance)
		}
		done := a.Post(t, refund(front.Token, second, with(part, "pin", a.Shop.PINs.Cashier)))
		if done.Entries[0].Units != -foretold.Units || done.Card.Balance != foretold.Balance {
			t.Errorf("foretold %+v, done %+v", foretold, done)
		}
		if p := purchasesOf(t, a, front, receipt)[0]; p.TakenBack != 60 || p.Refunded != 6_000 || !reflect.DeepEqual(p.Returned, []int64{2}) {
			t.Errorf("after the refund: %+v", p)
		}
		a.Refused(t, preview(front.Token, second, part), gen.ProblemCodePurchaseAlreadyRefunded)
		a.Refused(t, preview(front.Token, second, apitest.Map{"amount": 4_001}), gen.ProblemCodeRefundInvalid)

		a.Post(t, apitest.Redeem(front, scan, apitest.Map{"reward": c.program.Rewards[0]})) // 50
		a.Refused(t, preview(front.Token, second, apitest.Map{}), gen.ProblemCodeInsufficientBalance)
		most := apitest.Map{"as_far_as_possible": true}
		if f := apitest.Read[gen.RefundPreview](t, a.Do(t, preview(a.Shop.Admin, second, most))); f != (gen.RefundPreview{}) {
			t.Errorf("of an empty card: %+v", f)
		}
	})
}

// Of a discount card, the bill is found by the card and by the receipt, with what came
// off it: what is left to refund is what was paid.
func TestGrantComesBack(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		front, pins := a.Shop.Front, a.Shop.PINs
		card := a.NewCard(t, a.Shop, a.NewProgram(t, a.Shop, "restaurant")).ID
		scan := a.Look(t, a.Shop, front, card).Scan
		bill := a.Post(t, apitest.Grant(front, scan, "bill 1", 20_000, nil)).Entries[0] // 3 % off

		receipt := apitest.Map{"ref": "bill 1", "pin": pins.Cashier}
		found := purchasesOf(t, a, front, receipt)
		if by := purchasesOf(t, a, front, apitest.Map{"scan": scan}); len(found) != 1 || !reflect.DeepEqual(by, found) {
			t.Fatalf("by the receipt %+v, by the card %+v", found, by)
		}
		if p := found[0]; p.Entry != bill.ID || p.Kind != "grant" || p.Card != card || p.Units != 0 || p.Off != 600 || p.Refunded != 0 || p.Purchase.Total != 20_000 {
			t.Errorf("found %+v", p)
		}
		a.Post(t, refund(front.Token, bill.ID, apitest.Map{"amount": 400, "pin": pins.Cashier}))
		if p := purchasesOf(t, a, front, receipt)[0]; p.Off != 600 || p.Refunded != 400 || p.TakenBack != 0 {
			t.Errorf("after a part of it: %+v", p)
		}
		a.Refused(t, preview(front.Token, bill.ID, apitest.Map{"amount": 19_001}), gen.ProblemCodeRefundInvalid)
		a.Post(t, refund(front.Token, bill.ID, apitest.Map{"pin": pins.Cashier}))
		if p := purchasesOf(t, a, front, receipt)[0]; p.Purchase.Total-p.Off-p.Refunded != 0 {
			t.Errorf("after all of it: %+v", p)
		}

		scan = a.Look(t, a.Shop, front, card).Scan
		undone := a.Post(t, apitest.Grant(front, scan, "bill 2", 1_000, nil)).Entries[0].ID
		a.Post(t, apitest.Void(front, undone, apitest.Map{}))
		if by := purchasesOf(t, a, front, with(receipt, "ref", "bill 2")); len(by) != 0 {
			t.Errorf("of a void grant: %+v", by)
		}
	})
}

// What a purchase has earned and what a tier took off it are found both, and each is
// refunded by itself.
func TestEarnAndGrantOfOnePurchase(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	gold := apitest.Read[gen.Program](t, a.Do(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"rules": apitest.Map{
		"name": "Gold", "kind": "points", "earn": apitest.Map{"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down"},
		"tiers": apitest.Map{
			"by": "spend", "currency": "EUR", "over": "lifetime", "rounding": "down",
			"levels": []any{apitest.Map{"name": "Gold", "from": 0, "multiplier": 1000, "rate": 500}},
		},
	}})))
	front := a.Shop.Front
	scan := a.Look(t, a.Shop, front, a.NewCard(t, a.Shop, apitest.Program{ID: gold.ID}).ID).Scan
	earn := a.Post(t, apitest.Earn(front, scan, apitest.Map{"purchase": apitest.Map{"ref": "0042", "total": 1_000, "currency": "EUR"}})).Entries[0].ID
	grant := a.Post(t, apitest.Grant(front, scan, "0042", 1_000, nil)).Entries[0].ID
	receipt := apitest.Map{"ref": "0042", "pin": a.Shop.PINs.Cashier}
	found := purchasesOf(t, a, front, receipt)
	if len(found) != 2 || found[0].Entry != grant || found[0].Off != 50 || found[1].Entry != earn || found[1].Kind != "earn" || found[1].Off != 0 {
		t.Fatalf("found %+v", found)
	}
	a.Post(t, refund(front.Token, grant, apitest.Map{"pin": a.Shop.PINs.Cashier}))
	if found = purchasesOf(t, a, front, receipt); found[0].Refunded != 950 || found[1].Refunded != 0 {
		t.Errorf("after the grant's refund: %+v", found)
	}
}

// Stamps that are taken back take along the reward that they had earned.
func TestPreviewOfStamps(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	earn := apitest.Map{"units": 10, "purchase": apitest.Map{"ref": "0042", "total": 3_000, "currency": "EUR"}}
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	body := apitest.Map{"earn": earn, "pin": a.Shop.PINs.Manager}
	full := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card), body)))
	foretold := apitest.Read[gen.RefundPreview](t, a.Do(t, preview(a.Shop.Front.Token, full.Entries[0].ID, apitest.Map{"amount": 1_000})))
	if foretold.Units != 3 || foretold.Withdrawn != 1 {
		t.Errorf("a third of a full card: %+v", foretold)
	}
}

func TestPurchasesAreSoughtByOneThing(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	scan := a.Look(t, a.Shop, a.Shop.Front, a.NewCard(t, a.Shop, a.Shop.Points).ID).Scan
	ask := func(till apitest.Till, by apitest.Map) apitest.Call {
		return apitest.Call{Path: "/v1/scans/purchases", Token: till.Token, Body: by}
	}
	a.Refused(t, ask(a.Shop.Front, apitest.Map{}), gen.ProblemCodeMissingField)
	a.Refused(t, ask(a.Shop.Front, apitest.Map{"scan": scan, "ref": "0042"}), gen.ProblemCodeInvalidField)
	a.Refused(t, ask(a.Shop.Back, apitest.Map{"scan": scan}), gen.ProblemCodeScanOtherTill)
}

// Numbers of receipts can be counted through: whoever looks one up says who they are,
// and not for long, while a card that was shown is asked about as often as it takes.
func TestReceiptsAreLookedUpByStaff(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	front, pins := a.Shop.Front, a.Shop.PINs
	ask := func(by apitest.Map) apitest.Call {
		return apitest.Call{Path: "/v1/scans/purchases", Token: front.Token, Body: by}
	}
	if p := a.Refused(t, ask(apitest.Map{"ref": "0042"}), gen.ProblemCodePINRequired); p.Needs != gen.RoleCashier {
		t.Errorf("without a PIN: %+v", p)
	}
	a.Refused(t, ask(apitest.Map{"ref": "0042", "pin": a.Rival.PINs.Manager}), gen.ProblemCodePINWrong)
	scan := a.Look(t, a.Shop, front, a.NewCard(t, a.Shop, a.Shop.Points).ID).Scan
	for range 59 {
		purchasesOf(t, a, front, apitest.Map{"ref": "0042", "pin": pins.Cashier})
	}
	a.Do(t, lookUp(front, apitest.Map{"card_number": a.NewCard(t, a.Shop, a.Shop.Points).ID.String(), "pin": pins.Cashier}))
	if p := a.Refused(t, ask(apitest.Map{"ref": "0042", "pin": pins.Cashier}), gen.ProblemCodeRateLimited); p.RetryAt.IsZero() {
		t.Errorf("after 60 within the hour: %+v", p)
	}
	purchasesOf(t, a, front, apitest.Map{"scan": scan})
}

// The operator's till is told at which partner's a purchase was, and a partner's only of
// its own.
func TestPurchaseAtAPartner(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.buys(t, s.bakery.Front, 20)
	s.buys(t, s.books.Front, 15)
	for name, shop := range map[string]struct {
		till apitest.Till
		want []string
	}{
		"the operator": {s.bakery.Front, []string{"River Bookshop", ""}},
		"the partner":  {s.books.Front, []string{""}},
	} {
		found := purchasesOf(t, s.API, shop.till, apitest.Map{"scan": s.show(t, shop.till).Scan})
		var got []string
		for i := range found {
			got = append(got, found[i].Partner)
		}
		if !slices.Equal(got, shop.want) {
			t.Errorf("%s is told %q, not %q", name, got, shop.want)
		}
	}
}
