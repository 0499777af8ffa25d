package api_test

import (
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// pairs is a receipt with so many pairs of shoes at 80 euro, and a tin of polish at 10.
func pairs(ref string, n int64) apitest.Map {
	return apitest.Map{"ref": ref, "total": n*8000 + 1000, "currency": "EUR", "items": []any{
		apitest.Map{"sku": "boot", "category": "shoes", "quantity": n * 1000, "unit": "piece", "amount": n * 8000},
		apitest.Map{"sku": "polish", "category": "care", "quantity": 1000, "unit": "piece", "amount": 1000},
	}}
}

// A discount for every five pairs bought: off the next purchase, which counts for the
// one after, and given back when the cashier takes it back.
func TestShoeShopStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.NewProgram(t, a.Shop, "shoe-shop")
	card := a.NewCard(t, a.Shop, shop).ID
	buys := func(purchase apitest.Map) gen.Scan {
		t.Helper()
		return apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})))
	}

	// A family buys four pairs and polish, which counts for nothing.
	if first := buys(pairs("receipt 1", 4)); first.Card.Balance != 4 || len(first.Offers) != 0 || first.Card.Progress.Missing != 1 {
		t.Fatalf("four pairs: %+v", first.Card)
	}
	polish := apitest.Map{"ref": "receipt 2", "total": 1000, "currency": "EUR", "items": pairs("", 1)["items"].([]any)[1:]}
	a.Refused(t, apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card), apitest.Map{"earn": apitest.Map{"purchase": polish}}), gen.ProblemCodeNothingToEarn)

	// Two more pairs: the fifth earns the discount, for the next purchase.
	second := buys(pairs("receipt 3", 2))
	if second.Card.Balance != 1 || len(second.Card.Vouchers) != 1 || len(second.Offers) != 1 {
		t.Fatalf("six pairs: %+v", second.Card)
	}
	offer := second.Offers[0]
	if offer.Kind != gen.RewardKindPercentOff || offer.Rate != 2000 || !offer.Available || offer.Name != "20 % off your next purchase" {
		t.Fatalf("the offer: %+v", offer)
	}

	// The next purchase. Lines that do not add up are the till's mistake, and nothing is
	// used; then a fifth of 170 euro comes off, and what is bought counts for the next card.
	a.Clock.Advance(24 * time.Hour)
	look := a.Look(t, a.Shop, a.Shop.Front, card)
	a.Refused(t, apitest.Redeem(a.Shop.Front, look.Scan, apitest.Map{"voucher": offer.Voucher}), gen.ProblemCodePurchaseRequired)
	redeemed := a.Post(t, apitest.Redeem(a.Shop.Front, look.Scan, apitest.Map{"voucher": offer.Voucher, "purchase": pairs("receipt 4", 2)}))
	if redeemed.Off != 3400 || redeemed.Pay == nil || *redeemed.Pay != 13_600 {
		t.Fatalf("%d off, %v to pay", redeemed.Off, redeemed.Pay)
	}
	if e := redeemed.Entries[0]; e.Kind != "redeem" || e.Units != 0 || e.Discount != 3400 || e.Voucher != offer.Voucher {
		t.Errorf("the redemption: %+v", e)
	}
	rest := pairs("receipt 4", 2)
	rest["paid_with_reward"] = redeemed.Off
	earned := a.Post(t, apitest.Earn(a.Shop.Front, look.Scan, apitest.Map{"purchase": rest}))
	if earned.Card.Balance != 3 || len(earned.Card.Vouchers) != 0 {
		t.Errorf("the same bill earns: %+v", earned.Card)
	}

	// The customer would rather have the discount another day: both are taken back.
	a.Post(t, apitest.Void(a.Shop.Front, earned.Entries[0].ID, nil))
	back := a.Post(t, apitest.Void(a.Shop.Front, redeemed.Entries[0].ID, nil))
	if back.Card.Balance != 1 || len(back.Card.Vouchers) != 1 || back.Entries[0].Discount != -3400 {
		t.Errorf("taken back: %+v, %+v", back.Card, back.Entries)
	}

	// A year later it is too late for it.
	a.Clock.Advance(366 * 24 * time.Hour)
	late := a.Look(t, a.Shop, a.Shop.Front, card)
	a.Refused(t, apitest.Redeem(a.Shop.Front, late.Scan, apitest.Map{"voucher": offer.Voucher, "purchase": pairs("receipt 5", 1)}), gen.ProblemCodeVoucherNotRedeemable)
}

