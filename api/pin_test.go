package api_test

import (
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// stepUp holds that a call needs the PIN of a role: that none and a wrong one will
// not do, nor a cashier's where a manager's is needed; and then makes it. The call
// is made anew each time, as a till would.
func stepUp(t *testing.T, a *apitest.API, needs gen.Role, call func(pin apitest.Map) apitest.Call) gen.Posting {
	t.Helper()
	pins := a.Shop.PINs
	refused := a.Refused(t, call(apitest.Map{}), gen.ProblemCodePINRequired)
	if refused.Needs != needs {
		t.Errorf("without a PIN: needs %q, want %q", refused.Needs, needs)
	}
	a.Refused(t, call(apitest.Map{"pin": a.Rival.PINs.Manager}), gen.ProblemCodePINWrong)
	pin := pins.Cashier
	if needs == gen.RoleManager {
		a.Refused(t, call(apitest.Map{"pin": pin}), gen.ProblemCodePINRequired)
		pin = pins.Manager
	}
	posted := a.Do(t, call(apitest.Map{"pin": pin}))
	if posted.Status != 200 {
		t.Fatalf("with the PIN: %d %s", posted.Status, posted.Body)
	}
	scan := apitest.Read[gen.Scan](t, posted) // what a scan answers holds all that a posting does
	if len(scan.Entries) == 0 || scan.Entries[0].Staff.IsZero() {
		t.Errorf("the entry does not say who approved: %s", posted.Body)
	}
	return gen.Posting{Card: scan.Card, Offers: scan.Offers, Entries: scan.Entries, Receipt: scan.Receipt}
}

// full is a card with a voucher.
func full(t *testing.T, a *apitest.API) gen.Card {
	t.Helper()
	return a.Stamp(t, a.Shop, a.Shop.Front, a.NewCard(t, a.Shop, a.Shop.Stamps).ID, 10).Card
}

// A code that can be photographed redeems with a cashier's PIN, and an older one
// of a wallet with a manager's: its renewal may not have arrived.
func TestStaticCodesRedeemWithAPIN(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := full(t, a)
	reward := card.Vouchers[0].Reward
	wallet := a.Static(t, shop, card.ID, gen.SurfaceWallet)
	for _, text := range []string{wallet, a.Static(t, shop, card.ID, gen.SurfacePrint)} {
		scan := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, text, nil)))
		if scan.Offers[0].NeedsPIN != gen.RoleCashier {
			t.Errorf("offers: %+v", scan.Offers)
		}
		redeemed := stepUp(t, a, gen.RoleCashier, func(pin apitest.Map) apitest.Call {
			return apitest.Redeem(shop.Front, scan.Scan, with(pin, "reward", reward))
		})
		a.Post(t, apitest.Void(shop.Front, redeemed.Entries[0].ID, nil))
	}
	scan := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, wallet, nil)))
	if scan.Offers[0].NeedsPIN != gen.RoleManager {
		t.Errorf("offers on an older code: %+v", scan.Offers)
	}
	stepUp(t, a, gen.RoleManager, func(pin apitest.Map) apitest.Call {
		return apitest.Redeem(shop.Front, scan.Scan, with(pin, "reward", reward))
	})
}

// After two minutes a customer may be gone: redeeming needs a PIN.
func TestLateRedeemingNeedsAPIN(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := full(t, a)
	early := a.Look(t, a.Shop, a.Shop.Front, card.ID)
	late := a.Look(t, a.Shop, a.Shop.Front, card.ID)
	a.Clock.Advance(2 * time.Minute)
	redeemed := a.Post(t, apitest.Redeem(a.Shop.Front, early.Scan, apitest.Map{"voucher": card.Vouchers[0].ID}))
	a.Post(t, apitest.Void(a.Shop.Front, redeemed.Entries[0].ID, nil))
	a.Clock.Advance(time.Microsecond)
	stepUp(t, a, gen.RoleCashier, func(pin apitest.Map) apitest.Call {
		return apitest.Redeem(a.Shop.Front, late.Scan, with(pin, "voucher", card.Vouchers[0].ID))
	})
}

