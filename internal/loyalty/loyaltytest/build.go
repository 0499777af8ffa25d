package loyaltytest

import (
	"time"
	_ "time/tzdata" // the zones below, wherever the tests run

	"stempel/internal/loyalty"
	"stempel/internal/rules"
)

// TB is what the builders need of a *testing.T or *rapid.T.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Now is when tests begin: a Monday, noon in Berlin.
var Now = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

// The ids that everything here belongs to.
var (
	Merchant = loyalty.MerchantID(ID("merchant"))
	Stranger = loyalty.MerchantID(ID("another merchant"))
	Location = loyalty.LocationID(ID("location"))
	Cone     = loyalty.RewardID(ID("cone"))    // a full card's reward
	Topping  = loyalty.RewardID(ID("topping")) // a milestone's, or a cheap one
	Machine  = loyalty.RewardID(ID("machine")) // a dear one, counted in stock
	Partner  = loyalty.RewardID(ID("partner")) // a code of another shop
)

// Zone loads an IANA time zone.
func Zone(t TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("time zone: %v", err)
	}
	return zone
}

// Till is the till of that name, in the shop in Berlin.
func Till(t TB, name string, changes ...func(*loyalty.Till)) loyalty.Till {
	t.Helper()
	till := loyalty.Till{
		ID: loyalty.TillID(ID("till " + name)), Merchant: Merchant, Location: Location,
		Name: name, Zone: Zone(t, "Europe/Berlin"),
	}
	for _, change := range changes {
		change(&till)
	}
	return till
}

// Program is a stamp card of ten, by units, for a cone, without any limits.
func Program(t TB, changes ...func(*loyalty.Rules)) *loyalty.Program {
	t.Helper()
	return build(t, "stamps", loyalty.Rules{
		Name:    "Ice cream",
		Kind:    loyalty.Stamps,
		Earn:    loyalty.EarnRule{By: loyalty.ByUnits},
		Card:    loyalty.StampRule{Size: 10, Reward: Cone},
		Rewards: []loyalty.Reward{{ID: Cone, Name: "A free cone"}, {ID: Topping, Name: "A free topping"}},
	}, changes)
}

// Points is a points card: one point per whole euro, a topping for 5 points and
// a machine, counted in stock, for 100.
func Points(t TB, changes ...func(*loyalty.Rules)) *loyalty.Program {
	t.Helper()
	return build(t, "points", loyalty.Rules{
		Name: "Supermarket",
		Kind: loyalty.Points,
		Earn: loyalty.EarnRule{By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.Down},
		Rewards: []loyalty.Reward{
			{ID: Topping, Name: "A topping", Cost: 5},
			{ID: Machine, Name: "A machine", Cost: 100, Limited: true},
		},
	}, changes)
}

// Discount is a discount card: 5 % from the beginning, 10 % from 100 euro spent in
// this month and the eleven before, 15 % from 250.
func Discount(t TB, changes ...func(*loyalty.Rules)) *loyalty.Program {
	t.Helper()
	return build(t, "discount", loyalty.Rules{
		Name: "Restaurant",
		Kind: loyalty.Discount,
		Discount: loyalty.DiscountRule{
			Window: loyalty.Window{Over: loyalty.Rolling, Months: 12}, Currency: "EUR", Rounding: loyalty.Down,
			Steps: []loyalty.DiscountStep{{From: 0, Rate: 500}, {From: 10_000, Rate: 1000}, {From: 25_000, Rate: 1500}},
		},
	}, changes)
}

// Tiers are silver from 100 euro or units and gold from 300, reached within a year
// and kept for the next.
func Tiers(changes ...func(*loyalty.TierRule)) loyalty.TierRule {
	rule := loyalty.TierRule{
		Window: loyalty.Window{Over: loyalty.Yearly}, By: loyalty.TierBySpend, Currency: "EUR",
		Keep: 12, Fall: loyalty.FallToEarned, Rounding: loyalty.Down,
		Levels: []loyalty.Tier{
			{Name: "Silver", From: 10_000, Perks: []string{"A table by the window"}},
			{Name: "Gold", From: 30_000, Rate: 2000},
		},
	}
	for _, change := range changes {
		change(&rule)
	}
	return rule
}

// Lots is a points card like Points, where anybody may say how many units, and whose
// points can be spent from the next day on and until the end of the next year.
func Lots(t TB, changes ...func(*loyalty.Rules)) *loyalty.Program {
	t.Helper()
	p := Points(t, append([]func(*loyalty.Rules){func(r *loyalty.Rules) {
		r.Name = "Supermarket by lots"
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Lots = &loyalty.LotRule{Pending: 1, Expires: loyalty.YearEnd, After: 1}
	}}, changes...)...)
	p.ID = loyalty.ProgramID(ID("program lots"))
	return p
}

func build(t TB, name string, r loyalty.Rules, changes []func(*loyalty.Rules)) *loyalty.Program {
	t.Helper()
	for _, change := range changes {
		change(&r)
	}
	p := &loyalty.Program{ID: loyalty.ProgramID(ID("program " + name)), Version: 1, Merchant: Merchant, Rules: r}
	if err := rules.Compile(p); err != nil {
		t.Fatalf("program: %v", err)
	}
	return p
}

// Next is the program's next version.
func Next(t TB, p *loyalty.Program, changes ...func(*loyalty.Rules)) *loyalty.Program {
	t.Helper()
	next := *p
	next.Version++
	next.Rewards = append([]loyalty.Reward(nil), p.Rewards...)
	next.Card.Milestones = append([]loyalty.Milestone(nil), p.Card.Milestones...)
	for _, change := range changes {
		change(&next.Rules)
	}
	if err := rules.Compile(&next); err != nil {
		t.Fatalf("program: %v", err)
	}
	return &next
}

// Card is a card without entries, the same one for the same name.
func Card(p *loyalty.Program, name string, changes ...func(*loyalty.Card)) loyalty.Card {
	card := loyalty.NewCard(loyalty.CardID(ID("card "+name)), p, Now)
	for _, change := range changes {
		change(&card)
	}
	return card
}

// Purchase is a purchase in euro; the amount is in cents.
func Purchase(ref string, total int64, changes ...func(*loyalty.Purchase)) *loyalty.Purchase {
	p := &loyalty.Purchase{Ref: ref, Total: total, Currency: "EUR"}
	for _, change := range changes {
		change(p)
	}
	return p
}