// The shop takes a pair back: the stamps of it go, and with them the discount, unless it
// was used.
func TestShoeShopTakesBack(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.NewProgram(t, a.Shop, "shoe-shop")
	card := a.NewCard(t, a.Shop, shop).ID
	scan := a.Look(t, a.Shop, a.Shop.Front, card)
	bought := a.Post(t, apitest.Earn(a.Shop.Front, scan.Scan, apitest.Map{"purchase": pairs("receipt 1", 5)}))
	used := a.Post(t, apitest.Redeem(a.Shop.Front, scan.Scan, apitest.Map{"reward": shop.Rewards[0], "purchase": pairs("receipt 2", 1)}))
	a.Refused(t, apitest.Void(a.Shop.Front, bought.Entries[0].ID, nil), gen.ProblemCodeVoidRewardUsed)
	a.Post(t, apitest.Void(a.Shop.Front, used.Entries[0].ID, nil))
	refund := apitest.Call{
		Path: "/v1/entries/" + bought.Entries[0].ID.String() + "/refund", Token: a.Shop.Front.Token, Key: apitest.Key(),
		Body: apitest.Map{"lines": []int64{1}, "pin": a.Shop.PINs.Cashier},
	}
	if after := a.Post(t, refund); len(after.Card.Vouchers) != 0 || after.Card.Balance > 1 {
		t.Errorf("after the refund: %+v", after.Card)
	}
}

// giftShop has a program that gives a point for each euro: 10 points buy a gift card of
// 20 euro, and points pay for a purchase.
func giftShop(t *testing.T, a *apitest.API) (loyalty.CardID, gen.Program) {
	t.Helper()
	program := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{
		Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"rules": apitest.Map{
			"name": "Points", "kind": "points", "earn": apitest.Map{"by": "units"}, "welcome": 100,
			"rewards": []any{
				apitest.Map{"name": "A gift card of 20 euro", "kind": "gift_card", "amount": 2000, "currency": "EUR", "cost": 10},
				apitest.Map{
					"name": "Points as money", "kind": "amount_off", "currency": "EUR",
					"flexible": apitest.Map{"units": 1, "per": 10, "min": 50, "max": 5000},
				},
				apitest.Map{
					"name": "In December", "cost": 5, "from": "2035-12-01T00:00:00Z", "until": "2036-01-01T00:00:00Z",
				},
			},
		}},
	}))
	return a.NewCard(t, a.Shop, apitest.Program{ID: program.ID}).ID, program
}

