package loyaltytest

import (
	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// The rewards of a play: a full card's (or a dear one), counted in stock, and a
// small one, limited per card.
func (p *Play) big() loyalty.RewardID     { return loyalty.RewardID(ID(p.name + " big")) }
func (p *Play) partner() loyalty.RewardID { return loyalty.RewardID(ID(p.name + " partner")) }
func (p *Play) small() loyalty.RewardID   { return loyalty.RewardID(ID(p.name + " small")) }

// And two that are worth money: a gift card, and something off a purchase.
func (p *Play) gift() loyalty.RewardID { return loyalty.RewardID(ID(p.name + " gift")) }
func (p *Play) cut() loyalty.RewardID  { return loyalty.RewardID(ID(p.name + " cut")) }

// worth draws what is in the catalogue beside big and small. Kinds and currencies stay.
func (p *Play) worth(t *rapid.T, r *loyalty.Rules) {
	gift := loyalty.Reward{ID: p.gift(), Name: "Gift card", ValidIn: choose[int64](t, "valid days", 0, 30)}
	gift.Kind, gift.Amount, gift.Currency = loyalty.GiftCard, rapid.Int64Range(1, 900).Draw(t, "value"), "EUR"
	cut := loyalty.Reward{ID: p.cut(), Name: "Off"}
	cut.Currency = "EUR" // it stays so while there are cards
	if r.Kind == loyalty.Points {
		gift.Cost = 2
		cut.Kind, cut.Flexible = loyalty.AmountOff, loyalty.Flexible{Units: 1, Per: choose[int64](t, "per", 1, 40), Min: 5, Max: choose[int64](t, "max", 0, 300)}
	} else {
		cut.Kind, cut.Rate, cut.Rounding = loyalty.PercentOff, rapid.Int64Range(1, loyalty.MaxRate).Draw(t, "rate"), choose(t, "rounding", loyalty.Down, loyalty.HalfUp, loyalty.Up)
		cut.Most = choose[int64](t, "most", 0, 100)
	}
	cut.Lines = choose(t, "lines", loyalty.Match{}, loyalty.Match{}, loyalty.Match{Categories: []string{"bread"}})
	r.Rewards = append(r.Rewards, gift, cut)
}

func (p *Play) stamps(t *rapid.T) *loyalty.Program {
	program := Program(t, func(r *loyalty.Rules) { p.stampRules(t, r) })
	program.ID = loyalty.ProgramID(ID(p.name + " stamps"))
	return program
}

func (p *Play) points(t *rapid.T) *loyalty.Program {
	program := Points(t, func(r *loyalty.Rules) { p.pointRules(t, r) })
	program.ID = loyalty.ProgramID(ID(p.name + " points"))
	return program
}

// version draws the next version of one of the programs. What counts in stock
// stays so.
func (p *Play) version(t *rapid.T) *loyalty.Program {
	old := p.Book.Programs[choose(t, "program", p.programs...)]
	return Next(t, old, func(r *loyalty.Rules) {
		switch r.Kind {
		case loyalty.Stamps:
			p.stampRules(t, r)
		case loyalty.Points:
			p.pointRules(t, r)
		default:
			p.discountRules(t, r)
		}
	})
}

func (p *Play) stampRules(t *rapid.T, r *loyalty.Rules) {
	r.Card = loyalty.StampRule{Size: rapid.Int64Range(1, 12).Draw(t, "size"), Reward: p.big()}
	for at := int64(1); at < r.Card.Size; at++ {
		if rapid.IntRange(0, 3).Draw(t, "milestone") == 0 {
			r.Card.Milestones = append(r.Card.Milestones, loyalty.Milestone{At: at, Reward: choose(t, "reward", p.small(), p.gift(), p.cut(), p.partner())})
		}
	}
	r.Earn = choose(t, "earn",
		loyalty.EarnRule{By: loyalty.ByUnits},
		loyalty.EarnRule{By: loyalty.ByVisit, PerVisit: 3},
		loyalty.EarnRule{By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.HalfUp, Minimum: 50},
	)
	r.Rewards = []loyalty.Reward{{ID: p.big(), Name: "Big", Limited: true}, {ID: p.small(), Name: "Small"}, {ID: p.partner(), Name: "Code", RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}}}
	p.worth(t, r)
	p.limits(t, r)
}

