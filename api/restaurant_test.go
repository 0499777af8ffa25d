package api_test

import (
	"fmt"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// guest is somebody with a card of the restaurant.
type guest struct {
	*apitest.API
	card  loyalty.CardID
	bills int
}

func newGuest(t *testing.T) *guest {
	t.Helper()
	a := apitest.Boot(t)
	return &guest{API: a, card: a.NewCard(t, a.Shop, a.NewProgram(t, a.Shop, "restaurant")).ID}
}

// until lets time pass to some moment in the restaurant's town.
func (g *guest) until(t *testing.T, text string) {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, g.Shop.Front.Zone)
	if err != nil || at.Before(g.Clock.Now()) {
		t.Fatalf("%s does not come any more: %v", text, err)
	}
	g.Clock.Advance(at.Sub(g.Clock.Now()))
}

// eats shows the card, eats, and pays two hours later.
func (g *guest) eats(t *testing.T, total int64) gen.Posting {
	t.Helper()
	g.bills++
	scan := g.Look(t, g.Shop, g.Shop.Front, g.card)
	g.Clock.Advance(2 * time.Hour)
	return g.Post(t, apitest.Grant(g.Shop.Front, scan.Scan, fmt.Sprint("bill ", g.bills), total, nil))
}

// A standing discount that grows with spend reached, and tiers with a qualification
// period: from the first bill over two year's ends.
func TestRestaurantStory(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	g.until(t, "2027-03-06 19:00")
	first := g.Look(t, g.Shop, g.Shop.Front, g.card).Card
	if d := first.Discount; first.Kind != "discount" || d.Rate != 300 || d.Spent != 0 || d.Next.Rate != 500 || d.Next.Missing != 20_000 {
		t.Fatalf("a new card: %+v", first)
	}
	if tier := first.Tier; tier == nil || tier.Name != "" || tier.Next.Name != "Regular" {
		t.Fatalf("a new card is in tier %+v", tier)
	}

	// 3 % off a bill of 206.19 euro: 200 euro are left to pay, and reach the next step.
	bill := g.eats(t, 20_619)
	if e := bill.Entries[0]; e.Kind != "grant" || e.Units != 0 || e.Rate != 300 || e.Discount != 619 || e.Spend != 20_000 || e.Month != "2027-03" {
		t.Fatalf("the bill: %+v", e)
	}
	if d := bill.Card.Discount; d.Rate != 500 || d.Spent != 20_000 || d.Next.Rate != 1000 || d.Next.Missing != 30_000 {
		t.Errorf("after it: %+v", d)
	}

	// The next bill makes a regular of the guest, for this year and the next.
	regular := g.eats(t, 20_000)
	if e := regular.Entries[0]; e.Rate != 500 || e.Discount != 1000 {
		t.Fatalf("the second bill: %+v", e)
	}
	midnight := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, text, g.Shop.Front.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if tier := regular.Card.Tier; tier.Name != "Regular" || tier.Since != "2027-03" || !tier.Until.Equal(midnight("2029-01-01")) || len(tier.Perks) != 1 {
		t.Fatalf("a regular: %+v", tier)
	}
	g.until(t, "2027-12-31 19:00")
	party := g.eats(t, 60_000)
	if c := party.Card; c.Tier.Name != "Friend of the house" || !c.Tier.Until.Equal(midnight("2029-01-01")) || c.Discount.Rate != 1000 {
		t.Fatalf("after the party: %+v %+v", c.Tier, c.Discount)
	}

	// At the year's end nothing is lost; spring lies thirteen months back then, and the
	// percentage goes by twelve.
	g.until(t, "2028-02-29 23:59")
	if c := g.GetCard(t, g.Shop, g.card); c.Tier.Name != "Friend of the house" || c.Discount.Rate != 1000 {
		t.Errorf("on the 29th of February: %+v, %+v", c.Tier, c.Discount)
	}
	g.until(t, "2028-03-01 00:00")
	if c := g.GetCard(t, g.Shop, g.card); c.Discount.Spent != 57_000 || c.Discount.Rate != 1000 {
		t.Errorf("a minute later: %+v", c.Discount)
	}

	// Who stays away falls one step at the end of the next year, and then another.
	g.until(t, "2028-12-31 23:59")
	if c := g.GetCard(t, g.Shop, g.card); c.Tier.Name != "Friend of the house" || c.Discount.Rate != 300 || c.Discount.Spent != 0 {
		t.Errorf("on New Year's Eve: %+v, %+v", c.Tier, c.Discount)
	}
	g.until(t, "2029-01-01 00:00")
	if c := g.GetCard(t, g.Shop, g.card); c.Tier.Name != "Regular" || c.Tier.Since != "2029-01" {
		t.Errorf("at midnight: %+v", c.Tier)
	}
	g.until(t, "2029-06-01 19:00")
	if e := g.eats(t, 1000).Entries[0]; e.Rate != 300 || e.Discount != 30 {
		t.Errorf("back again: %+v", e)
	}
	g.until(t, "2031-01-01 00:00")
	if c := g.GetCard(t, g.Shop, g.card); c.Tier.Name != "" || c.Tier.Next.Name != "Regular" || c.Tier.Counted != 0 {
		t.Errorf("two years later: %+v", c.Tier)
	}
}

