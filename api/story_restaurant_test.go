package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/ledger"
)

// eats shows the card, eats, and pays two hours later.
func (c *customer) eats(t *testing.T, total int64) gen.Posting {
	t.Helper()
	c.receipts++
	scan := c.Look(t, c.Shop, c.Shop.Front, c.card)
	c.Clock.Advance(2 * time.Hour)
	return c.Post(t, apitest.Grant(c.Shop.Front, scan.Scan, fmt.Sprint("bill ", c.receipts), total, nil))
}

// A standing discount that grows with spend reached, and tiers with a qualification
// period: from the first bill over two year's ends.
func TestRestaurantStory(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "restaurant")
	c.until(t, "2027-03-06 19:00")
	first := c.Look(t, c.Shop, c.Shop.Front, c.card).Card
	if d := first.Discount; first.Kind != "discount" || d.Rate != 300 || d.Spent != 0 || d.Next.Rate != 500 || d.Next.Missing != 20_000 {
		t.Fatalf("a new card: %+v", first)
	}
	if tier := first.Tier; tier == nil || tier.Name != "" || tier.Next.Name != "Regular" {
		t.Fatalf("a new card is in tier %+v", tier)
	}

	// 3 % off a bill of 206.19 euro: 200 euro are left to pay, and reach the next step.
	bill := c.eats(t, 20_619)
	if e := bill.Entries[0]; e.Kind != "grant" || e.Units != 0 || e.Rate != 300 || e.Discount != 619 || e.Spend != 20_000 || e.Month != "2027-03" {
		t.Fatalf("the bill: %+v", e)
	}
	if d := bill.Card.Discount; d.Rate != 500 || d.Spent != 20_000 || d.Next.Rate != 1000 || d.Next.Missing != 30_000 {
		t.Errorf("after it: %+v", d)
	}

	// The next bill makes a regular of the guest, for this year and the next.
	regular := c.eats(t, 20_000)
	if e := regular.Entries[0]; e.Rate != 500 || e.Discount != 1000 {
		t.Fatalf("the second bill: %+v", e)
	}
	if tier := regular.Card.Tier; tier.Name != "Regular" || tier.Since != "2027-03" || !tier.Until.Equal(c.moment(t, "2029-01-01")) || len(tier.Perks) != 1 {
		t.Fatalf("a regular: %+v", tier)
	}
	c.until(t, "2027-12-31 19:00")
	party := c.eats(t, 60_000)
	if card := party.Card; card.Tier.Name != "Friend of the house" || !card.Tier.Until.Equal(c.moment(t, "2029-01-01")) || card.Discount.Rate != 1000 {
		t.Fatalf("after the party: %+v %+v", card.Tier, card.Discount)
	}

	// At the year's end nothing is lost; spring lies thirteen months back then, and the
	// percentage goes by twelve.
	c.until(t, "2028-02-29 23:59")
	if card := c.has(t); card.Tier.Name != "Friend of the house" || card.Discount.Rate != 1000 {
		t.Errorf("on the 29th of February: %+v, %+v", card.Tier, card.Discount)
	}
	c.until(t, "2028-03-01 00:00")
	if card := c.has(t); card.Discount.Spent != 57_000 || card.Discount.Rate != 1000 {
		t.Errorf("a minute later: %+v", card.Discount)
	}

	// Who stays away falls one step at the end of the next year, and then another.
	c.until(t, "2028-12-31 23:59")
	if card := c.has(t); card.Tier.Name != "Friend of the house" || card.Discount.Rate != 300 || card.Discount.Spent != 0 {
		t.Errorf("on New Year's Eve: %+v, %+v", card.Tier, card.Discount)
	}
	c.until(t, "2029-01-01 00:00")
	if card := c.has(t); card.Tier.Name != "Regular" || card.Tier.Since != "2029-01" {
		t.Errorf("at midnight: %+v", card.Tier)
	}
	c.until(t, "2029-06-01 19:00")
	if e := c.eats(t, 1000).Entries[0]; e.Rate != 300 || e.Discount != 30 {
		t.Errorf("back again: %+v", e)
	}
	c.until(t, "2031-01-01 00:00")
	if card := c.has(t); card.Tier.Name != "" || card.Tier.Next.Name != "Regular" || card.Tier.Counted != 0 {
		t.Errorf("two years later: %+v", card.Tier)
	}
}

