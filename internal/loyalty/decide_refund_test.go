package loyalty_test

import (
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// bySpend gives a point for each euro.
func bySpend(r *loyalty.Rules) {
	r.Earn = loyalty.EarnRule{By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.Down}
}

// bought is a purchase of three lines and 33.33 euro, less 3.33 that a reward paid.
func bought() *loyalty.Purchase {
	return loyaltytest.Purchase("r1", 3333, func(p *loyalty.Purchase) {
		p.PaidWithReward = 333
		p.Items = []loyalty.Item{{Quantity: 1000, Unit: "piece", Amount: 1000}, {Quantity: 1000, Unit: "piece", Amount: 1500}, {Quantity: 1000, Unit: "piece", Amount: 833}}
	})
}

// refunding is a refund as the API asks for it: with what is kept of the purchase.
func refunding(shop *loyaltytest.Shop, earn *loyalty.Entry, changes ...func(*loyalty.Refunding)) loyalty.Refunding {
	do := loyalty.Refunding{Entry: earn.ID, Detail: shop.Book.Details[earn.ID]}
	for _, change := range changes {
		change(&do)
	}
	return do
}

func amount(n int64) func(*loyalty.Refunding)  { return func(r *loyalty.Refunding) { r.Amount = n } }
func line(n ...int64) func(*loyalty.Refunding) { return func(r *loyalty.Refunding) { r.Lines = n } }
func asFarAsPossible(r *loyalty.Refunding)     { r.Most = true }
func erased(r *loyalty.Refunding)              { r.Detail = loyalty.Detail{} }
func another(r *loyalty.Refunding)             { r.Detail.Body = []byte(`{"total":1}`) }

// Parts take their share, and the last of them exactly what is left.
func TestRefundInParts(t *testing.T) {
	t.Parallel()
	for _, by := range []func(*loyalty.Rules){func(*loyalty.Rules) {}, func(r *loyalty.Rules) { r.Lots = nil }} {
		shop := loyaltytest.Open(t, loyaltytest.Lots(t, bySpend, by))
		earn := shop.Entry(loyalty.Earning{Purchase: bought()})
		for _, step := range []struct {
			how  []func(*loyalty.Refunding)
			took int64
		}{
			{[]func(*loyalty.Refunding){line(1)}, 10},
			{[]func(*loyalty.Refunding){amount(99)}, 0},   // 10.99 of 30.00 euro
			{[]func(*loyalty.Refunding){amount(901)}, 10}, // 20.00
			{[]func(*loyalty.Refunding){line(3)}, 8},
			{nil, 2},
		} {
			entry := shop.Entry(refunding(shop, earn, step.how...), loyaltytest.AtOffice)
			if entry.Units != -step.took || entry.Origin != earn.ID || entry.Commitment == (loyalty.Hash{}) {
				t.Errorf("took %d, want %d: %+v", -entry.Units, step.took, entry)
			}
		}
		if card := shop.Card(); card.Balance != 0 || card.Lifetime != 0 {
			t.Errorf("card %+v", card)
		}
		shop.Refused(loyalty.PurchaseRefunded, refunding(shop, earn), loyaltytest.AtOffice)
		shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: earn.ID}, loyaltytest.AtOffice)
		shop.Refused(loyalty.PurchaseCredited, loyalty.Earning{Purchase: bought()})
	}
}

func TestRefundIsRefused(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, bySpend))
	earn := shop.Entry(loyalty.Earning{Purchase: bought()})
	opening := shop.Entry(loyalty.Adjustment{Units: 5}, loyaltytest.AtOffice)
	shop.Do(refunding(shop, earn, line(2)), loyaltytest.AtOffice)
	for _, tt := range []struct {
		name string
		code loyalty.Code
		do   loyalty.Refunding
	}{
		{"no entry", loyalty.EntryNotFound, loyalty.Refunding{Entry: loyaltytest.ID("none")}},
		{"no purchase", loyalty.RefundInvalid, refunding(shop, opening)},
		{"more than is left", loyalty.RefundInvalid, refunding(shop, earn, amount(1501))},
		{"less than nothing", loyalty.RefundInvalid, refunding(shop, earn, amount(-1))},
		{"a line that is not there", loyalty.RefundInvalid, refunding(shop, earn, line(4))},
		{"line 0", loyalty.RefundInvalid, refunding(shop, earn, line(0))},
		{"lines and amount", loyalty.RefundInvalid, refunding(shop, earn, line(1), amount(1))},
		{"a line again", loyalty.PurchaseRefunded, refunding(shop, earn, line(1, 2))},
		{"a line twice at once", loyalty.PurchaseRefunded, refunding(shop, earn, line(1, 1))},
		{"another purchase", loyalty.RefundInvalid, refunding(shop, earn, another)},
		{"a part of what was erased", loyalty.RefundInvalid, refunding(shop, earn, erased, amount(1))},
		{"the rest of what was erased", loyalty.PurchaseRefunded, refunding(shop, earn, erased)},
	} {
		t.Log(tt.name)
		shop.Refused(tt.code, tt.do, loyaltytest.AtOffice)
	}
	refusal := shop.Refused(loyalty.PINRequired, refunding(shop, earn))
	if refusal.Needs != loyalty.Cashier {
		t.Errorf("needs %s", refusal.Needs)
	}
	shop.Do(refunding(shop, earn), loyaltytest.Approved(loyalty.Cashier))
}

// A purchase that was erased can still be refunded as a whole.
func TestRefundAfterErasure(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, bySpend))
	earn := shop.Entry(loyalty.Earning{Purchase: bought()})
	if entry := shop.Entry(refunding(shop, earn, erased), loyaltytest.AtOffice); entry.Units != -30 {
		t.Errorf("took %d", -entry.Units)
	}
	shop.Refused(loyalty.PurchaseRefunded, refunding(shop, earn, erased), loyaltytest.AtOffice)
}

