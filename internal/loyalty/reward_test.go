package loyalty_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func shoes(p *loyalty.Purchase) {
	p.Items = []loyalty.Item{
		{Category: "shoes", SKU: "boot", Quantity: 1000, Unit: "piece", Amount: 7999},
		{Category: "care", SKU: "polish", Quantity: 2000, Unit: "piece", Amount: p.Total - 7999},
	}
}

func TestOff(t *testing.T) {
	t.Parallel()
	percent := func(rate int64, r loyalty.Rounding, changes ...func(*loyalty.Reward)) loyalty.Reward {
		return worth(append([]func(*loyalty.Reward){func(w *loyalty.Reward) { w.Kind, w.Rate, w.Rounding = loyalty.PercentOff, rate, r }}, changes...)...)
	}
	amount := func(minor int64, changes ...func(*loyalty.Reward)) loyalty.Reward {
		return worth(append([]func(*loyalty.Reward){func(w *loyalty.Reward) { w.Kind, w.Amount = loyalty.AmountOff, minor }}, changes...)...)
	}
	only := func(m loyalty.Match) func(*loyalty.Reward) { return func(w *loyalty.Reward) { w.Lines = m } }
	most := func(minor int64) func(*loyalty.Reward) {
		return func(w *loyalty.Reward) { w.Most = minor }
	}
	flexible := amount(0, func(w *loyalty.Reward) { w.Flexible = loyalty.Flexible{Units: 3, Per: 100, Min: 200, Max: 5000} })
	bill := func(total int64, changes ...func(*loyalty.Purchase)) *loyalty.Purchase {
		return loyaltytest.Purchase("bill", total, changes...)
	}
	paid := func(minor int64) func(*loyalty.Purchase) {
		return func(p *loyalty.Purchase) { p.PaidWithReward = minor }
	}
	tests := []struct {
		name   string
		reward loyalty.Reward
		bill   *loyalty.Purchase
		chosen int64
		off    int64
		code   loyalty.Code
		least  int64 // as the refusal tells it
		most   int64
	}{
		{name: "a fifth", reward: percent(2000, loyalty.Down), bill: bill(9999), off: 1999},
		{name: "a fifth, half up", reward: percent(2000, loyalty.HalfUp), bill: bill(9998), off: 2000},
		{name: "a fifth, up", reward: percent(2000, loyalty.Up), bill: bill(9996), off: 2000},
		{name: "all", reward: percent(10_000, loyalty.Down), bill: bill(9999), off: 9999},
		{name: "with a cap", reward: percent(2000, loyalty.Down, most(1000)), bill: bill(9999), off: 1000},
		{name: "of what is left to pay", reward: percent(5000, loyalty.Down), bill: bill(1000, paid(400)), off: 300},
		{name: "of the shoes", reward: percent(1000, loyalty.Down, only(loyalty.Match{Categories: []string{"shoes"}})), bill: bill(9999, shoes), off: 799},
		{name: "by SKU", reward: percent(1000, loyalty.Down, only(loyalty.Match{SKUs: []string{"polish"}})), bill: bill(9999, shoes), off: 200},
		{name: "of the shoes, mostly paid", reward: percent(10_000, loyalty.Down, only(loyalty.Match{Categories: []string{"shoes"}})), bill: bill(9999, shoes, paid(9000)), off: 999},
		{name: "an amount", reward: amount(500), bill: bill(1999), off: 500},
		{name: "never below zero", reward: amount(500), bill: bill(300), off: 300},
		{name: "off the care", reward: amount(5000, only(loyalty.Match{Categories: []string{"care"}})), bill: bill(9999, shoes), off: 2000},
		{name: "chosen", reward: flexible, bill: bill(9999), chosen: 777, off: 777},
		{name: "all that is to pay", reward: flexible, bill: bill(777), chosen: 777, off: 777},

		{name: "no purchase", reward: amount(500), code: loyalty.PurchaseRequired},
		{name: "no lines", reward: percent(1000, loyalty.Down, only(loyalty.Match{SKUs: []string{"boot"}})), bill: bill(9999), code: loyalty.PurchaseRequired},
		{name: "lines that do not add up", reward: percent(1000, loyalty.Down, only(loyalty.Match{SKUs: []string{"boot"}})), bill: bill(9999, shoes, func(p *loyalty.Purchase) { p.Total++ }), code: loyalty.PurchaseInvalid},
		{name: "another currency", reward: amount(500), bill: bill(1999, func(p *loyalty.Purchase) { p.Currency = "PLN" }), code: loyalty.CurrencyMismatch},
		{name: "nothing that it is for", reward: amount(500, only(loyalty.Match{SKUs: []string{"sandal"}})), bill: bill(9999, shoes), code: loyalty.RewardNotApplicable},
		{name: "too little for a cent", reward: percent(100, loyalty.Down), bill: bill(99), code: loyalty.RewardNotApplicable},
		{name: "all paid", reward: amount(500), bill: bill(500, paid(500)), code: loyalty.RewardNotApplicable},
		{name: "an amount that is fixed", reward: amount(500), bill: bill(1999), chosen: 400, code: loyalty.AmountInvalid},
		{name: "a percentage is fixed", reward: percent(500, loyalty.Up), bill: bill(1999), chosen: 400, code: loyalty.AmountInvalid},
		{name: "nothing chosen", reward: flexible, bill: bill(9999), code: loyalty.AmountInvalid, least: 200, most: 5000},
		{name: "too little chosen", reward: flexible, bill: bill(9999), chosen: 199, code: loyalty.AmountInvalid, least: 200, most: 5000},
		{name: "too much chosen", reward: flexible, bill: bill(9999), chosen: 5001, code: loyalty.AmountInvalid, least: 200, most: 5000},
		{name: "more than is to pay", reward: flexible, bill: bill(600), chosen: 601, code: loyalty.AmountInvalid, least: 200, most: 600},
		{name: "too small a bill", reward: flexible, bill: bill(199), chosen: 200, code: loyalty.RewardNotApplicable, least: 200},
	}
	for _, tt := range tests {
		off, err := tt.reward.Off(tt.bill, tt.chosen)
		var refusal *loyalty.Refusal
		if errors.As(err, &refusal); off != tt.off || (tt.code == "") != (err == nil) || err != nil && refusal.Code != tt.code {
			t.Errorf("%s: %d, %v; want %d %s", tt.name, off, err, tt.off, tt.code)
		}
		if refusal != nil && (refusal.Least != tt.least || refusal.Most != tt.most) {
			t.Errorf("%s: from %d to %d is told, want %d to %d", tt.name, refusal.Least, refusal.Most, tt.least, tt.most)
		}
	}
}

