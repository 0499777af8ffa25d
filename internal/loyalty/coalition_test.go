package loyalty_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// coalition is a points program of which the stranger is a partner since a day ago.
func coalition(t *testing.T, changes ...func(*loyalty.Partner)) *loyaltytest.Shop {
	t.Helper()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Coalition = &loyalty.CoalitionRule{Units: 1, Value: 3, Currency: "EUR"}
		r.Earn.DailyCap = 150
	}))
	partner := loyalty.Partner{
		Program: shop.Book.Cards[shop.CardID].Program, Merchant: loyaltytest.Stranger,
		Invited: loyaltytest.Now.AddDate(0, 0, -2), Since: loyaltytest.Now.AddDate(0, 0, -1),
	}
	for _, change := range changes {
		change(&partner)
	}
	shop.Book.Partners[partner.Name()] = partner
	return shop
}

// abroad makes a command that of a till of the stranger's, on the other side of the
// globe.
func abroad(t *testing.T, shop *loyaltytest.Shop) func(*loyalty.Command) {
	t.Helper()
	till := loyaltytest.Till(t, "abroad", func(till *loyalty.Till) {
		till.Merchant, till.Zone = loyaltytest.Stranger, loyaltytest.Zone(t, "Pacific/Auckland")
	})
	shop.Book.Tills[till.ID] = till
	return func(c *loyalty.Command) {
		c.Merchant, c.Till, c.Location = loyaltytest.Stranger, till.ID, loyaltytest.ID("abroad")
		if c.Scan.Nonce != (loyalty.Nonce{}) {
			c.Scan.ID = loyaltytest.ScanID(c.Scan.Nonce, c.Till)
		}
	}
}

func earning(ref string, euros int64) loyalty.Earning {
	return loyalty.Earning{Purchase: loyaltytest.Purchase(ref, euros*100)}
}

// A partner's till does what tills do, under the program's rules, in its own zone;
// its entries say who acted and whose card it is.
func TestPartnersTill(t *testing.T) {
	t.Parallel()
	shop := coalition(t)
	there := abroad(t, shop)
	earn := shop.Do(earning("r1", 100), there).Entries[0]
	if earn.Merchant != loyaltytest.Stranger || earn.Operator != loyaltytest.Merchant || earn.Units != 100 {
		t.Fatalf("earned %+v", earn)
	}
	if day := shop.Book.Cards[shop.CardID].Day; day != 20260303 { // noon of the 2nd in Berlin
		t.Errorf("the cap counts the day %d", day)
	}
	shop.Refused(loyalty.PurchaseCredited, earning("r1", 100), there)
	topping := shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping}, there).Entries[0]
	shop.Do(loyalty.Reversal{Entry: topping.ID, Reward: loyaltytest.Topping}, there)
	shop.Refused(loyalty.VoucherNotFound, loyalty.Reserving{Reward: loyaltytest.Topping}, there) // it may, and there is none
	shop.Do(loyalty.Reversal{Entry: earn.ID}, there)
}

// What only the operator may, a partner's till and office are told as strangers are.
func TestPartnerIsNoOperator(t *testing.T) {
	t.Parallel()
	shop := coalition(t)
	there := abroad(t, shop)
	bread := shop.Do(earning("r1", 10)).Entries[0].ID
	manager := loyaltytest.Approved(loyalty.Manager)
	shop.Refused(loyalty.EntryNotFound, loyalty.Reversal{Entry: bread}, there, manager)
	shop.Refused(loyalty.EntryNotFound, loyalty.Refunding{Entry: bread, Amount: 100}, there, manager)
	shop.Refused(loyalty.CardNotFound, loyalty.Adjustment{Units: 1}, there, manager)
	shop.Refused(loyalty.CardNotFound, loyalty.OpeningBalance{Units: 1}, there, manager)
	theirs := shop.Do(earning("r2", 10), there).Entries[0].ID
	shop.Do(loyalty.Reversal{Entry: theirs}, manager) // the operator may
}

