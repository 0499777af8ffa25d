package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Points of a supermarket are good until the end of the next year, the oldest go
// first, and what comes back to the shop takes exactly its points along.
func TestSupermarketStory(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "supermarket")
	c.until(t, "2027-12-31 23:00")
	first := c.earns(t, c.basket(piece("bread", 10_000), piece("wine", 5_000)))
	if e := first.Card.Expiring; e == nil || e.Units != 150 || !e.ExpiresAt.Equal(c.moment(t, "2029-01-01")) {
		t.Fatalf("earned in the last hour of 2027: %+v", e)
	}
	c.until(t, "2028-02-29 12:00")
	second := c.earns(t, c.basket(piece("bread", 4_000), piece("wine", 6_000)))
	if e := second.Card.Expiring; second.Card.Balance != 250 || e.Units != 150 || !e.ExpiresAt.Equal(c.moment(t, "2029-01-01")) {
		t.Fatalf("earned on 29 February: %+v", second.Card)
	}

	scan := c.Look(t, c.Shop, c.Shop.Front, c.card)
	c.Post(t, apitest.Redeem(c.Shop.Front, scan.Scan, apitest.Map{"reward": c.program.Rewards[0]})) // 50
	if e := c.has(t).Expiring; e.Units != 100 {
		t.Errorf("the oldest points pay: %+v", e)
	}

	pin := c.Shop.PINs.Cashier
	earned := second.Entries[0].ID
	c.Refused(t, refund(c.Shop.Front.Token, earned, apitest.Map{}), gen.ProblemCodePINRequired)
	c.Refused(t, refund(c.Shop.Front.Token, earned, apitest.Map{"lines": []any{3}, "pin": pin}), gen.ProblemCodeRefundInvalid)
	part := c.Post(t, refund(c.Shop.Front.Token, earned, apitest.Map{"lines": []any{2}, "pin": pin}))
	if e := part.Entries[0]; e.Kind != "refund" || e.Units != -60 || e.Origin != earned || part.Card.Balance != 140 || part.Card.Lifetime != 190 {
		t.Fatalf("refunded: %+v", part)
	}
	again := refund(c.Shop.Admin, earned, apitest.Map{"lines": []any{2}})
	c.Refused(t, again, gen.ProblemCodePurchaseAlreadyRefunded)
	c.Refused(t, apitest.Void(c.Shop.Front, earned, apitest.Map{"pin": c.Shop.PINs.Manager}), gen.ProblemCodeEntryNotVoidable)

	c.until(t, "2029-01-01 00:00")
	if card := c.has(t); card.Balance != 40 || !card.Expiring.ExpiresAt.Equal(c.moment(t, "2030-01-01")) {
		t.Errorf("in the first moment of 2029: %+v", card)
	}
	c.Refused(t, apitest.Redeem(c.Shop.Front, c.Look(t, c.Shop, c.Shop.Front, c.card).Scan,
		apitest.Map{"reward": c.program.Rewards[0]}), gen.ProblemCodeInsufficientBalance)
	third := c.earns(t, c.basket(piece("bread", 1_000)))
	if len(third.Entries) != 2 || third.Entries[0].Kind != "expire" || third.Entries[0].Units != -100 || third.Card.Balance != 50 {
		t.Errorf("the first purchase of 2029: %+v", third)
	}
	rest := c.Post(t, refund(c.Shop.Admin, earned, apitest.Map{}))
	if rest.Entries[0].Units != -40 || rest.Card.Balance != 10 {
		t.Errorf("the rest comes back: %+v", rest)
	}
	gone := c.Post(t, refund(c.Shop.Admin, first.Entries[0].ID, apitest.Map{"as_far_as_possible": true}))
	if gone.Entries[0].Units != -10 || gone.Card.Balance != 0 { // 50 were spent, 100 expired
		t.Errorf("of the oldest purchase: %+v", gone)
	}
}

