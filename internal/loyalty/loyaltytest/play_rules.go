package loyaltytest

import (
	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// The rewards of a play: a full card's (or a dear one), counted in stock, and a
// small one, limited per card.
func (p *Play) big() loyalty.RewardID   { return loyalty.RewardID(ID(p.name + " big")) }
func (p *Play) small() loyalty.RewardID { return loyalty.RewardID(ID(p.name + " small")) }

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
		if r.Kind == loyalty.Stamps {
			p.stampRules(t, r)
		} else {
			p.pointRules(t, r)
		}
	})
}

func (p *Play) stampRules(t *rapid.T, r *loyalty.Rules) {
	r.Card = loyalty.StampRule{Size: rapid.Int64Range(1, 12).Draw(t, "size"), Reward: p.big()}
	for at := int64(1); at < r.Card.Size; at++ {
		if rapid.IntRange(0, 3).Draw(t, "milestone") == 0 {
			r.Card.Milestones = append(r.Card.Milestones, loyalty.Milestone{At: at, Reward: p.small()})
		}
	}
	r.Earn = choose(t, "earn",
		loyalty.EarnRule{By: loyalty.ByUnits},
		loyalty.EarnRule{By: loyalty.ByVisit, PerVisit: 3},
		loyalty.EarnRule{By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.HalfUp, Minimum: 50},
	)
	r.Rewards = []loyalty.Reward{{ID: p.big(), Name: "Big", Limited: true}, {ID: p.small(), Name: "Small"}}
	p.limits(t, r)
}

func (p *Play) pointRules(t *rapid.T, r *loyalty.Rules) {
	r.Earn = choose(t, "earn",
		loyalty.EarnRule{By: loyalty.ByUnits},
		loyalty.EarnRule{By: loyalty.BySpend, Units: 3, Per: 100, Currency: "EUR", Rounding: loyalty.Up},
	)
	r.AllowNegative = rapid.Bool().Draw(t, "allow negative")
	r.Rewards = []loyalty.Reward{
		{ID: p.big(), Name: "Big", Limited: true, Cost: rapid.Int64Range(0, 20).Draw(t, "cost")},
		{ID: p.small(), Name: "Small", Cost: 2},
	}
	p.limits(t, r)
}

func (p *Play) limits(t *rapid.T, r *loyalty.Rules) {
	maybe := func(label string, values ...int64) int64 { return choose(t, label, append(values, 0, 0)...) }
	r.Rewards[1].PerCard = maybe("per card", 1, 2)
	r.Rewards[0].ValidIn = maybe("valid days", 1, 30)
	r.Rewards[1].ValidIn = maybe("valid days", 1, 30)
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