// What a partner's till has posted, the operator's takes back with a manager's PIN: of
// its own a cashier's is enough, and its office needs none.
func TestOperatorRefundsWhatAPartnerPosted(t *testing.T) {
	t.Parallel()
	shop := coalition(t)
	there := abroad(t, shop)
	cashier, manager := loyaltytest.Approved(loyalty.Cashier), loyaltytest.Approved(loyalty.Manager)
	theirs, own := shop.Do(earning("r1", 10), there).Entries[0], shop.Entry(earning("r1", 10))
	var r *loyalty.Refusal
	if _, err := shop.Post(shop.Command(refunding(shop, &theirs, amount(100)), cashier)); !errors.As(err, &r) ||
		r.Code != loyalty.PINRequired || r.Needs != loyalty.Manager {
		t.Fatalf("of a partner's, with a cashier's PIN: %v", err)
	}
	shop.Do(refunding(shop, &theirs, amount(100)), manager)
	shop.Do(refunding(shop, &theirs, amount(100)), loyaltytest.AtOffice)
	shop.Do(refunding(shop, &theirs, amount(100)), there, cashier)
	shop.Do(refunding(shop, own, amount(100)), cashier)
}

// Only who is a partner at that moment is one.
func TestPartnershipHasItsTime(t *testing.T) {
	t.Parallel()
	yesterday := loyaltytest.Now.AddDate(0, 0, -1)
	for name, change := range map[string]func(*loyalty.Partner){
		"invited":         func(p *loyalty.Partner) { p.Since = time.Time{} },
		"ended":           func(p *loyalty.Partner) { p.Until = loyaltytest.Now },
		"not yet":         func(p *loyalty.Partner) { p.Since = loyaltytest.Now.Add(time.Second) },
		"of another":      func(p *loyalty.Partner) { p.Program = loyaltytest.ID("another program") },
		"another partner": func(p *loyalty.Partner) { p.Merchant = loyaltytest.ID("somebody else") },
	} {
		shop := coalition(t, change)
		there := abroad(t, shop)
		shop.Refused(loyalty.CardNotFound, earning("r1", 1), there)
		if name != "ended" {
			continue
		}
		// What was done without a network while it was one, counts.
		c := shop.Command(earning("r2", 1), there, func(c *loyalty.Command) { c.Captured = yesterday })
		c.Offline = &loyalty.Offline{Item: loyalty.QueueItem{Queue: loyaltytest.ID("queue"), Counter: 1, Hash: loyalty.Hash{1}}}
		facts := shop.Book.Read(loyaltytest.Keys([]*loyalty.Command{c}))
		if _, err := loyalty.Decide(facts, c, loyaltytest.Now, loyalty.NewID); err != nil {
			t.Errorf("offline: %v", err)
		}
	}
}

// Whose till was first, a partner is not told.
func TestUsedAtAPartner(t *testing.T) {
	t.Parallel()
	shop := coalition(t)
	there, code := abroad(t, shop), loyaltytest.Presenting("the code")
	shop.Do(earning("r1", 1), code)
	_, err := shop.Post(shop.Command(earning("r2", 1), code, there))
	var r *loyalty.Refusal
	if !errors.As(err, &r) || r.Code != loyalty.CredentialUsed || !r.Used.Partner || !r.Used.Till.IsZero() || r.Used.TillName != "" || !r.Entry.IsZero() {
		t.Errorf("refused with %v %+v", err, r)
	}
}

