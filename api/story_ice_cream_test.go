package api_test

import (
	"slices"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Ice cream: "every 10 purchases, one free cone; several stamps per purchase when
// several are bought".
func TestIceCreamStory(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "ice-cream")
	c.until(t, "2026-08-31 15:00")
	if family := c.earns(t, apitest.Map{"units": 4}); family.Card.Balance != 4 || family.Card.Progress.Missing != 6 {
		t.Fatalf("a family of four: %+v", family.Card)
	}
	// A till that tells what was bought leaves the counting to the program.
	party := c.earns(t, c.basket(piece("cone", 220), with(piece("cup", 1500), "quantity", 7000)))
	if got, want := kinds(party.Entries), []gen.EntryKind{"earn", "complete"}; !slices.Equal(got, want) || party.Card.Balance != 2 || party.Card.Cycle != 1 {
		t.Fatalf("eight more: %v, %+v", got, party.Card)
	}
	if v := party.Card.Vouchers; len(v) != 1 || v[0].Reward != c.program.Rewards[0] || !v[0].ExpiresAt.IsZero() {
		t.Fatalf("a free cone: %+v", v)
	}
	// A whole school class at once is the manager's to say, and fills two cards.
	class := c.earning(t, c.Shop.Front, apitest.Map{"units": 21})
	c.Refused(t, class, gen.ProblemCodePINRequired)
	class.Body.(apitest.Map)["pin"], class.Key = c.Shop.PINs.Manager, apitest.Key()
	if all := apitest.Read[gen.Scan](t, c.Do(t, class)); all.Card.Balance != 3 || len(all.Card.Vouchers) != 3 {
		t.Fatalf("a class: %+v", all.Card)
	}

	// It is closed in winter: what was collected waits for the spring, whatever the year.
	for _, winter := range []string{"2026-12-31 23:59", "2027-01-01 00:00"} {
		c.until(t, winter)
		if card := c.has(t); card.Balance != 3 || len(card.Vouchers) != 3 || !card.LapsesAt.IsZero() {
			t.Errorf("at %s: %+v", winter, card)
		}
	}
	c.until(t, "2027-03-20 11:00")
	if card := c.has(t); card.Balance != 3 || len(card.Vouchers) != 3 {
		t.Errorf("in spring: %+v", card)
	}
	// "Buy one, use my free one" is one scan.
	scan := c.Look(t, c.Shop, c.Shop.Front, c.card)
	c.Post(t, apitest.Earn(c.Shop.Front, scan.Scan, apitest.Map{"units": 1}))
	free := c.Post(t, apitest.Redeem(c.Shop.Front, scan.Scan, apitest.Map{"reward": c.program.Rewards[0]}))
	if free.Card.Balance != 4 || len(free.Card.Vouchers) != 2 {
		t.Errorf("bought one, had one: %+v", free.Card)
	}
}

// Cones that come back take their stamps along, and the free cone that they were for.
func TestIceCreamRefund(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "ice-cream")
	c.earns(t, apitest.Map{"units": 8})
	filled := c.earns(t, c.basket(with(piece("cone", 1000), "quantity", 4000)))
	if filled.Card.Balance != 2 || len(filled.Card.Vouchers) != 1 {
		t.Fatalf("%+v", filled.Card)
	}
	entry := filled.Entries[0].ID
	half := c.Post(t, refund(c.Shop.Front.Token, entry, apitest.Map{"amount": 500, "pin": c.Shop.PINs.Cashier}))
	if half.Card.Balance != 0 || half.Card.Cycle != 1 || len(half.Card.Vouchers) != 1 {
		t.Errorf("two of four, the card stays full: %+v", half.Card)
	}
	rest := c.Post(t, refund(c.Shop.Front.Token, entry, apitest.Map{"pin": c.Shop.PINs.Cashier}))
	if rest.Card.Balance != 8 || rest.Card.Cycle != 0 || len(rest.Card.Vouchers) != 0 {
		t.Errorf("all four, it is not full any more: %+v", rest.Card)
	}
	// A cone that was eaten cannot be taken back.
	eaten := c.earns(t, c.basket(with(piece("cone", 500), "quantity", 2000)))
	redeemed := c.redeems(t, 0)
	c.Refused(t, refund(c.Shop.Front.Token, eaten.Entries[0].ID, apitest.Map{"pin": c.Shop.PINs.Cashier}), gen.ProblemCodeVoidRewardUsed)
	c.Clock.Advance(time.Minute)
	c.Post(t, apitest.Void(c.Shop.Front, redeemed.Entries[0].ID, nil))
	if back := c.Post(t, refund(c.Shop.Front.Token, eaten.Entries[0].ID, apitest.Map{"pin": c.Shop.PINs.Cashier})); back.Card.Balance != 8 || len(back.Card.Vouchers) != 0 {
		t.Errorf("not eaten after all: %+v", back.Card)
	}
}