// Points that can be taken back are not spent before: the till is told from when.
func TestPendingPoints(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "supermarket")
	c.Publish(t, c.Shop, c.program.ID, func(r *loyalty.Rules) { r.Lots.Pending = 14 })
	card := c.earns(t, c.basket(piece("bread", 10_000))).Card
	today := c.Clock.Now().In(c.zone)
	from := time.Date(today.Year(), today.Month(), today.Day()+14, 0, 0, 0, 0, c.zone)
	if p := card.Pending; card.Balance != 0 || p == nil || p.Units != 100 || !p.AvailableAt.Equal(from) {
		t.Fatalf("card %+v", card)
	}
	redeem := func() apitest.Call {
		return apitest.Redeem(c.Shop.Front, c.Look(t, c.Shop, c.Shop.Front, c.card).Scan, apitest.Map{"reward": c.program.Rewards[0]})
	}
	if p := c.Refused(t, redeem(), gen.ProblemCodeInsufficientBalance); !p.RetryAt.Equal(from) {
		t.Errorf("it may work at %s, want %s", p.RetryAt, from)
	}
	c.Clock.Advance(from.Sub(c.Clock.Now()))
	if done := c.Post(t, redeem()); done.Card.Balance != 50 || done.Card.Pending != nil {
		t.Errorf("card %+v", done.Card)
	}
}

// Supermarket: "points by spend with bonus on chosen categories".
func TestSupermarketWeekend(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "supermarket")
	posted := c.earns(t, c.basket(piece("bread", 350), piece("fruit", 499), piece("vegetables", 301), piece("gift card", 5000)))
	want := []loyalty.Reason{{Units: 11, Why: loyalty.BaseRate}, {Rule: "Double points on fruit and vegetables", Units: 8, Why: loyalty.BonusRule}}
	if len(posted.Why) != 2 || posted.Why[0] != want[0] || posted.Why[1] != want[1] || posted.Card.Balance != 19 {
		t.Errorf("%d points, as %+v", posted.Card.Balance, posted.Why)
	}
	// Too little without the gift card: nothing, and no bonus either.
	c.Refused(t, c.earning(t, c.Shop.Front, c.basket(piece("fruit", 499), piece("gift card", 5000))), gen.ProblemCodeNothingToEarn)
}