func TestCoalitionRule(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*loyalty.Rules){
		"coalition":          func(r *loyalty.Rules) { *r = loyaltytest.Program(t).Rules; r.Coalition = &loyalty.CoalitionRule{} },
		"coalition.units":    func(r *loyalty.Rules) { r.Coalition.Units = 0 },
		"coalition.value":    func(r *loyalty.Rules) { r.Coalition.Value = -1 },
		"coalition.currency": func(r *loyalty.Rules) { r.Coalition.Currency = "euro" },
		"coalition.zone":     func(r *loyalty.Rules) { r.Coalition.Zone = "Local" },
	} {
		rules := loyaltytest.Points(t).Rules
		rules.Coalition = &loyalty.CoalitionRule{Units: 1, Value: 1, Currency: "EUR"}
		if err := rules.Check(); err != nil {
			t.Fatal(err)
		}
		change(&rules)
		var wrong *loyalty.FieldError
		if err := rules.Check(); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// A gift card is bought at one merchant and spent at another: in the money that they
// settle in.
func TestCoalitionSharesOneMoney(t *testing.T) {
	t.Parallel()
	rules := loyaltytest.Points(t).Rules
	rules.Coalition = &loyalty.CoalitionRule{Units: 1, Value: 1, Currency: "EUR"}
	rules.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
	rules.Rewards = append(slices.Clone(rules.Rewards[:1]), loyalty.Reward{ID: loyaltytest.Partner, Name: "A present", Cost: 50})
	for _, terms := range []loyalty.RewardTerms{
		{Kind: loyalty.PartnerCode},
		{Kind: loyalty.GiftCard, Amount: 1000, Currency: "EUR"},
		{Kind: loyalty.GiftCard, Amount: 1000, Currency: "PLN"},
	} {
		rules.Rewards[1].RewardTerms = terms
		var wrong *loyalty.FieldError
		err := rules.Check()
		if fits := terms.Currency != "PLN"; fits && err != nil || !fits && (!errors.As(err, &wrong) || wrong.Field != "rewards[1].currency") {
			t.Errorf("%+v: %v", terms, err)
		}
	}
}

// A month begins where the rule says, on both sides of a change of clocks.
func TestSettledMonth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, month, from, to string }{
		{"", "2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"Europe/Warsaw", "2026-03", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
		{"Europe/Warsaw", "2027-01", "2026-12-31T23:00:00Z", "2027-01-31T23:00:00Z"},
		{"Pacific/Auckland", "2028-02", "2028-01-31T11:00:00Z", "2028-02-29T11:00:00Z"},
	} {
		rule := loyalty.CoalitionRule{Zone: tt.zone}
		from, to, err := rule.Month(tt.month)
		if err != nil || from.UTC().Format(time.RFC3339) != tt.from || to.UTC().Format(time.RFC3339) != tt.to {
			t.Errorf("%s of %q: from %v to %v, %v", tt.month, tt.zone, from, to, err)
		}
		if last := rule.MonthOf(to.Add(-time.Second)); last != tt.month {
			t.Errorf("%s of %q ends in %s", tt.month, tt.zone, last)
		}
	}
	for _, text := range []string{"", "2026", "2026-13", "2026-1", "1999-12", "2026-11-01", "9999-01"} {
		if _, _, err := new(loyalty.CoalitionRule).Month(text); err == nil {
			t.Errorf("%q is a month", text)
		}
	}
}

// Once there are cards, what was issued has to be settled: by the same rule, in the
// same money and months. What a point is worth may change.
func TestCoalitionStays(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Coalition = &loyalty.CoalitionRule{Units: 1, Value: 1, Currency: "EUR", Zone: "Europe/Warsaw"}
	})
	for field, change := range map[string]func(*loyalty.Rules){
		"":                   func(r *loyalty.Rules) { r.Coalition.Value = 2 },
		"coalition":          func(r *loyalty.Rules) { r.Coalition = nil },
		"coalition.currency": func(r *loyalty.Rules) { r.Coalition.Currency = "PLN" },
		"coalition.zone":     func(r *loyalty.Rules) { r.Coalition.Zone = "" },
	} {
		next := program.Rules
		rule := *program.Coalition
		next.Coalition = &rule
		change(&next)
		var wrong *loyalty.FieldError
		err := program.CheckNext(&next, true)
		if field == "" && err != nil || field != "" && (!errors.As(err, &wrong) || wrong.Field != field) {
			t.Errorf("%q: %v", field, err)
		}
		if err := program.CheckNext(&next, false); err != nil {
			t.Errorf("%q without cards: %v", field, err)
		}
	}
}