// worth is a reward that is worth something.
func worth(changes ...func(*loyalty.Reward)) loyalty.Reward {
	r := loyalty.Reward{ID: loyaltytest.Cone, Name: "Off"}
	r.Currency = "EUR"
	for _, change := range changes {
		change(&r)
	}
	return r
}

// Whatever a reward takes off, what is to pay never falls below zero, and no reward
// takes off more than it says.
func TestOffIsWithinTheBill(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		money := rapid.Int64Range(0, loyalty.MaxAmount)
		reward := worth(func(w *loyalty.Reward) {
			if rapid.Bool().Draw(t, "percent") {
				w.Kind, w.Rate, w.Rounding = loyalty.PercentOff, rapid.Int64Range(1, loyalty.MaxRate).Draw(t, "rate"), rapid.SampledFrom([]loyalty.Rounding{loyalty.Down, loyalty.HalfUp, loyalty.Up}).Draw(t, "rounding")
				w.Most = money.Draw(t, "most")
			} else {
				w.Kind, w.Amount = loyalty.AmountOff, money.Draw(t, "amount")
			}
			if rapid.Bool().Draw(t, "only") {
				w.Lines.SKUs = []string{"boot"}
			}
		})
		boots, rest := money.Draw(t, "boots")/2, money.Draw(t, "rest")/2
		purchase := loyaltytest.Purchase("bill", boots+rest, func(p *loyalty.Purchase) {
			p.Items = []loyalty.Item{{SKU: "boot", Quantity: 1, Amount: boots}, {SKU: "sock", Quantity: 1, Amount: rest}}
			p.PaidWithReward = rapid.Int64Range(0, p.Total).Draw(t, "paid")
		})
		left := purchase.Total - purchase.PaidWithReward
		off, err := reward.Off(purchase, 0)
		if err != nil {
			off = 0
		} else if off < 1 {
			t.Fatalf("takes %d off", off)
		}
		if pay := left - off; pay < 0 || off > left || reward.Most > 0 && off > reward.Most || reward.Amount > 0 && off > reward.Amount || len(reward.Lines.SKUs) > 0 && off > boots {
			t.Fatalf("%d off %+v by %+v", off, purchase, reward)
		}
	})
}

