package loyalty_test

import (
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// shopping is a bill of three lines and 100 euro.
func shopping(ref string) *loyalty.Purchase {
	return loyaltytest.Purchase(ref, 10_000, func(p *loyalty.Purchase) {
		p.Items = []loyalty.Item{basketLine("shirt", 1, 3333), basketLine("coat", 1, 6000), basketLine("socks", 1, 667)}
	})
}

// What comes back of a purchase with a discount counts no more for the next one, and
// neither does its part of what was taken off: exactly all with the last part.
func TestRefundOfAGrantInParts(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	shop.Do(loyalty.Granting{Purchase: loyaltytest.Purchase("before", 1000)}) // 9.50 count
	grant := shop.Entry(loyalty.Granting{Purchase: shopping("r1")})           // 5 %: 95 euro are paid
	if got := standingOf(shop); got.Spend != 10_450 || got.Rate != 1000 {
		t.Fatalf("%+v", got)
	}
	shop.After(40 * 24 * time.Hour)
	for _, step := range []struct {
		name        string
		how         []func(*loyalty.Refunding)
		spend, back int64
		rate        int64
	}{
		{"the shirt", []func(*loyalty.Refunding){line(1)}, 3166, 166, 500}, // 5 % less than its price, half up
		{"ten euro", []func(*loyalty.Refunding){amount(1000)}, 1000, 53, 500},
		{"the socks", []func(*loyalty.Refunding){line(3)}, 634, 33, 500},
		{"the rest", nil, 4700, 248, 500},
	} {
		entry := shop.Entry(refunding(shop, grant, step.how...), loyaltytest.AtOffice)
		if c := entry.Counted; c.Spend != -step.spend || c.Off != -step.back || entry.Units != 0 || entry.Origin != grant.ID || c.Month != grant.Counted.Month+1 {
			t.Errorf("%s: %+v", step.name, entry)
		}
		if got := standingOf(shop); got.Rate != step.rate {
			t.Errorf("after %s: %+v", step.name, got)
		}
	}
	if got := standingOf(shop); got.Spend != 950 {
		t.Errorf("at the end: %+v", got)
	}
	if months := shop.Card().Counts.Months(); len(months) != 2 || months[1].Spend != 950 {
		t.Errorf("it leaves the month in which it counted: %+v", months)
	}
	shop.Refused(loyalty.PurchaseRefunded, refunding(shop, grant), loyaltytest.AtOffice)
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: grant.ID}, loyaltytest.AtOffice)
	card, entries := shop.Card(), shop.Entries()
	if err := loyalty.VerifyChain(&card, entries); err != nil {
		t.Error(err)
	}
}

// Nobody gets more back than was paid, and what was voided is not refunded as well.
func TestRefundOfAGrantIsRefused(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	grant := shop.Entry(loyalty.Granting{Purchase: shopping("r1")})
	if got := shop.Refused(loyalty.RefundInvalid, refunding(shop, grant, amount(9501)), loyaltytest.AtOffice); !strings.Contains(got.Message, "9500 EUR are left") {
		t.Errorf("says %q", got.Message)
	}
	shop.Refused(loyalty.RefundInvalid, refunding(shop, grant, line(4)), loyaltytest.AtOffice)
	shop.Refused(loyalty.RefundInvalid, refunding(shop, grant, erased, amount(1)), loyaltytest.AtOffice)
	if got := shop.Refused(loyalty.PINRequired, refunding(shop, grant)); got.Needs != loyalty.Cashier {
		t.Errorf("needs %s", got.Needs)
	}
	voided := shop.Entry(loyalty.Granting{Purchase: shopping("r2")})
	shop.Do(loyalty.Reversal{Entry: voided.ID})
	shop.Refused(loyalty.EntryVoided, refunding(shop, voided), loyaltytest.AtOffice)
	if got := shop.Entry(refunding(shop, grant, erased), loyaltytest.AtOffice); got.Counted.Spend != -9500 || got.Counted.Off != -500 {
		t.Errorf("as a whole, of what was erased: %+v", got.Counted)
	}
}

// A discount of all of it leaves nothing to pay back, and can be refunded once.
func TestRefundOfAGift(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t, func(r *loyalty.Rules) {
		r.Discount.Steps = []loyalty.DiscountStep{{From: 0, Rate: loyalty.MaxRate}}
	}))
	grant := shop.Entry(loyalty.Granting{Purchase: shopping("r1")})
	if got := shop.Entry(refunding(shop, grant), loyaltytest.AtOffice); got.Counted.Spend != 0 || got.Counted.Off != -10_000 {
		t.Errorf("%+v", got.Counted)
	}
	shop.Refused(loyalty.PurchaseRefunded, refunding(shop, grant), loyaltytest.AtOffice)
}

// Where a tier takes something off a purchase that earns as well, each of the two is
// refunded by itself: the points with the earn, the discount with the grant.
func TestRefundOfATiersDiscount(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Levels[0].From, rule.Levels[0].Rate = 0, 1000 })
	}))
	earn := shop.Entry(loyalty.Earning{Purchase: shopping("r1")})
	grant := shop.Entry(loyalty.Granting{Purchase: shopping("r1")})
	if got := shop.Entry(refunding(shop, grant, line(2)), loyaltytest.AtOffice); got.Units != 0 || got.Counted.Spend != 0 || got.Counted.Off != -600 {
		t.Errorf("the coat's discount: %+v", got)
	}
	if got := shop.Entry(refunding(shop, earn, line(2)), loyaltytest.AtOffice); got.Units != -60 || got.Counted.Spend != -6000 || got.Counted.Off != 0 {
		t.Errorf("the coat's points: %+v", got)
	}
}

// Whoever changes what a refund took back is found.
func TestAuditFindsForgedRefunds(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Discount(t))
	grant := shop.Entry(loyalty.Granting{Purchase: shopping("r1")})
	shop.Do(refunding(shop, grant, line(1)), loyaltytest.AtOffice)
	card, entries := shop.Card(), shop.Entries()
	for name, forge := range map[string]func(*loyalty.Entry){
		"more than was paid":      func(e *loyalty.Entry) { e.Counted.Spend = -9501 },
		"more than was taken off": func(e *loyalty.Entry) { e.Counted.Off = -501 },
		"takes something off":     func(e *loyalty.Entry) { e.Counted.Off = 1 },
		"units":                   func(e *loyalty.Entry) { e.Units, e.Balance = -1, -1 },
	} {
		list := append([]loyalty.Entry(nil), entries...)
		forge(&list[len(list)-1])
		list = relink(list)
		forged := card
		forged.Head = list[len(list)-1].Hash
		if err := loyalty.VerifyChain(&forged, list); err == nil {
			t.Errorf("%s: not found", name)
		}
	}
}
