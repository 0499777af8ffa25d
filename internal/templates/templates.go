// Package templates has ready-made programs by the name of the shop that would
// run them. A shop takes one as it is and changes what it likes.
package templates

import (
	"fmt"

	"stempel/internal/loyalty"
)

// A maker builds rules around fresh reward ids.
type maker func(newID func() [16]byte) loyalty.Rules

var makers = map[string]maker{
	"ice-cream":   iceCream,
	"car-wash":    carWash,
	"cafe":        cafe,
	"pharmacy":    pharmacy,
	"supermarket": supermarket,
	"restaurant":  restaurant,
}

// Names lists the templates in a fixed order.
func Names() []string {
	return []string{"ice-cream", "car-wash", "cafe", "pharmacy", "supermarket", "restaurant"}
}

// Rules makes the rules of a named template, with rewards of their own.
func Rules(name string, newID func() [16]byte) (loyalty.Rules, error) {
	make, ok := makers[name]
	if !ok {
		return loyalty.Rules{}, fmt.Errorf("there is no template %q: there are %v", name, Names())
	}
	rules := make(newID)
	rules.Template = name
	return rules, nil
}

// iceCream: every 10 purchases one free cone; several stamps at once when
// several are bought.
func iceCream(newID func() [16]byte) loyalty.Rules {
	cone := loyalty.Reward{ID: newID(), Name: "One free cone"}
	return loyalty.Rules{
		Name: "Ice cream card", Kind: loyalty.Stamps,
		Earn:    loyalty.EarnRule{By: loyalty.ByUnits, PerScan: 20},
		Card:    loyalty.StampRule{Size: 10, Reward: cone.ID},
		Rewards: []loyalty.Reward{cone},
	}
}

// carWash: after six paid washes one free, and never two stamps for one visit.
func carWash(newID func() [16]byte) loyalty.Rules {
	wash := loyalty.Reward{ID: newID(), Name: "One free wash", ValidIn: 365}
	return loyalty.Rules{
		Name: "Car wash card", Kind: loyalty.Stamps,
		Earn:    loyalty.EarnRule{By: loyalty.ByVisit, PerVisit: 1, Cooldown: 15 * 60},
		Card:    loyalty.StampRule{Size: 6, Reward: wash.ID},
		Rewards: []loyalty.Reward{wash},
	}
}

// cafe: ten stamps with a small reward at five, one to begin with, and double stamps
// in the happy hour of working days.
func cafe(newID func() [16]byte) loyalty.Rules {
	cookie := loyalty.Reward{ID: newID(), Name: "A cookie with your coffee", ValidIn: 90}
	coffee := loyalty.Reward{ID: newID(), Name: "One free coffee", ValidIn: 180}
	return loyalty.Rules{
		Name: "Café card", Kind: loyalty.Stamps, Welcome: 1, UnitsLast: 365,
		Earn: loyalty.EarnRule{
			By: loyalty.ByUnits, PerScan: 5, DailyCap: 10, StaticCooldown: 30 * 60,
			Bonuses: []loyalty.Bonus{{
				Name: "Happy hour", When: `now.weekday <= 5 && now.time >= "16:00" && now.time < "18:00"`, Multiplier: 2000,
			}},
		},
		Card: loyalty.StampRule{
			Size: 10, Reward: coffee.ID,
			Milestones: []loyalty.Milestone{{At: 5, Reward: cookie.ID}},
		},
		Rewards: []loyalty.Reward{coffee, cookie},
	}
}

// pharmacy: a point for each euro that was not spent on prescription, and a gift card
// for many. What was bought is looked at and never stored: nobody's medicine is our
// business. A till that sends no lines sends a total without prescription items.
func pharmacy(newID func() [16]byte) loyalty.Rules {
	card := loyalty.Reward{ID: newID(), Name: "A gift card over 10 euro", Cost: 200}
	return loyalty.Rules{
		Name: "Pharmacy card", Kind: loyalty.Points, UnitsLast: 730,
		Earn: loyalty.EarnRule{
			By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.Down, StaticCooldown: 60 * 60,
			Exclude: loyalty.Match{Categories: []string{"prescription"}}, ForgetItems: true,
		},
		Rewards: []loyalty.Reward{card},
	}
}

// supermarket: a point for each euro, from a purchase that is worth the while, and
// one more for each euro of fruit and vegetables; none for gift cards. A catalogue of
// rewards.
func supermarket(newID func() [16]byte) loyalty.Rules {
	return loyalty.Rules{
		Name: "Supermarket card", Kind: loyalty.Points,
		Lots: &loyalty.LotRule{Expires: loyalty.YearEnd, After: 1, Remind: 31}, // the end of the next year
		Earn: loyalty.EarnRule{
			By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.Down, Minimum: 500,
			StaticCooldown: 30 * 60, HandleLife: 60 * 60, // a full trolley takes its time
			Exclude: loyalty.Match{Categories: []string{"gift card"}},
			Bonuses: []loyalty.Bonus{{
				Name:  "Double points on fruit and vegetables",
				Lines: loyalty.LinesBonus{Match: loyalty.Match{Categories: []string{"fruit", "vegetables"}}, Units: 1, Per: 100, Of: loyalty.ByAmount},
			}},
		},
		Rewards: []loyalty.Reward{
			{ID: newID(), Name: "A shopping bag", Cost: 50},
			{ID: newID(), Name: "A bunch of flowers", Cost: 150},
			{ID: newID(), Name: "5 euro off", Cost: 250},
			{ID: newID(), Name: "A frying pan", Cost: 1000, PerCard: 1},
		},
	}
}