// giftShop sells gift cards of 20 euro for 10 points, and takes points as money.
func giftShop(t loyaltytest.TB, changes ...func(*loyalty.Rules)) *loyaltytest.Shop {
	t.Helper()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, append([]func(*loyalty.Rules){func(r *loyalty.Rules) {
		gift := &r.Rewards[0]
		gift.Cost, gift.Kind, gift.Amount, gift.Currency = 10, loyalty.GiftCard, 2000, "EUR"
		r.Rewards = append(r.Rewards, loyalty.Reward{ID: loyaltytest.Cone, Name: "Points as money", RewardTerms: loyalty.RewardTerms{
			Kind: loyalty.AmountOff, Currency: "EUR", Flexible: loyalty.Flexible{Units: 1, Per: 10, Min: 50},
		}})
	}}, changes...)...))
	shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("a start", 10_000)})
	return shop
}

func TestGiftCard(t *testing.T) {
	t.Parallel()
	shop := giftShop(t, func(r *loyalty.Rules) { r.Rewards[0].PerCard = 1 })
	buy := loyalty.Redemption{Reward: loyaltytest.Topping}
	bought := shop.Entry(buy)
	gift := shop.Vouchers()[0]
	if bought.Units != -10 || bought.Counted.Off != 0 || !bought.Voucher.IsZero() || gift.Value != 2000 || gift.Left != 2000 || gift.Entry != bought.ID {
		t.Fatalf("bought %+v by %+v", gift, bought)
	}
	shop.Refused(loyalty.RewardLimitReached, buy)

	use := func(amount int64, bill int64) loyalty.Redemption {
		do := loyalty.Redemption{Reward: loyaltytest.Topping, Voucher: gift.ID, Amount: amount}
		if bill > 0 {
			do.Purchase = loyaltytest.Purchase("bill", bill)
		}
		return do
	}
	shop.Refused(loyalty.AmountInvalid, use(2001, 0))
	shop.Refused(loyalty.AmountInvalid, use(500, 499))
	part := shop.Entry(use(500, 3000))
	if part.Units != 0 || part.Counted.Off != 500 || part.Voucher != gift.ID || part.Commitment == (loyalty.Hash{}) {
		t.Errorf("used a part: %+v", part)
	}
	shop.Refused(loyalty.VoidRewardUsed, loyalty.Reversal{Entry: bought.ID, Reward: bought.Reward}, loyaltytest.Approved(loyalty.Manager))
	all := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping, Purchase: loyaltytest.Purchase("small bill", 700)})
	if all.Counted.Off != 700 || shop.Vouchers()[0].Left != 800 {
		t.Errorf("used for the whole bill: %+v, %+v", all, shop.Vouchers()[0])
	}
	if last := shop.Entry(use(0, 0)); last.Counted.Off != 800 || shop.Vouchers()[0].State != loyalty.Redeemed {
		t.Errorf("used the rest: %+v, %+v", last, shop.Vouchers()[0])
	}
	shop.Refused(loyalty.VoucherNotLive, use(1, 0))

	back := shop.Entry(loyalty.Reversal{Entry: all.ID, Reward: all.Reward})
	if v := shop.Vouchers()[0]; back.Counted.Off != -700 || v.Left != 700 || v.State != loyalty.Issued {
		t.Errorf("gave back %+v, %+v", back, v)
	}
	shop.Do(loyalty.Reversal{Entry: part.ID, Reward: part.Reward})
	if v := shop.Vouchers()[0]; v.Left != 1200 {
		t.Errorf("gave back %+v", v)
	}
}

func TestGiftCardGivenBack(t *testing.T) {
	t.Parallel()
	shop := giftShop(t)
	bought := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Do(loyalty.Reversal{Entry: bought.ID, Reward: bought.Reward})
	if v := shop.Vouchers()[0]; v.State != loyalty.Withdrawn || shop.Card().Balance != 100 {
		t.Errorf("%+v, balance %d", v, shop.Card().Balance)
	}
	shop.Refused(loyalty.VoucherNotFound, loyalty.Redemption{Reward: loyaltytest.Topping, Amount: 100})
}

