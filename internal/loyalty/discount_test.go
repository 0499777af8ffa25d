package loyalty_test

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// The percentage is that of before the purchase, and what is then paid counts for
// the next one.
func TestGrantGrowsWithSpend(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	for _, c := range []struct {
		ref                              string
		total, rate, off, spent, missing int64
		next                             int64
	}{
		{"a", 10_000, 500, 500, 9_500, 500, 1000},
		{"b", 526, 500, 26, 10_000, 15_000, 1500}, // 26.3 cents, rounded down: exactly at the threshold now
		{"c", 9, 1000, 0, 10_009, 14_991, 1500},
		{"d", 40_000, 1000, 4_000, 46_009, 0, 0},
		{"e", 1_000, 1500, 150, 46_859, 0, 0},
	} {
		entry := shop.Entry(grantOf(c.ref, c.total))
		if entry.Units != 0 || entry.Balance != 0 || entry.Counted.Rate != c.rate || entry.Counted.Off != c.off || entry.Counted.Spend != c.total-c.off {
			t.Errorf("%s: %+v", c.ref, entry)
		}
		if got := standingOf(shop); got.Spend != c.spent || got.Missing != c.missing || got.Next.Rate != c.next || got.Currency != "EUR" {
			t.Errorf("after %s: %+v", c.ref, got)
		}
	}
}

func TestGrantRounds(t *testing.T) {
	t.Parallel()
	for rounding, want := range map[loyalty.Rounding]int64{loyalty.Down: 12, loyalty.HalfUp: 13, loyalty.Up: 13} {
		shop := loyaltytest.Open(t, loyaltytest.Discount(t, func(r *loyalty.Rules) { r.Discount.Rounding = rounding }))
		if entry := shop.Entry(grantOf("a", 250)); entry.Counted.Off != want { // 12.5
			t.Errorf("%s: %d", rounding, entry.Counted.Off)
		}
	}
}

// What a reward paid is neither discounted nor counted.
func TestGrantLeavesOutWhatARewardPaid(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	part := loyaltytest.Purchase("part", 1000, func(p *loyalty.Purchase) { p.PaidWithReward = 400 })
	if e := shop.Entry(loyalty.Granting{Purchase: part}); e.Counted.Off != 30 || e.Counted.Spend != 570 {
		t.Errorf("%+v", e.Counted)
	}
	all := loyaltytest.Purchase("all", 1000, func(p *loyalty.Purchase) { p.PaidWithReward = 1000 })
	shop.Refused(loyalty.NothingToEarn, loyalty.Granting{Purchase: all})
}

func TestGrantIsRefused(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	first := shop.Entry(grantOf("twice", 100))
	if r := shop.Refused(loyalty.PurchaseCredited, grantOf("twice", 100)); r.Entry != first.ID {
		t.Errorf("%+v", r)
	}
	zloty := loyaltytest.Purchase("zloty", 100, func(p *loyalty.Purchase) { p.Currency = "PLN" })
	shop.Refused(loyalty.CurrencyMismatch, loyalty.Granting{Purchase: zloty})
	shop.Refused(loyalty.PurchaseRequired, loyalty.Granting{})
	shop.Refused(loyalty.PurchaseInvalid, grantOf("", 100))
	shop.Refused(loyalty.ScanExpired, grantOf("late", 100), loyaltytest.ScannedAgo(16*time.Minute))
	shop.Refused(loyalty.ActionNotOffered, loyalty.Earning{Units: 1})
	shop.Refused(loyalty.ActionNotOffered, loyalty.OpeningBalance{Units: 1}, loyaltytest.Approved(loyalty.Manager))
	shop.Refused(loyalty.ActionNotOffered, loyalty.Adjustment{Units: 1}, loyaltytest.Approved(loyalty.Manager))
	stamps := loyaltytest.Open(t, loyaltytest.Program(t))
	stamps.Refused(loyalty.ActionNotOffered, grantOf("stamps", 100))
	shop.Publish(func(r *loyalty.Rules) { r.Archived = true })
	shop.Refused(loyalty.ProgramEnded, grantOf("over", 100))
}

// A photograph of a card has its discount with a PIN, a card found by hand with a
// manager's, unless the program says otherwise.
func TestGrantAsksForPINs(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	manual := func(c *loyalty.Command) { c.Scan.Method = loyalty.Manual }
	if r := shop.Refused(loyalty.PINRequired, grantOf("a", 100), loyaltytest.Photographable(loyalty.Print, 1)); r.Needs != loyalty.Cashier {
		t.Errorf("static needs %s", r.Needs)
	}
	if r := shop.Refused(loyalty.PINRequired, grantOf("a", 100), manual, loyaltytest.Approved(loyalty.Cashier)); r.Needs != loyalty.Manager {
		t.Errorf("manual needs %s", r.Needs)
	}
	shop.Do(grantOf("a", 100), loyaltytest.Photographable(loyalty.Print, 1), loyaltytest.Approved(loyalty.Cashier))
	shop.Publish(func(r *loyalty.Rules) {
		r.Policies = []loyalty.Policy{{Method: "static", Action: "grant", Refused: true}, {Method: "manual", Action: "grant", Needs: "none"}}
	})
	shop.Refused(loyalty.CredentialNotAccepted, grantOf("b", 100), loyaltytest.Photographable(loyalty.Print, 1), loyaltytest.Approved(loyalty.Manager))
	shop.Do(grantOf("b", 100), manual)
}