// A till takes its own entries back for ten minutes; else a manager does.
func TestVoidsNeedAPIN(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	own, others := a.Stamp(t, shop, shop.Front, card, 1).Entries[0], a.Stamp(t, shop, shop.Back, card, 1).Entries[0]
	adjusted := a.Post(t, apitest.Call{
		Path: "/v1/cards/" + card.String() + "/adjustments", Token: shop.Admin, Key: apitest.Key(), Body: apitest.Map{"units": 3},
	}).Entries[0]
	for _, entry := range []gen.Entry{others, adjusted} {
		stepUp(t, a, gen.RoleManager, func(pin apitest.Map) apitest.Call { return apitest.Void(shop.Front, entry.ID, pin) })
	}
	a.Clock.Advance(10*time.Minute + time.Microsecond)
	voided := stepUp(t, a, gen.RoleManager, func(pin apitest.Map) apitest.Call { return apitest.Void(shop.Front, own.ID, pin) })
	if voided.Card.Balance != 0 {
		t.Errorf("the card has %d left", voided.Card.Balance)
	}
}

// More than the program's maximum in one scan needs a manager, both ways to earn.
func TestManyUnitsNeedAPIN(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	a.Stamp(t, shop, shop.Front, card, 20)
	credential := a.Token(t, shop, card)
	stepUp(t, a, gen.RoleManager, func(pin apitest.Map) apitest.Call {
		return apitest.Scan(shop.Front, credential, with(pin, "earn", apitest.Map{"units": 21}))
	})
	scan := a.Look(t, shop, shop.Front, card)
	stepUp(t, a, gen.RoleManager, func(pin apitest.Map) apitest.Call {
		return apitest.Earn(shop.Front, scan.Scan, with(pin, "units", 21))
	})
}

// Wrong PINs lock the till they are typed on, not the shop. A manager's right one
// begins the count anew; a cashier's does not, or a cashier could guess a manager's.
func TestWrongPINsLockTheTill(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	entry := a.Stamp(t, shop, shop.Back, a.NewCard(t, shop, shop.Stamps).ID, 1).Entries[0].ID
	try := func(till apitest.Till, pin string) apitest.Call {
		return apitest.Void(till, entry, apitest.Map{"pin": pin})
	}
	const wrong = "000000000000"
	for range 4 {
		a.Refused(t, try(shop.Front, wrong), gen.ProblemCodePINWrong)
	}
	a.Refused(t, try(shop.Front, shop.PINs.Cashier), gen.ProblemCodePINRequired) // right, though not a manager's
	if last := a.Refused(t, try(shop.Front, wrong), gen.ProblemCodePINWrong); last.RetryAt.IsZero() {
		t.Errorf("the last try: %+v", last)
	}
	locked := a.Do(t, try(shop.Front, shop.PINs.Manager))
	if p := locked.Problem(); p.Code != gen.ProblemCodePINLocked || !p.RetryAt.Equal(a.Clock.Now().Add(5*time.Minute)) ||
		locked.Header.Get("Retry-After") != "300" {
		t.Errorf("locked: %s, Retry-After %s", locked.Body, locked.Header.Get("Retry-After"))
	}
	a.Refused(t, apitest.Void(shop.Front, entry, nil), gen.ProblemCodePINRequired) // what needs none goes on
	a.Clock.Advance(5 * time.Minute)
	if answer := a.Do(t, try(shop.Front, shop.PINs.Manager)); answer.Status != 200 {
		t.Errorf("after the pause: %d %s", answer.Status, answer.Body)
	}
}

func TestMalformedPINs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, pin := range []string{"123", "1234567890123", "12a4", "١٢٣٤", "1234 ", "-123", "1.23", "12\x004"} {
		for _, c := range []apitest.Call{
			apitest.Scan(s.Shop.Front, s.credential, apitest.Map{"pin": pin, "earn": apitest.Map{"units": 1}}),
			apitest.Earn(s.Shop.Front, s.scan, apitest.Map{"pin": pin, "units": 1}),
			apitest.Redeem(s.Shop.Front, s.scan, apitest.Map{"pin": pin, "voucher": s.voucher}),
			apitest.Void(s.Shop.Front, s.entry, apitest.Map{"pin": pin}),
		} {
			s.Refused(t, c, gen.ProblemCodeInvalidField)
		}
	}
}