func TestPointsAsMoney(t *testing.T) {
	t.Parallel()
	shop := giftShop(t)
	pay := func(amount int64) loyalty.Redemption {
		return loyalty.Redemption{Reward: loyaltytest.Cone, Amount: amount, Purchase: loyaltytest.Purchase("bill", 4000)}
	}
	if e := shop.Entry(pay(333)); e.Units != -34 || e.Counted.Off != 333 {
		t.Errorf("entry %+v", e)
	}
	shop.Refused(loyalty.InsufficientBalance, pay(661))
	shop.Refused(loyalty.AmountInvalid, pay(0))
	if e := shop.Entry(pay(660)); shop.Card().Balance != 0 {
		t.Errorf("entry %+v, balance %d", e, shop.Card().Balance)
	}
}

func TestRewardIsOfferedBetween(t *testing.T) {
	t.Parallel()
	from, until := loyaltytest.Now.Add(time.Hour), loyaltytest.Now.Add(2*time.Hour)
	shop := giftShop(t, func(r *loyalty.Rules) { r.Rewards[0].From, r.Rewards[0].Until = from, until })
	buy := loyalty.Redemption{Reward: loyaltytest.Topping}
	if r := shop.Refused(loyalty.RewardNotOffered, buy); !r.RetryAt.Equal(from) {
		t.Errorf("%+v", r)
	}
	shop.After(time.Hour)
	shop.Do(buy)
	shop.After(time.Hour)
	shop.Refused(loyalty.RewardNotOffered, buy)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping, Amount: 100}) // what was bought is there
}

func TestReserve(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	back := shop.Pair(loyaltytest.Till(t, "back"))
	shop.Do(loyalty.Earning{Units: 10})
	entries := len(shop.Entries())
	hold := loyalty.Reserving{Reward: loyaltytest.Cone}
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone}

	held := shop.Do(hold).Held
	if held.State != loyalty.Reserved || held.Hold != (loyalty.Hold{Till: shop.Till.ID, Until: shop.Now.Add(loyalty.HoldLife)}) || len(shop.Entries()) != entries {
		t.Fatalf("held %+v", held)
	}
	for _, do := range []loyalty.Action{hold, redeem, loyalty.Reserving{Reward: loyaltytest.Cone, Release: true}} {
		if r := shop.Refused(loyalty.RewardReserved, do, back); !r.RetryAt.Equal(held.Hold.Until) {
			t.Errorf("%+v", r)
		}
	}
	shop.After(30 * time.Second)
	if again := shop.Do(hold).Held; !again.Hold.Until.Equal(shop.Now.Add(loyalty.HoldLife)) {
		t.Errorf("held again: %+v", again)
	}
	if gone := shop.Do(loyalty.Reserving{Reward: loyaltytest.Cone, Release: true}).Held; gone.State != loyalty.Issued || gone.Hold != (loyalty.Hold{}) {
		t.Errorf("let go: %+v", gone)
	}
	shop.Do(hold, back)
	shop.Refused(loyalty.RewardReserved, redeem)
	shop.After(loyalty.HoldLife) // nobody comes back
	shop.Do(hold)
	shop.Do(redeem)
	shop.Refused(loyalty.VoucherNotFound, hold, back)
	if v := shop.Vouchers()[0]; v.State != loyalty.Redeemed || v.Hold != (loyalty.Hold{}) {
		t.Errorf("redeemed: %+v", v)
	}
}

// What takes something off needs the purchase, which nobody checks without a network.
func TestOfflineHandsOutItemsOnly(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Rewards[0].RewardTerms = loyalty.RewardTerms{Kind: loyalty.PercentOff, Rate: 1000, Rounding: loyalty.Down, Currency: "EUR"}
	}))
	shop.Do(loyalty.Earning{Units: 10})
	lease := loyalty.Lease{ID: loyaltytest.ID("lease"), Merchant: loyaltytest.Merchant, Till: shop.Till.ID, Redemptions: 1}
	shop.Book.Leases[lease.ID] = lease
	shop.Refused(loyalty.ActionNotOffered, loyalty.Redemption{Reward: loyaltytest.Cone, Purchase: loyaltytest.Purchase("bill", 1000)}, func(c *loyalty.Command) {
		c.Offline = &loyalty.Offline{Item: loyalty.QueueItem{Counter: 1}, Lease: lease.ID}
	})
}