// A bill that was taken back has never been: not for the percentage, not for the tier,
// and it can be granted anew. Nothing of it is left in the audit's way.
func TestRestaurantRefund(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	bill := g.eats(t, 103_093) // 1000 euro after 3 %
	if c := bill.Card; c.Discount.Rate != 1500 || c.Discount.Next != nil || c.Tier.Name != "Friend of the house" || c.Tier.Next != nil {
		t.Fatalf("a great bill: %+v, %+v", c.Discount, c.Tier)
	}
	entry := bill.Entries[0].ID
	again := g.Look(t, g.Shop, g.Shop.Front, g.card)
	refused := g.Refused(t, apitest.Grant(g.Shop.Front, again.Scan, "bill 1", 103_093, nil), gen.ProblemCodePurchaseAlreadyCredited)
	if refused.Entry != entry {
		t.Errorf("%+v", refused)
	}
	g.Clock.Advance(11 * time.Minute)
	again = g.Look(t, g.Shop, g.Shop.Front, g.card)
	g.Refused(t, apitest.Void(g.Shop.Front, entry, nil), gen.ProblemCodePINRequired)
	void := g.Post(t, apitest.Void(g.Shop.Front, entry, apitest.Map{"pin": g.Shop.PINs.Manager}))
	if e := void.Entries[0]; e.Kind != "void" || e.Spend != -100_000 || e.Discount != -3093 || e.Origin != entry {
		t.Errorf("the void: %+v", e)
	}
	if c := void.Card; c.Discount.Rate != 300 || c.Discount.Spent != 0 || c.Tier.Name != "" {
		t.Errorf("after it: %+v, %+v", c.Discount, c.Tier)
	}
	g.Post(t, apitest.Grant(g.Shop.Front, again.Scan, "bill 1", 50_000, nil))
}

// A discount card earns nothing, and what earns has no discount: the till is told what
// to do instead.
func TestWhatACardDoesNotOffer(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	stamps := g.NewCard(t, g.Shop, g.Shop.Stamps).ID
	earn := g.Look(t, g.Shop, g.Shop.Front, g.card).Scan
	g.Refused(t, apitest.Earn(g.Shop.Front, earn, apitest.Map{"units": 1}), gen.ProblemCodeActionNotOffered)
	grant := g.Look(t, g.Shop, g.Shop.Front, stamps).Scan
	g.Refused(t, apitest.Grant(g.Shop.Front, grant, "bill", 100, nil), gen.ProblemCodeActionNotOffered)
}

// Any way to present a card shows the discount; to have it, a photograph needs a PIN.
func TestDiscountOfAPhotograph(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	text := g.Static(t, g.Shop, g.card, "print")
	scan := apitest.Read[gen.Scan](t, g.Do(t, apitest.Scan(g.Shop.Front, text, nil)))
	if scan.Card.Discount.Rate != 300 {
		t.Errorf("%+v", scan.Card.Discount)
	}
	p := g.Refused(t, apitest.Grant(g.Shop.Front, scan.Scan, "bill", 100, nil), gen.ProblemCodePINRequired)
	if p.Needs != "cashier" {
		t.Errorf("it needs the PIN of a %s", p.Needs)
	}
	g.Post(t, apitest.Grant(g.Shop.Front, scan.Scan, "bill", 100, apitest.Map{"pin": g.Shop.PINs.Cashier}))
}

// A card of another system brings along what was spent there, once; and two cards of
// one guest become one with all that was spent on either.
func TestRestaurantMovesIn(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	program := g.GetCard(t, g.Shop, g.card).Program
	call := func() apitest.Call {
		c := page(g.Shop, apitest.Map{"ref": "paper 17", "balance": 20_000})
		c.Body.(apitest.Map)["program"] = program
		return c
	}
	moved := imported(t, g.API, call())
	if moved.Stored != 1 {
		t.Fatalf("%+v", moved)
	}
	if again := imported(t, g.API, call()); again.There != 1 {
		t.Errorf("again: %+v", again)
	}
	other := moved.Rows[0].Card
	if c := g.GetCard(t, g.Shop, other); c.Discount.Spent != 20_000 || c.Discount.Rate != 500 || c.Balance != 0 {
		t.Errorf("%+v", c.Discount)
	}
	g.eats(t, 20_000)
	merge := apitest.Call{Path: "/v1/cards/" + g.card.String() + "/merge", Token: g.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"into": other}}
	if c := g.Post(t, merge).Card; c.ID != other || c.Discount.Spent != 39_400 || c.Tier.Name != "Regular" {
		t.Errorf("%+v, %+v", c.Discount, c.Tier)
	}
	if found, err := ledger.Audit(t.Context(), g.Store, g.Clock.Now().Add(time.Hour)); err != nil || len(found.Flaws) > 0 {
		t.Errorf("the audit found %+v, %v", found.Flaws, err)
	}
}