// A bill that was taken back has never been: not for the percentage, not for the tier,
// and it can be granted anew. Nothing of it is left in the audit's way.
func TestRestaurantRefund(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "restaurant")
	bill := c.eats(t, 103_093) // 1000 euro after 3 %
	if card := bill.Card; card.Discount.Rate != 1500 || card.Discount.Next != nil || card.Tier.Name != "Friend of the house" || card.Tier.Next != nil {
		t.Fatalf("a great bill: %+v, %+v", card.Discount, card.Tier)
	}
	entry := bill.Entries[0].ID
	again := c.Look(t, c.Shop, c.Shop.Front, c.card)
	refused := c.Refused(t, apitest.Grant(c.Shop.Front, again.Scan, "bill 1", 103_093, nil), gen.ProblemCodePurchaseAlreadyCredited)
	if refused.Entry != entry {
		t.Errorf("%+v", refused)
	}
	c.Clock.Advance(11 * time.Minute)
	again = c.Look(t, c.Shop, c.Shop.Front, c.card)
	c.Refused(t, apitest.Void(c.Shop.Front, entry, nil), gen.ProblemCodePINRequired)
	void := c.Post(t, apitest.Void(c.Shop.Front, entry, apitest.Map{"pin": c.Shop.PINs.Manager}))
	if e := void.Entries[0]; e.Kind != "void" || e.Spend != -100_000 || e.Discount != -3093 || e.Origin != entry {
		t.Errorf("the void: %+v", e)
	}
	if card := void.Card; card.Discount.Rate != 300 || card.Discount.Spent != 0 || card.Tier.Name != "" {
		t.Errorf("after it: %+v, %+v", card.Discount, card.Tier)
	}
	c.Post(t, apitest.Grant(c.Shop.Front, again.Scan, "bill 1", 50_000, nil))
}

// Of a great bill on New Year's Eve the wine comes off again, and next year the kitchen
// gives back more. What was given back counts no more in the year that it had counted in: a
// step of the percentage goes, and a tier with each, at once.
func TestRestaurantRefundInPart(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "restaurant")
	c.until(t, "2027-12-31 18:00")
	bill := c.eats(t, 103_093) // 1000 euro after 3 %
	entry := bill.Entries[0].ID
	if card := bill.Card; card.Discount.Rate != 1500 || card.Tier.Name != "Friend of the house" {
		t.Fatalf("a great bill: %+v, %+v", card.Discount, card.Tier)
	}
	c.Refused(t, refund(c.Shop.Front.Token, entry, apitest.Map{"amount": 30_000}), gen.ProblemCodePINRequired)
	wine := c.comesBack(t, entry, apitest.Map{"amount": 30_000})
	if e := wine.Entries[0]; e.Kind != "refund" || e.Units != 0 || e.Spend != -30_000 || e.Discount != -927 || e.Month != "2027-12" {
		t.Errorf("the wine: %+v", e)
	}
	if card := wine.Card; card.Discount.Rate != 1000 || card.Discount.Spent != 70_000 || card.Tier.Name != "Regular" {
		t.Errorf("without the wine: %+v, %+v", card.Discount, card.Tier)
	}
	tooMuch := c.Refused(t, refund(c.Shop.Admin, entry, apitest.Map{"amount": 70_001}), gen.ProblemCodeRefundInvalid)
	if !strings.Contains(tooMuch.Detail, "70000 EUR are left") {
		t.Errorf("it says %q", tooMuch.Detail)
	}
	c.Refused(t, apitest.Void(c.Shop.Front, entry, apitest.Map{"pin": c.Shop.PINs.Manager}), gen.ProblemCodeEntryNotVoidable)

	c.until(t, "2028-01-01 00:00")
	if card := c.has(t); card.Tier.Name != "Regular" || card.Tier.Counted != 0 || card.Discount.Spent != 70_000 {
		t.Errorf("in the new year: %+v, %+v", card.Discount, card.Tier)
	}
	fish := c.comesBack(t, entry, apitest.Map{"amount": 45_000})
	if card := fish.Card; fish.Entries[0].Month != "2028-01" || card.Discount.Rate != 500 || card.Discount.Spent != 25_000 || card.Tier.Name != "" {
		t.Errorf("without the fish: %+v, %+v", card.Discount, card.Tier)
	}
	rest := c.comesBack(t, entry, apitest.Map{})
	if e := rest.Entries[0]; e.Spend != -25_000 || e.Discount != -774 || rest.Card.Discount.Spent != 0 || rest.Card.Discount.Rate != 300 {
		t.Errorf("all of it: %+v, %+v", e, rest.Card.Discount)
	}
	c.Refused(t, refund(c.Shop.Admin, entry, apitest.Map{}), gen.ProblemCodePurchaseAlreadyRefunded)
	if found, err := ledger.Audit(t.Context(), c.Store, c.Clock.Now()); err != nil || len(found.Flaws) > 0 {
		t.Errorf("the audit found %+v, %v", found.Flaws, err)
	}
}

