package loyalty_test

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// restaurant gives a discount over twelve months, and tiers over the calendar's year that
// are kept for the next one.
func restaurant(change ...func(*loyalty.Rules)) *loyalty.Program {
	p := &loyalty.Program{ID: loyalty.NewID(), Merchant: loyalty.NewID(), Version: 1, Rules: loyalty.Rules{
		Name: "Restaurant", Kind: loyalty.Discount,
		Discount: loyalty.DiscountRule{
			Window: loyalty.Window{Over: loyalty.Rolling, Months: 12}, Currency: "EUR", Rounding: loyalty.HalfUp,
			Steps: []loyalty.DiscountStep{{From: 0, Rate: 300}, {From: 20_000, Rate: 500}},
		},
		Tiers: loyalty.TierRule{
			Window: loyalty.Window{Over: loyalty.Yearly}, By: loyalty.TierBySpend, Currency: "EUR", Keep: 12, Fall: loyalty.FallOneStep, Rounding: loyalty.HalfUp,
			Levels: []loyalty.Tier{{Name: "Regular", From: 30_000}, {Name: "Friend", From: 80_000, Rate: 1000}},
		},
	}}
	for _, f := range change {
		f(&p.Rules)
	}
	return p
}

// A card that is described stands as it is described.
func TestHypotheticalCards(t *testing.T) {
	t.Parallel()
	monthly := func(r *loyalty.Rules) { r.Discount.Months = 1 }
	lifetime := func(r *loyalty.Rules) {
		r.Discount.Window, r.Tiers.Window = loyalty.Window{Over: loyalty.Lifetime}, loyalty.Window{Over: loyalty.Lifetime}
		r.Tiers.Keep, r.Tiers.Fall = 0, ""
	}
	for _, tt := range []struct {
		name   string
		rules  func(*loyalty.Rules)
		card   loyalty.Hypothetical
		tier   string
		rate   int64
		counts int64 // for the discount
	}{
		{"a new one", nil, loyalty.Hypothetical{}, "", 300, 0},
		{"of this year", nil, loyalty.Hypothetical{Spent: 35_000, InPeriod: 35_000}, "Regular", 500, 35_000},
		{"mostly of long ago", nil, loyalty.Hypothetical{Spent: 90_000, InPeriod: 19_999}, "", 300, 19_999},
		{"a tier alone", nil, loyalty.Hypothetical{Tier: "Friend"}, "Friend", 1000, 80_000},
		{"a tier that is kept from last year", monthly, loyalty.Hypothetical{Tier: "Friend", Spent: 100_000, InPeriod: 100}, "Friend", 1000, 100},
		{"the tier that it would have anyway", nil, loyalty.Hypothetical{Tier: "Regular", Spent: 40_000, InPeriod: 40_000}, "Regular", 500, 40_000},
		{"in all its life", lifetime, loyalty.Hypothetical{Spent: 80_000, InPeriod: 0}, "Friend", 1000, 80_000},
		{"more in the period than ever", lifetime, loyalty.Hypothetical{InPeriod: 30_000}, "Regular", 500, 30_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := restaurant()
			if tt.rules != nil {
				tt.rules(&p.Rules)
			}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
			card, err := tt.card.Card(p, loyaltytest.Now, loyaltytest.Zone(t, "Europe/Berlin"))
			if err != nil {
				t.Fatal(err)
			}
			standing := card.Standing(p, loyaltytest.Now)
			name := ""
			if standing.Tier.Level != nil {
				name = standing.Tier.Level.Name
			}
			if name != tt.tier || standing.Rate != tt.rate || standing.Spend != tt.counts {
				t.Errorf("tier %q, rate %d, spend %d", name, standing.Rate, standing.Spend)
			}
			if total := card.Counts.Total().Spend; total < tt.card.Spent || total < tt.card.InPeriod {
				t.Errorf("%d spent in all", total)
			}
		})
	}
}

func TestHypotheticalCardsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, card := range map[string]loyalty.Hypothetical{
		"no such tier":                {Tier: "Platinum"},
		"a lower tier than its spend": {Tier: "Regular", Spent: 90_000, InPeriod: 90_000},
		"never spent that much":       {Tier: "Friend", Spent: 100, InPeriod: 100},
	} {
		var wrong *loyalty.FieldError
		if _, err := card.Card(restaurant(), loyaltytest.Now, time.UTC); !errors.As(err, &wrong) || wrong.Field != "tier" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// By units, too: a tier that follows from what was earned.
func TestHypotheticalTierByUnits(t *testing.T) {
	t.Parallel()
	p := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Tiers = loyalty.TierRule{
			Window: loyalty.Window{Over: loyalty.Rolling, Months: 3}, By: loyalty.TierByUnits, Fall: loyalty.FallToEarned, Keep: 2, Rounding: loyalty.Down,
			Levels: []loyalty.Tier{{Name: "Silver", From: 100, Multiplier: 1500}, {Name: "Gold", From: 500, Multiplier: 2000}},
		}
	})
	for _, tt := range []struct {
		card loyalty.Hypothetical
		want string
	}{
		{loyalty.Hypothetical{Lifetime: 120}, "Silver"},
		{loyalty.Hypothetical{Tier: "Gold"}, "Gold"},
		{loyalty.Hypothetical{Tier: "Gold", Lifetime: 600, ThisMonth: 50}, "Gold"}, // kept from before
		{loyalty.Hypothetical{Lifetime: 600, ThisMonth: 120}, "Silver"},
	} {
		card, err := tt.card.Card(p, loyaltytest.Now, time.UTC)
		if err != nil {
			t.Errorf("%+v: %v", tt.card, err)
			continue
		}
		if got := card.Standing(p, loyaltytest.Now).Tier.Level; got == nil || got.Name != tt.want {
			t.Errorf("%+v: %+v", tt.card, got)
		}
	}
}