// A gift card of the shop's own: bought for points, used in parts, as much as the
// customer likes, until nothing is left.
func TestGiftCardStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card, program := giftShop(t, a)
	redeem := func(more apitest.Map) apitest.Call {
		t.Helper()
		return apitest.Redeem(a.Shop.Front, a.Look(t, a.Shop, a.Shop.Front, card).Scan, more)
	}
	bill := apitest.Map{"ref": "bill", "total": 750, "currency": "EUR"}
	gift, points := program.Rewards[0].ID, program.Rewards[1].ID

	bought := a.Post(t, redeem(apitest.Map{"reward": gift}))
	if bought.Card.Balance != 90 || bought.Off != 0 || bought.Pay != nil || len(bought.Card.Vouchers) != 1 {
		t.Fatalf("bought: %+v", bought)
	}
	if v := bought.Card.Vouchers[0]; v.Value != 2000 || *v.Left != 2000 || v.Currency != "EUR" || v.State != gen.VoucherStateIssued {
		t.Errorf("the gift card: %+v", v)
	}
	voucher := bought.Card.Vouchers[0].ID
	if p := a.Refused(t, redeem(apitest.Map{"voucher": voucher, "amount": 2001}), gen.ProblemCodeAmountInvalid); p.Least != 1 || p.Most != 2000 {
		t.Errorf("more than there is: from %d to %d is told", p.Least, p.Most)
	}
	a.Refused(t, redeem(apitest.Map{"voucher": voucher, "amount": 0}), gen.ProblemCodeInvalidField)

	all := a.Post(t, redeem(apitest.Map{"voucher": voucher, "purchase": bill})) // all of the bill
	if all.Off != 750 || *all.Pay != 0 || *all.Card.Vouchers[0].Left != 1250 {
		t.Errorf("the whole bill: %+v", all)
	}
	part := a.Post(t, redeem(apitest.Map{"voucher": voucher, "purchase": bill, "amount": 250}))
	if part.Off != 250 || *part.Pay != 500 || *part.Card.Vouchers[0].Left != 1000 {
		t.Errorf("a part of the bill: %+v", part)
	}
	if last := a.Post(t, redeem(apitest.Map{"voucher": voucher})); last.Off != 1000 || last.Pay != nil || len(last.Card.Vouchers) != 0 {
		t.Errorf("the rest: %+v", last)
	}
	if v := apitest.Read[gen.Voucher](t, a.Do(t, apitest.Call{Method: "GET", Path: "/v1/vouchers/" + voucher.String(), Token: a.Shop.App})); *v.Left != 0 || v.State != gen.VoucherStateRedeemed {
		t.Errorf("used up: %+v", v)
	}
	back := a.Post(t, apitest.Void(a.Shop.Front, all.Entries[0].ID, nil))
	if v := back.Card.Vouchers; len(v) != 1 || *v[0].Left != 750 {
		t.Errorf("given back: %+v", back.Card)
	}

	// Points pay as much as the customer likes: 1 for each 10 cents.
	if paid := a.Post(t, redeem(apitest.Map{"reward": points, "purchase": bill, "amount": 333})); paid.Card.Balance != 56 || paid.Off != 333 || *paid.Pay != 417 {
		t.Errorf("points as money: %+v", paid)
	}
	if p := a.Refused(t, redeem(apitest.Map{"reward": points, "purchase": bill, "amount": 570}), gen.ProblemCodeInsufficientBalance); p.Least != 57 || p.Most != 56 {
		t.Errorf("too few points: %d of %d are told", p.Most, p.Least)
	}
	if p := a.Refused(t, redeem(apitest.Map{"reward": points, "purchase": bill, "amount": 49}), gen.ProblemCodeAmountInvalid); p.Least != 50 || p.Most != 750 {
		t.Errorf("too little: from %d to %d is told", p.Least, p.Most)
	}
	a.Refused(t, redeem(apitest.Map{"reward": points, "amount": 100}), gen.ProblemCodePurchaseRequired)
	a.Refused(t, redeem(apitest.Map{"reward": points, "amount": 100, "purchase": apitest.Map{"ref": "b", "total": 750, "currency": "PLN"}}), gen.ProblemCodeCurrencyMismatch)
	if p := a.Refused(t, redeem(apitest.Map{"reward": program.Rewards[2].ID}), gen.ProblemCodeRewardNotOffered); p.RetryAt.IsZero() {
		t.Errorf("when it is offered is not told: %+v", p)
	}
}

// A merchant's rewards come back as they were written, and the time of a reward is a time.
func TestRewardsOfRules(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	_, program := giftShop(t, a)
	if r := program.Rewards[1]; r.Kind != gen.RewardKindAmountOff || r.Flexible != (loyalty.Flexible{Units: 1, Per: 10, Min: 50, Max: 5000}) {
		t.Errorf("%+v", r)
	}
	bad := apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"rules": apitest.Map{
		"name": "Points", "kind": "points", "earn": apitest.Map{"by": "units"},
		"rewards": []any{apitest.Map{"name": "R", "cost": 1, "from": "soon"}},
	}}}
	if p := a.Refused(t, bad, gen.ProblemCodeInvalidField); p.Field != "rules.rewards[0].from" {
		t.Errorf("%+v", p)
	}
}