// A discount card earns nothing, and what earns has no discount: the till is told what
// to do instead.
func TestWhatACardDoesNotOffer(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "restaurant")
	stamps := c.NewCard(t, c.Shop, c.Shop.Stamps).ID
	earn := c.Look(t, c.Shop, c.Shop.Front, c.card).Scan
	c.Refused(t, apitest.Earn(c.Shop.Front, earn, apitest.Map{"units": 1}), gen.ProblemCodeActionNotOffered)
	grant := c.Look(t, c.Shop, c.Shop.Front, stamps).Scan
	c.Refused(t, apitest.Grant(c.Shop.Front, grant, "bill", 100, nil), gen.ProblemCodeActionNotOffered)
}

// Any way to present a card shows the discount; to have it, a photograph needs a PIN.
func TestDiscountOfAPhotograph(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "restaurant")
	text := c.Static(t, c.Shop, c.card, "print")
	scan := apitest.Read[gen.Scan](t, c.Do(t, apitest.Scan(c.Shop.Front, text, nil)))
	if scan.Card.Discount.Rate != 300 {
		t.Errorf("%+v", scan.Card.Discount)
	}
	p := c.Refused(t, apitest.Grant(c.Shop.Front, scan.Scan, "bill", 100, nil), gen.ProblemCodePINRequired)
	if p.Needs != "cashier" {
		t.Errorf("it needs the PIN of a %s", p.Needs)
	}
	c.Post(t, apitest.Grant(c.Shop.Front, scan.Scan, "bill", 100, apitest.Map{"pin": c.Shop.PINs.Cashier}))
}

// A card of another system brings along what was spent there, once; and two cards of
// one guest become one with all that was spent on either.
func TestRestaurantMovesIn(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "restaurant")
	call := func() apitest.Call {
		rows := page(c.Shop, apitest.Map{"ref": "paper 17", "balance": 20_000})
		rows.Body.(apitest.Map)["program"] = c.program.ID
		return rows
	}
	moved := imported(t, c.API, call())
	if moved.Stored != 1 {
		t.Fatalf("%+v", moved)
	}
	if again := imported(t, c.API, call()); again.There != 1 {
		t.Errorf("again: %+v", again)
	}
	other := moved.Rows[0].Card
	if card := c.GetCard(t, c.Shop, other); card.Discount.Spent != 20_000 || card.Discount.Rate != 500 || card.Balance != 0 {
		t.Errorf("%+v", card.Discount)
	}
	c.eats(t, 20_000)
	merge := apitest.Call{Path: "/v1/cards/" + c.card.String() + "/merge", Token: c.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"into": other}}
	if card := c.Post(t, merge).Card; card.ID != other || card.Discount.Spent != 39_400 || card.Tier.Name != "Regular" {
		t.Errorf("%+v, %+v", card.Discount, card.Tier)
	}
	if found, err := ledger.Audit(t.Context(), c.Store, c.Clock.Now().Add(time.Hour)); err != nil || len(found.Flaws) > 0 {
		t.Errorf("the audit found %+v, %v", found.Flaws, err)
	}
}