func TestRewardTermsCheck(t *testing.T) {
	t.Parallel()
	stamps := func(t *testing.T) *loyalty.Program { t.Helper(); return loyaltytest.Program(t) }
	points := func(t *testing.T) *loyalty.Program { t.Helper(); return loyaltytest.Points(t) }
	is := func(terms loyalty.RewardTerms) func(*loyalty.Rules) {
		return func(r *loyalty.Rules) { r.Rewards[0].Cost, r.Rewards[0].RewardTerms = 0, terms }
	}
	flexible := loyalty.Flexible{Units: 1, Per: 10, Min: 1}
	year := loyaltytest.Now
	tests := []struct {
		field string
		of    func(*testing.T) *loyalty.Program
		is    func(*loyalty.Rules)
	}{
		{"kind", stamps, is(loyalty.RewardTerms{Kind: "cake"})},
		{"rate", stamps, is(loyalty.RewardTerms{Rate: 1})},
		{"rate", stamps, is(loyalty.RewardTerms{Kind: loyalty.PercentOff, Rounding: loyalty.Down})},
		{"rate", stamps, is(loyalty.RewardTerms{Kind: loyalty.PercentOff, Rate: 10_001, Rounding: loyalty.Down})},
		{"rounding", stamps, is(loyalty.RewardTerms{Kind: loyalty.PercentOff, Rate: 1})},
		{"rounding", stamps, is(loyalty.RewardTerms{Rounding: loyalty.Down})},
		{"most", stamps, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Amount: 1, Currency: "EUR", Most: 1})},
		{"currency", stamps, is(loyalty.RewardTerms{Kind: loyalty.PercentOff, Rate: 1, Rounding: loyalty.Down})},
		{"currency", stamps, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Amount: 1})},
		{"currency", stamps, is(loyalty.RewardTerms{Currency: "EUR"})},
		{"currency", points, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Amount: 1, Currency: "PLN"})},
		{"amount", stamps, is(loyalty.RewardTerms{Kind: loyalty.GiftCard, Currency: "EUR"})},
		{"amount", stamps, is(loyalty.RewardTerms{Amount: 1})},
		{"amount", points, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Amount: 1, Currency: "EUR", Flexible: flexible})},
		{"flexible", stamps, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Currency: "EUR", Flexible: flexible})},
		{"flexible", points, is(loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 1, Currency: "EUR", Flexible: flexible})},
		{"flexible.units", points, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Currency: "EUR", Flexible: loyalty.Flexible{Per: 10, Min: 1}})},
		{"flexible.per", points, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Currency: "EUR", Flexible: loyalty.Flexible{Units: 10, Min: 1}})},
		{"flexible.min", points, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Currency: "EUR", Flexible: loyalty.Flexible{Units: 10, Per: 1}})},
		{"flexible.max", points, is(loyalty.RewardTerms{Kind: loyalty.AmountOff, Currency: "EUR", Flexible: loyalty.Flexible{Units: 10, Per: 1, Min: 5, Max: 4}})},
		{"cost", points, func(r *loyalty.Rules) {
			r.Rewards[0].RewardTerms = loyalty.RewardTerms{Kind: loyalty.AmountOff, Currency: "EUR", Flexible: flexible}
		}},
		{"lines", stamps, is(loyalty.RewardTerms{Lines: loyalty.Match{SKUs: []string{"boot"}}})},
		{"lines.skus[0]", stamps, is(loyalty.RewardTerms{Kind: loyalty.PercentOff, Rate: 1, Rounding: loyalty.Down, Lines: loyalty.Match{SKUs: []string{""}}})},
		{"kind", stamps, func(r *loyalty.Rules) {
			r.Rewards[0].PerCard = 1
			r.Rewards[0].RewardTerms = loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 1, Currency: "EUR"}
		}},
		{"from", stamps, is(loyalty.RewardTerms{From: year})},
		{"until", points, func(r *loyalty.Rules) { r.Rewards[0].From, r.Rewards[0].Until = year, year }},
	}
	for _, tt := range tests {
		rules := tt.of(t).Rules
		tt.is(&rules)
		err := rules.Check()
		var field *loyalty.FieldError
		if !errors.As(err, &field) || field.Field != "rewards[0]."+tt.field {
			t.Errorf("got %v, want a problem with rewards[0].%s", err, tt.field)
		}
	}
}