// One scan is good for one grant, beside what else it is good for.
func TestGrantSpendsItsNonce(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Levels[0].From, rule.Levels[0].Rate = 0, 1000 })
	}))
	code := loyaltytest.Presenting("shown once")
	purchase := loyaltytest.Purchase("both", 2000)
	if e := shop.Entry(loyalty.Earning{Purchase: purchase}, code); e.Units != 20 || e.Counted.Spend != 2000 {
		t.Errorf("%+v", e)
	}
	if e := shop.Entry(loyalty.Granting{Purchase: purchase}, code); e.Counted.Off != 200 || e.Counted.Spend != 0 {
		t.Errorf("the purchase counts where it earned, not here: %+v", e.Counted)
	}
	shop.Refused(loyalty.CredentialUsed, grantOf("another", 100), code, func(c *loyalty.Command) { c.Scan.ID[0]++ })
	shop.Refused(loyalty.ScanUsed, grantOf("another", 100), code, loyaltytest.ByHandle)
}

// A voided grant has never been: the purchase can be granted anew, and its spend
// leaves the month in which it was counted.
func TestVoidTakesSpendBack(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	shop.Do(grantOf("small", 1000))
	before := shop.Card().Counts.Months()
	big := shop.Entry(grantOf("big", 30_000))
	if got := standingOf(shop); got.Rate != 1500 {
		t.Fatalf("%+v", got)
	}
	shop.After(40 * 24 * time.Hour)
	void := shop.Entry(loyalty.Reversal{Entry: big.ID}, loyaltytest.Approved(loyalty.Manager))
	if void.Counted.Spend != -28_500 || void.Counted.Off != -1500 || void.Counted.Month != big.Counted.Month+1 {
		t.Errorf("%+v", void.Counted)
	}
	if after := shop.Card().Counts.Months(); len(after) != 2 || after[1] != before[1] || standingOf(shop).Rate != 500 {
		t.Errorf("%+v before, %+v after", before, after)
	}
	shop.Refused(loyalty.EntryVoided, loyalty.Reversal{Entry: big.ID}, loyaltytest.Approved(loyalty.Manager))
	shop.Do(grantOf("big", 30_000))
}

// Spend leaves a window of months with the location's month, not a moment before.
func TestSpendLeavesItsWindow(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t, func(r *loyalty.Rules) { r.Discount.Months = 2 }))
	at := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC()
	}
	shop.Now = at("2027-12-31T23:59:59+01:00") // the year's last second in Berlin
	shop.Do(grantOf("party", 20_000))
	for moment, rate := range map[string]int64{
		"2028-01-31T23:59:59+01:00": 1000,
		"2028-01-31T23:00:00Z":      500, // February in Berlin
		"2028-02-29T12:00:00Z":      500,
	} {
		card := shop.Card()
		if got := card.Standing(shop.Program(), at(moment)); got.Rate != rate {
			t.Errorf("at %s: %d, want %d", moment, got.Rate, rate)
		}
	}
	shop.Now = at("2028-02-01T00:00:00+01:00")
	if e := shop.Entry(grantOf("february", 100)); e.Counted.Rate != 500 {
		t.Errorf("%+v", e.Counted)
	}
}

// A discount card moves in with what was spent elsewhere.
func TestDiscountCardMovesIn(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Discount(t)
	c := loyaltytest.Command("move", loyalty.CardID(loyaltytest.ID("moved")), loyalty.Till{}, loyaltytest.Now, nil, loyaltytest.AtOffice)
	d, err := loyalty.MoveIn(program, *c, 25_000, time.Time{}, loyaltytest.Now, loyalty.NewID)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Card.Standing(program, loyaltytest.Now); d.Opening() != 25_000 || got.Rate != 1500 || len(d.Entries) != 1 || d.Entries[0].Kind != loyalty.Opening {
		t.Errorf("%+v, %+v", got, d.Entries)
	}
	if err := loyalty.VerifyChain(&d.Card, d.Entries); err != nil {
		t.Error(err)
	}
}

// Whoever changes what was counted is found, and whoever changes the card.
func TestAuditFindsForgedSpend(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	grant := shop.Entry(grantOf("a", 1000))
	shop.Do(loyalty.Reversal{Entry: grant.ID})
	shop.Do(grantOf("b", 1000))
	card, entries := shop.Card(), shop.Entries()
	for name, forge := range map[string]func(*loyalty.Card, []loyalty.Entry){
		"card": func(c *loyalty.Card, _ []loyalty.Entry) {
			c.Counts = c.Counts.Plus("", loyalty.MonthCount{Month: 24_000, Spend: 1})
		},
		"entry":          func(_ *loyalty.Card, e []loyalty.Entry) { e[2].Counted.Spend++ },
		"month":          func(_ *loyalty.Card, e []loyalty.Entry) { e[2].Counted.Month++ },
		"rate":           func(_ *loyalty.Card, e []loyalty.Entry) { e[2].Counted.Rate = 10_001 },
		"void":           func(_ *loyalty.Card, e []loyalty.Entry) { e[1].Counted.Spend++ },
		"monthless":      func(_ *loyalty.Card, e []loyalty.Entry) { e[2].Counted.Month = 0 },
		"negative grant": func(_ *loyalty.Card, e []loyalty.Entry) { e[2].Counted.Spend = -5 },
	} {
		c, list := card, append([]loyalty.Entry(nil), entries...)
		forge(&c, list)
		list = relink(list)
		c.Head = list[len(list)-1].Hash
		if err := loyalty.VerifyChain(&c, list); err == nil {
			t.Errorf("%s: not found", name)
		}
	}
	if err := loyalty.VerifyChain(&card, entries); err != nil {
		t.Error(err)
	}
}

func grantOf(ref string, total int64) loyalty.Granting {
	return loyalty.Granting{Purchase: loyaltytest.Purchase(ref, total)}
}

func standingOf(shop *loyaltytest.Shop) loyalty.Standing {
	card := shop.Card()
	return card.Standing(shop.Program(), shop.Now)
}