// reserve holds a voucher at a till.
func reserve(till apitest.Till, scan string, more apitest.Map) apitest.Call {
	body := apitest.Map{"scan": scan}
	for name, value := range more {
		body[name] = value
	}
	return apitest.Call{Path: "/v1/scans/reserve", Token: till.Token, Key: apitest.Key(), Body: body}
}

// Two tills want the last reward of a card at the same moment, in two processes on
// PostgreSQL: exactly one holds it, and it alone hands it out.
func TestReserveAtTwoTills(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	b := a.Beside(t)
	for range 5 {
		card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
		a.Stamp(t, a.Shop, a.Shop.Front, card, 10)
		reward := apitest.Map{"reward": a.Shop.Stamps.Rewards[0]}
		scans := map[apitest.Till]string{}
		var calls []apitest.Call
		for _, till := range []apitest.Till{a.Shop.Front, a.Shop.Back} {
			scans[till] = a.Look(t, a.Shop, till, card).Scan
			calls = append(calls, reserve(till, scans[till], reward))
		}
		answers := atOnce(t, []*apitest.API{a, b}, calls)
		if n := successes(answers); n != 1 {
			t.Fatalf("%d tills hold it", n)
		}
		winner, loser, refused := a.Shop.Front, a.Shop.Back, answers[1]
		if answers[1].Status < 300 {
			winner, loser, refused = loser, winner, answers[0]
		}
		if p := refused.Problem(); p.Code != gen.ProblemCodeRewardReserved || !p.RetryAt.Equal(a.Clock.Now().Add(loyalty.HoldLife)) {
			t.Errorf("the loser is told %+v", p)
		}
		a.Refused(t, apitest.Redeem(loser, scans[loser], reward), gen.ProblemCodeRewardReserved)
		a.Post(t, apitest.Redeem(winner, scans[winner], reward))
	}
}

// A reservation ends by itself after a minute, or when its till lets it go.
func TestReserveStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	stamped := a.Stamp(t, a.Shop, a.Shop.Front, card, 10)
	voucher := apitest.Map{"voucher": stamped.Card.Vouchers[0].ID}
	hold := reserve(a.Shop.Front, stamped.Scan, voucher)
	held := apitest.Read[gen.Reservation](t, a.Do(t, hold))
	until := a.Clock.Now().Add(loyalty.HoldLife)
	if v := held.Voucher; v.State != gen.VoucherStateReserved || !v.ReservedUntil.Equal(until) || v.Card != card || !held.Offers[0].ReservedUntil.Equal(until) {
		t.Fatalf("held: %+v", held)
	}
	a.Clock.Advance(loyalty.HoldLife / 2)
	if again := apitest.Read[gen.Reservation](t, a.Do(t, hold)); !again.Voucher.ReservedUntil.Equal(until) {
		t.Errorf("a retry: %+v", again.Voucher)
	}
	seen := a.Look(t, a.Shop, a.Shop.Back, card)
	if v := seen.Card.Vouchers[0]; v.State != gen.VoucherStateReserved {
		t.Errorf("the other till sees %+v", v)
	}
	a.Clock.Advance(loyalty.HoldLife / 2)
	if v := a.GetCard(t, a.Shop, card).Vouchers[0]; v.State != gen.VoucherStateIssued || !v.ReservedUntil.IsZero() {
		t.Errorf("a minute later it is %+v", v)
	}
	theirs := apitest.Read[gen.Reservation](t, a.Do(t, reserve(a.Shop.Back, seen.Scan, voucher)))
	if theirs.Voucher.State != gen.VoucherStateReserved {
		t.Errorf("the other till holds %+v", theirs.Voucher)
	}
	voucher["release"] = true
	gone := apitest.Read[gen.Reservation](t, a.Do(t, reserve(a.Shop.Back, seen.Scan, voucher)))
	if gone.Voucher.State != gen.VoucherStateIssued {
		t.Errorf("let go: %+v", gone.Voucher)
	}
	delete(voucher, "release")
	a.Post(t, apitest.Redeem(a.Shop.Front, stamped.Scan, voucher))
	a.Refused(t, reserve(a.Shop.Back, seen.Scan, voucher), gen.ProblemCodeVoucherNotRedeemable)
}
