package templates

import "stempel/internal/loyalty"

// restaurant: a standing discount that grows with what was spent in the last twelve
// months, and a table by the window for who was often there in a year, for the next
// year too. A bill comes late: the scan is good for three hours.
func restaurant(func() [16]byte) loyalty.Rules {
	return loyalty.Rules{
		Name: "Restaurant card", Kind: loyalty.Discount,
		Earn: loyalty.EarnRule{HandleLife: 3 * 60 * 60},
		Discount: loyalty.DiscountRule{
			Window: loyalty.Window{Over: loyalty.Rolling, Months: 12}, Currency: "EUR", Rounding: loyalty.HalfUp,
			Steps: []loyalty.DiscountStep{{From: 0, Rate: 300}, {From: 20_000, Rate: 500}, {From: 50_000, Rate: 1000}, {From: 100_000, Rate: 1500}},
		},
		Tiers: loyalty.TierRule{
			Window: loyalty.Window{Over: loyalty.Yearly}, By: loyalty.TierBySpend, Currency: "EUR",
			Keep: 12, Fall: loyalty.FallOneStep, Rounding: loyalty.HalfUp,
			Levels: []loyalty.Tier{
				{Name: "Regular", From: 30_000, Perks: []string{"A glass of the house wine"}},
				{Name: "Friend of the house", From: 80_000, Perks: []string{"A glass of the house wine", "A table by the window"}},
			},
		},
	}
}