// What vouchers may stand for stays while there are cards.
func TestNextKeepsRewards(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards[0].RewardTerms = loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 500, Currency: "EUR"}
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
	})
	tests := []struct {
		field  string
		change func(*loyalty.Rules)
	}{
		{"rewards", func(r *loyalty.Rules) { r.Rewards = r.Rewards[1:] }},
		{"rewards[0].kind", func(r *loyalty.Rules) { r.Rewards[0].Kind = loyalty.AmountOff }},
		{"rewards[0].currency", func(r *loyalty.Rules) { r.Rewards[0].Currency = "PLN" }},
		{"", func(r *loyalty.Rules) { r.Rewards[0].Amount, r.Rewards = 700, r.Rewards[:1] }},
	}
	for _, tt := range tests {
		next := loyaltytest.Next(t, program).Rules
		next.Rewards = append([]loyalty.Reward(nil), program.Rewards...)
		tt.change(&next)
		err := program.CheckNext(&next, true)
		var field *loyalty.FieldError
		if (tt.field == "") != (err == nil) || errors.As(err, &field) && field.Field != tt.field {
			t.Errorf("got %v, want a problem with %q", err, tt.field)
		}
		if err := program.CheckNext(&next, false); err != nil {
			t.Errorf("without cards: %v", err)
		}
	}
}

// So does what a pool of codes is for: else they would lie there, and nobody would
// know.
func TestNextKeepsCodes(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) { r.Rewards[0].Kind, r.Rewards[0].Limited = loyalty.PartnerCode, false })
	for _, tt := range []struct {
		field  string
		change func(*loyalty.Rules)
	}{
		{"rewards", func(r *loyalty.Rules) { r.Rewards = r.Rewards[1:] }},
		{"rewards[0].kind", func(r *loyalty.Rules) { r.Rewards[0].Kind = loyalty.AnItem }},
		{"", func(r *loyalty.Rules) { r.Rewards[0].Until, r.Rewards[0].CodesLow = loyaltytest.Now, 3 }},
	} {
		next := loyaltytest.Next(t, program).Rules
		next.Rewards = slices.Clone(program.Rewards)
		tt.change(&next)
		var field *loyalty.FieldError
		if err := program.CheckNext(&next, true); (tt.field == "") != (err == nil) || errors.As(err, &field) && field.Field != tt.field {
			t.Errorf("got %v, want a problem with %q", err, tt.field)
		}
		if err := program.CheckNext(&next, false); err != nil {
			t.Errorf("without cards: %v", err)
		}
	}
}

// A voucher that was issued while what is a gift card now was an item stays good for the
// item, also beside gift cards.
func TestItemThatIsAGiftCardNow(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 10})
	item := shop.Vouchers()[0]
	shop.Publish(func(r *loyalty.Rules) {
		for i := range r.Rewards {
			if gift := &r.Rewards[i]; gift.ID == item.Reward {
				gift.PerCard, gift.Limited = 0, false
				gift.RewardTerms = loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 2000, Currency: "EUR"}
			}
		}
	})
	card := shop.Card()
	if offers := loyalty.Offers(shop.Program(), &card, &loyalty.Belonging{}, shop.Vouchers(), nil, nil, &loyalty.Scanned{}, shop.Now); len(offers) != 1 || offers[0].Terms.Kind != loyalty.AnItem {
		t.Errorf("the till is offered %+v", offers)
	}
	shop.Refused(loyalty.VoucherNotFound, loyalty.Redemption{Reward: item.Reward, Amount: 500})
	shop.Do(loyalty.Earning{Units: 10})
	gift := shop.Vouchers()[1]
	if gift.Value != 2000 || shop.Program().IsItem(&gift) || !shop.Program().IsItem(&item) {
		t.Fatalf("the next one is %+v", gift)
	}
	if e := shop.Entry(loyalty.Redemption{Reward: item.Reward, Amount: 500}); e.Voucher != gift.ID || e.Counted.Off != 500 {
		t.Errorf("an amount was taken by %+v, want from the gift card", e)
	}
	shop.Refused(loyalty.AmountInvalid, loyalty.Redemption{Reward: item.Reward, Voucher: item.ID, Amount: 500})
	handed := shop.Entry(loyalty.Redemption{Reward: item.Reward, Voucher: item.ID})
	if v := shop.Vouchers()[0]; handed.Counted.Off != 0 || handed.Voucher != item.ID || v.State != loyalty.Redeemed {
		t.Errorf("handed out by %+v: %+v", handed, v)
	}
	shop.Do(loyalty.Reversal{Entry: handed.ID, Reward: handed.Reward})
	if v := shop.Vouchers()[0]; v.State != loyalty.Issued {
		t.Errorf("given back: %+v", v)
	}
}