// Supermarket: "promotions on chosen products". Two kinds of coffee give points by the
// packet, and points take two euro off them: off no other coffee, and off no tea.
func TestSupermarketCoffee(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "supermarket")
	packets := func(sku string, n, amount int64) apitest.Map {
		return apitest.Map{"sku": sku, "category": "coffee", "quantity": n * 1000, "unit": "piece", "amount": amount}
	}
	beans, capsules := packets("coffee-beans-500", 2, 1598), packets("coffee-capsules-10", 1, 399)
	posted := c.earns(t, c.basket(beans, capsules, packets("coffee-ground-500", 1, 599), piece("bread", 8000)))
	want := []loyalty.Reason{{Units: 105, Why: loyalty.BaseRate}, {Rule: "Ten points a packet of coffee", Units: 30, Why: loyalty.BonusRule}}
	if !slices.Equal(posted.Why, want) || posted.Card.Balance != 135 {
		t.Fatalf("%d points, as %+v", posted.Card.Balance, posted.Why)
	}

	scan := c.Look(t, c.Shop, c.Shop.Front, c.card)
	off := scan.Offers[slices.IndexFunc(scan.Offers, func(o gen.Offer) bool { return o.Reward == c.program.Rewards[3] })]
	if !off.Available || off.Amount != 200 || !slices.Equal(off.Lines.SKUs, []string{"coffee-beans-500", "coffee-ground-500"}) {
		t.Errorf("the till is offered %+v", off)
	}
	redeem := func(purchase any) apitest.Call {
		return apitest.Redeem(c.Shop.Front, scan.Scan, apitest.Map{"reward": off.Reward, "purchase": purchase})
	}
	if p := c.Refused(t, redeem(bought("a terminal's", 1997)), gen.ProblemCodePurchaseRequired); p.Field != "purchase.items" {
		t.Errorf("without lines: %+v", p)
	}
	c.Refused(t, redeem(c.basket(capsules, piece("tea", 500))["purchase"]), gen.ProblemCodeRewardNotApplicable)
	trolley := c.basket(beans, capsules)["purchase"].(apitest.Map)
	paid := c.Post(t, redeem(trolley))
	if paid.Off != 200 || *paid.Pay != 1797 || paid.Entries[0].Units != -100 || paid.Card.Balance != 35 {
		t.Fatalf("two euro off: %+v", paid)
	}
	// What was paid earns, and each packet counts that was taken home.
	earned := c.Post(t, apitest.Earn(c.Shop.Front, scan.Scan, apitest.Map{"purchase": with(trolley, "paid_with_reward", paid.Off)}))
	want[0].Units, want[1].Units = 17, 20
	if !slices.Equal(earned.Why, want) || earned.Card.Balance != 72 {
		t.Errorf("%d points, as %+v", earned.Card.Balance, earned.Why)
	}

	// A packet that is sold off for less than two euro is free, and no change is given.
	c.earns(t, c.basket(piece("bread", 3000)))
	scan = c.Look(t, c.Shop, c.Shop.Front, c.card)
	cheap := c.Post(t, redeem(c.basket(packets("coffee-ground-500", 1, 149), piece("bread", 500))["purchase"]))
	if cheap.Off != 149 || *cheap.Pay != 500 || cheap.Card.Balance != 2 {
		t.Errorf("a cheap packet: %+v", cheap)
	}
}

// Five euro off for 250 points come off a trolley in December, which earns on what is left
// to pay. In January it comes back: first what it earned, then the points for the five
// euro, which end when they always did.
func TestSupermarketFiveEuroOff(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "supermarket")
	c.until(t, "2027-12-30 12:00")
	c.earns(t, c.basket(piece("bread", 30_000)))
	trolley := c.basket(piece("bread", 1240))["purchase"].(apitest.Map)
	scan := c.Look(t, c.Shop, c.Shop.Front, c.card).Scan
	five := apitest.Map{"reward": c.program.Rewards[2]}
	c.Refused(t, apitest.Redeem(c.Shop.Front, scan, five), gen.ProblemCodePurchaseRequired)
	off := c.Post(t, apitest.Redeem(c.Shop.Front, scan, with(five, "purchase", trolley)))
	if off.Off != 500 || *off.Pay != 740 || off.Entries[0].Units != -250 || off.Entries[0].Discount != 500 || off.Card.Balance != 50 {
		t.Fatalf("five euro off: %+v", off)
	}
	earned := c.Post(t, apitest.Earn(c.Shop.Front, scan, apitest.Map{"purchase": with(trolley, "paid_with_reward", off.Off)}))
	if earned.Card.Balance != 57 {
		t.Errorf("on the 7.40 that were paid: %+v", earned.Card)
	}

	c.until(t, "2028-01-02 10:00")
	if back := c.comesBack(t, earned.Entries[0].ID, apitest.Map{}); back.Entries[0].Units != -7 || back.Card.Balance != 50 {
		t.Errorf("the trolley: %+v", back)
	}
	if p := c.Refused(t, refund(c.Shop.Admin, off.Entries[0].ID, apitest.Map{}), gen.ProblemCodeRefundInvalid); !strings.Contains(p.Detail, "Void the redemption") {
		t.Errorf("it says %q", p.Detail)
	}
	again := c.voided(t, off.Entries[0].ID)
	if e := again.Card.Expiring; again.Entries[0].Discount != -500 || again.Card.Balance != 300 || e.Units != 300 || !e.ExpiresAt.Equal(c.moment(t, "2029-01-01")) {
		t.Errorf("the five euro: %+v", again)
	}
}
