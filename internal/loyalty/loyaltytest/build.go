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