// Points that were spent come from others, become a debt, or keep the refund from
// happening, with a way to go on.
func TestRefundOfSpentPoints(t *testing.T) {
	t.Parallel()
	for _, owe := range []bool{false, true} {
		shop := loyaltytest.Open(t, loyaltytest.Lots(t, bySpend, func(r *loyalty.Rules) {
			r.AllowNegative, r.Lots = owe, &loyalty.LotRule{Expires: loyalty.YearEnd}
		}))
		earn := shop.Entry(loyalty.Earning{Purchase: bought()})
		for range 3 {
			shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
		}
		shop.Do(loyalty.Adjustment{Units: 2}, loyaltytest.AtOffice)
		if owe {
			shop.Do(refunding(shop, earn), loyaltytest.AtOffice)
			if card := shop.Card(); card.Balance != -13 || !card.MayOwe {
				t.Errorf("card %+v", card)
			}
			continue
		}
		refusal := shop.Refused(loyalty.InsufficientBalance, refunding(shop, earn), loyaltytest.AtOffice)
		if !strings.Contains(refusal.Message, "takes 30 back") || !strings.Contains(refusal.Message, "only 17 left") {
			t.Errorf("says %q", refusal.Message)
		}
		shop.Do(refunding(shop, earn, line(1)), loyaltytest.AtOffice)
		entry := shop.Entry(refunding(shop, earn, asFarAsPossible), loyaltytest.AtOffice)
		if card := shop.Card(); entry.Units != -7 || card.Balance != 0 {
			t.Errorf("took %d, card %+v", -entry.Units, card)
		}
	}
}

// What has expired is not taken a second time from what came later, and nothing
// comes back to life.
func TestRefundOfExpiredPoints(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30, bySpend))
	earn := shop.Entry(loyalty.Earning{Purchase: bought()})
	for range 2 {
		shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	}
	shop.After(31 * dayLong)
	shop.Do(loyalty.Lapse{}, loyaltytest.AtOffice)
	shop.Do(loyalty.Adjustment{Units: 50}, loyaltytest.AtOffice)
	half := shop.Entry(refunding(shop, earn, amount(1500)), loyaltytest.AtOffice)
	rest := shop.Entry(refunding(shop, earn), loyaltytest.AtOffice)
	if half.Units != -5 || rest.Units != -5 || shop.Card().Balance != 40 {
		t.Errorf("of 10 that were spent, %d and %d were taken: %+v", -half.Units, -rest.Units, shop.Card())
	}
}

// Stamps go back with the cards that they filled.
func TestRefundOfStamps(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	earn := shop.Entry(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 1200, func(p *loyalty.Purchase) {
		p.Items = []loyalty.Item{{Quantity: 12_000, Unit: "piece", Amount: 1200}}
	})})
	shop.Do(refunding(shop, earn, amount(600)), loyaltytest.AtOffice)
	if card := shop.Card(); card.Balance != 6 || card.Cycle != 0 {
		t.Errorf("card %+v, vouchers %q", card, states(shop))
	}
}

// What is refunded counts for no standing any more, in the month in which it had
// counted; the chain proves it.
func TestRefundOfWhatCounted(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, bySpend, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Levels[0].From = 2500 })
	}))
	tier := func() string {
		card := shop.Card()
		if level := card.Standing(shop.Program(), shop.Now).Tier.Level; level != nil {
			return level.Name
		}
		return ""
	}
	earn := shop.Entry(loyalty.Earning{Purchase: bought()})
	if earn.Counted.Spend != 3000 || tier() != "Silver" {
		t.Fatalf("counted %+v, tier %q", earn.Counted, tier())
	}
	shop.After(40 * dayLong)
	part := shop.Entry(refunding(shop, earn, amount(1000)), loyaltytest.AtOffice)
	card := shop.Card()
	months := card.Counts.Months()
	if part.Counted.Spend != -1000 || len(months) != 2 || months[1] != (loyalty.MonthCount{Month: earn.Counted.Month, Spend: 2000, Units: 20}) || tier() != "" {
		t.Errorf("refund counts %+v, card %+v, tier %q", part.Counted, months, tier())
	}
	if rest := shop.Entry(refunding(shop, earn), loyaltytest.AtOffice); rest.Counted.Spend != -2000 {
		t.Errorf("the rest counts %+v", rest.Counted)
	}
	if card = shop.Card(); card.Counts.Total() != (loyalty.MonthCount{}) {
		t.Errorf("card counts %+v", card.Counts.Total())
	}
}

// A purchase of a card that was merged is not refunded there any more: the answer names
// the card that has its points, where they are adjusted.
func TestRefundAfterMerge(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, bySpend))
	earn := shop.Entry(loyalty.Earning{Purchase: bought()})
	other := loyaltytest.Card(shop.Program(), "berta")
	shop.Book.Cards[other.ID] = other
	shop.Do(loyalty.Merger{Into: other.ID}, loyaltytest.AtOffice)
	do := refunding(shop, earn)
	if r := shop.Refused(loyalty.CardMerged, do, loyaltytest.AtOffice); r.Card != other.ID || !strings.Contains(r.Message, "adjust that one") {
		t.Errorf("%+v", r)
	}
	shop.CardID = other.ID
	shop.Refused(loyalty.EntryNotFound, do, loyaltytest.AtOffice)
	shop.Do(loyalty.Adjustment{Units: -earn.Units, Note: "brought back"}, loyaltytest.AtOffice)
	if card := shop.Card(); card.Balance != 0 {
		t.Errorf("%d are left", card.Balance)
	}
}