func (p *Play) pointRules(t *rapid.T, r *loyalty.Rules) {
	r.Earn = choose(t, "earn",
		loyalty.EarnRule{By: loyalty.ByUnits},
		loyalty.EarnRule{By: loyalty.BySpend, Units: 3, Per: 100, Currency: "EUR", Rounding: loyalty.Up},
	)
	r.AllowNegative = rapid.Bool().Draw(t, "allow negative")
	if r.Lots != nil || rapid.Bool().Draw(t, "by lots") { // once there, they stay
		r.Lots = choose(t, "lots",
			&loyalty.LotRule{},
			&loyalty.LotRule{Pending: 1, Expires: loyalty.AfterDays, After: 20},
			&loyalty.LotRule{Expires: loyalty.AfterMonths, After: 1, Remind: 7},
			&loyalty.LotRule{Pending: 3, Expires: loyalty.YearEnd},
		)
	}
	r.Rewards = []loyalty.Reward{
		{ID: p.big(), Name: "Big", Limited: true, Cost: rapid.Int64Range(0, 20).Draw(t, "cost")},
		{ID: p.small(), Name: "Small", Cost: 2},
		{ID: p.partner(), Name: "Code", Cost: 3, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}},
	}
	p.worth(t, r)
	p.limits(t, r)
}

func (p *Play) discount(t *rapid.T) *loyalty.Program {
	program := Discount(t, func(r *loyalty.Rules) { p.discountRules(t, r) })
	program.ID = loyalty.ProgramID(ID(p.name + " discount"))
	return program
}

func (p *Play) discountRules(t *rapid.T, r *loyalty.Rules) {
	r.Discount.Window = choose(t, "window", loyalty.Window{Over: loyalty.Lifetime}, loyalty.Window{Over: loyalty.Rolling, Months: 2})
	r.Discount.Rounding = choose(t, "rounding", loyalty.Down, loyalty.HalfUp, loyalty.Up)
	r.Discount.Steps = []loyalty.DiscountStep{{From: 0, Rate: 333}, {From: rapid.Int64Range(1, 5000).Draw(t, "from"), Rate: loyalty.MaxRate}}
	p.tiers(t, r)
}

// tiers draws some, or none.
func (p *Play) tiers(t *rapid.T, r *loyalty.Rules) {
	r.Tiers = loyalty.TierRule{}
	if rapid.IntRange(0, 2).Draw(t, "tiers") == 0 {
		return
	}
	r.Tiers = Tiers(func(rule *loyalty.TierRule) {
		rule.Window = choose(t, "window", loyalty.Window{Over: loyalty.Yearly}, loyalty.Window{Over: loyalty.Rolling, Months: 3}, loyalty.Window{Over: loyalty.Monthly})
		rule.Keep = choose[int64](t, "keep", 0, 1, 12)
		rule.Grace = choose[int64](t, "grace", 0, 0, 2)
		rule.Fall = choose(t, "fall", loyalty.FallToEarned, loyalty.FallOneStep)
		rule.Levels[0].From, rule.Levels[1].From = 10, rapid.Int64Range(11, 3000).Draw(t, "from")
		if r.Kind != loyalty.Discount {
			rule.Levels[0].Multiplier = 1500
			if r.Earn.By != loyalty.BySpend {
				rule.By, rule.Currency, rule.Levels[1].Rate = loyalty.TierByUnits, "", 0
			}
		}
	})
}

func (p *Play) limits(t *rapid.T, r *loyalty.Rules) {
	maybe := func(label string, values ...int64) int64 { return choose(t, label, append(values, 0, 0)...) }
	r.Rewards[1].PerCard = maybe("per card", 1, 2)
	r.Rewards[1].PerMember = maybe("per member", 1, 3)
	r.Rewards[0].ValidIn = maybe("valid days", 1, 30)
	r.Rewards[1].ValidIn = maybe("valid days", 1, 30)
	p.tiers(t, r)
	r.UnitsLast = maybe("units last", 1, 30)
	r.Earn.Cooldown = maybe("cooldown", 60)
	r.Earn.StaticCooldown = maybe("static cooldown", 3600)
	r.Earn.DailyCap = maybe("daily cap", 5, 50)
	r.Earn.PerScan = maybe("per scan", 4)
	r.Earn.MonthlyCap = maybe("monthly cap", 20, 80)
	r.Earn.Bonuses = choose(t, "bonuses", nil, nil,
		[]loyalty.Bonus{{Name: "every other visit", When: "card.visit % 2 == 0", Multiplier: 2000}, {Name: "cheap", When: "1000 / base > 100", Units: 2}},
	)
	r.Earn.Override = rapid.Bool().Draw(t, "manager override")
	r.Policies = choose(t, "policies", nil, nil,
		[]loyalty.Policy{{Method: "static", Action: "redeem", Refused: true}, {Method: "live", Action: "earn", Needs: "cashier"}},
		[]loyalty.Policy{{Method: "live", Action: "redeem", Needs: "manager"}, {Method: "static", Action: "earn", Cooldown: 7200}},
	)
}
