package loyalty_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestRulesCheckAccepts(t *testing.T) {
	t.Parallel()
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	// The builders fail the test when Check does.
	loyaltytest.Program(t)
	loyaltytest.Points(t)
	loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Name = strings.Repeat("n", loyalty.MaxNameLength)
		r.Card.Size = loyalty.MaxCardSize
		r.Card.Milestones = []loyalty.Milestone{{At: 1, Reward: loyaltytest.Topping}, {At: 999, Reward: loyaltytest.Cone}}
		r.Welcome = 100 * loyalty.MaxCardSize
		r.UnitsLast = loyalty.MaxDays
		r.Starts, r.Ends = year(2026), year(2027)
		r.Earn.Cooldown, r.Earn.StaticCooldown = loyalty.MaxSeconds, loyalty.MaxSeconds
		r.Earn.DailyCap, r.Earn.PerScan = loyalty.MaxUnits, loyalty.MaxUnits
		r.Earn.HandleLife = 24 * 3600
	})
	loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByVisit, PerVisit: 1000}
	})
	loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards = nil
		r.AllowNegative = true
		r.Welcome = loyalty.MaxUnits
		r.Earn.Units, r.Earn.Per, r.Earn.Minimum = loyalty.MaxUnits, loyalty.MaxAmount, loyalty.MaxAmount
	})
	loyaltytest.Points(t, func(r *loyalty.Rules) { r.Starts = year(2026) })
	loyaltytest.Points(t, func(r *loyalty.Rules) { r.Ends = year(2026) })
}

func TestRulesCheckNamesTheField(t *testing.T) {
	t.Parallel()
	const tooLong = loyalty.MaxNameLength + 1
	stamps := func(t *testing.T) *loyalty.Program { t.Helper(); return loyaltytest.Program(t) }
	points := func(t *testing.T) *loyalty.Program { t.Helper(); return loyaltytest.Points(t) }
	visits := func(t *testing.T) *loyalty.Program {
		t.Helper()
		return loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByVisit, PerVisit: 1} })
	}
	tests := []struct {
		field  string
		of     func(*testing.T) *loyalty.Program
		change func(*loyalty.Rules)
	}{
		{"name", stamps, func(r *loyalty.Rules) { r.Name = "" }},
		{"name", stamps, func(r *loyalty.Rules) { r.Name = strings.Repeat("n", tooLong) }},
		{"name", stamps, func(r *loyalty.Rules) { r.Name = "two\nlines" }},
		{"name", stamps, func(r *loyalty.Rules) { r.Name = "a\x00b" }}, // no database keeps it
		{"name", stamps, func(r *loyalty.Rules) { r.Name = "a\xffb" }},
		{"rewards[0].name", stamps, func(r *loyalty.Rules) { r.Rewards[0].Name = "a\x00b" }},
		{"template", stamps, func(r *loyalty.Rules) { r.Template = strings.Repeat("n", tooLong) }},
		{"kind", stamps, func(r *loyalty.Rules) { r.Kind = "" }},
		{"kind", stamps, func(r *loyalty.Rules) { r.Kind = "cashback" }},
		{"welcome", points, func(r *loyalty.Rules) { r.Welcome = -1 }},
		{"welcome", points, func(r *loyalty.Rules) { r.Welcome = loyalty.MaxUnits + 1 }},
		{"welcome", stamps, func(r *loyalty.Rules) { r.Welcome = 1001 }},
		{"units_last_days", stamps, func(r *loyalty.Rules) { r.UnitsLast = -1 }},
		{"units_last_days", stamps, func(r *loyalty.Rules) { r.UnitsLast = loyalty.MaxDays + 1 }},
		{"ends", stamps, func(r *loyalty.Rules) { r.Starts, r.Ends = loyaltytest.Now, loyaltytest.Now }},
		{"allow_negative", stamps, func(r *loyalty.Rules) { r.AllowNegative = true }},

		{"earn.by", stamps, func(r *loyalty.Rules) { r.Earn.By = "" }},
		{"earn.by", stamps, func(r *loyalty.Rules) { r.Earn.Units = 1 }},
		{"earn.by", stamps, func(r *loyalty.Rules) { r.Earn.Per = 1 }},
		{"earn.by", stamps, func(r *loyalty.Rules) { r.Earn.Currency = "EUR" }},
		{"earn.by", stamps, func(r *loyalty.Rules) { r.Earn.Rounding = loyalty.Down }},
		{"earn.by", visits, func(r *loyalty.Rules) { r.Earn.Minimum = 1 }},
		{"earn.per_visit", stamps, func(r *loyalty.Rules) { r.Earn.PerVisit = 1 }},
		{"earn.per_visit", visits, func(r *loyalty.Rules) { r.Earn.PerVisit = 0 }},
		{"earn.per_visit", visits, func(r *loyalty.Rules) { r.Earn.PerVisit = -1 }},
		{"earn.per_visit", visits, func(r *loyalty.Rules) { r.Earn.PerVisit = loyalty.MaxUnits + 1 }},
		{"earn.per_visit", visits, func(r *loyalty.Rules) { r.Earn.PerVisit = 1001 }},
		{"earn.units", points, func(r *loyalty.Rules) { r.Earn.Units = 0 }},
		{"earn.units", points, func(r *loyalty.Rules) { r.Earn.Units = -1 }},
		{"earn.units", points, func(r *loyalty.Rules) { r.Earn.Units = loyalty.MaxUnits + 1 }},
		{"earn.per", points, func(r *loyalty.Rules) { r.Earn.Per = 0 }},
		{"earn.per", points, func(r *loyalty.Rules) { r.Earn.Per = loyalty.MaxAmount + 1 }},
		{"earn.currency", points, func(r *loyalty.Rules) { r.Earn.Currency = "" }},
		{"earn.currency", points, func(r *loyalty.Rules) { r.Earn.Currency = "eur" }},
		{"earn.currency", points, func(r *loyalty.Rules) { r.Earn.Currency = "EURO" }},
		{"earn.rounding", points, func(r *loyalty.Rules) { r.Earn.Rounding = "" }},
		{"earn.rounding", points, func(r *loyalty.Rules) { r.Earn.Rounding = "even" }},
		{"earn.minimum", points, func(r *loyalty.Rules) { r.Earn.Minimum = -1 }},
		{"earn.minimum", points, func(r *loyalty.Rules) { r.Earn.Minimum = loyalty.MaxAmount + 1 }},
		{"earn.cooldown_seconds", stamps, func(r *loyalty.Rules) { r.Earn.Cooldown = -1 }},
		{"earn.cooldown_seconds", stamps, func(r *loyalty.Rules) { r.Earn.Cooldown = loyalty.MaxSeconds + 1 }},
		{"earn.static_cooldown_seconds", stamps, func(r *loyalty.Rules) { r.Earn.StaticCooldown = -1 }},
		{"earn.static_cooldown_seconds", stamps, func(r *loyalty.Rules) { r.Earn.StaticCooldown = loyalty.MaxSeconds + 1 }},
		{"earn.daily_cap", stamps, func(r *loyalty.Rules) { r.Earn.DailyCap = -1 }},
		{"earn.daily_cap", stamps, func(r *loyalty.Rules) { r.Earn.DailyCap = loyalty.MaxUnits + 1 }},
		{"earn.per_scan", stamps, func(r *loyalty.Rules) { r.Earn.PerScan = -1 }},
		{"earn.per_scan", stamps, func(r *loyalty.Rules) { r.Earn.PerScan = loyalty.MaxUnits + 1 }},
		{"earn.handle_seconds", stamps, func(r *loyalty.Rules) { r.Earn.HandleLife = -1 }},
		{"earn.handle_seconds", stamps, func(r *loyalty.Rules) { r.Earn.HandleLife = 24*3600 + 1 }},

		{"card", points, func(r *loyalty.Rules) { r.Card.Size = 10 }},
		{"card", points, func(r *loyalty.Rules) { r.Card.Reward = loyaltytest.Topping }},
		{"card", points, func(r *loyalty.Rules) { r.Card.Milestones = make([]loyalty.Milestone, 1) }},
		{"card.size", stamps, func(r *loyalty.Rules) { r.Card.Size = 0 }},
		{"card.size", stamps, func(r *loyalty.Rules) { r.Card.Size = -10 }},
		{"card.size", stamps, func(r *loyalty.Rules) { r.Card.Size = loyalty.MaxCardSize + 1 }},
		{"card.reward", stamps, func(r *loyalty.Rules) { r.Card.Reward = loyalty.RewardID{} }},
		{"card.reward", stamps, func(r *loyalty.Rules) { r.Card.Reward = loyaltytest.Machine }},
		{"card.milestones", stamps, func(r *loyalty.Rules) { r.Card.Size = 100; r.Card.Milestones = milestones(21) }},
		{"card.milestones[0].at", stamps, func(r *loyalty.Rules) { r.Card.Milestones = []loyalty.Milestone{{At: 0, Reward: loyaltytest.Topping}} }},
		{"card.milestones[0].at", stamps, func(r *loyalty.Rules) { r.Card.Milestones = []loyalty.Milestone{{At: 10, Reward: loyaltytest.Topping}} }},
		{"card.milestones[1].at", stamps, func(r *loyalty.Rules) {
			r.Card.Milestones = []loyalty.Milestone{{At: 5, Reward: loyaltytest.Topping}, {At: 5, Reward: loyaltytest.Cone}}
		}},
		{"card.milestones[0].reward", stamps, func(r *loyalty.Rules) { r.Card.Milestones = []loyalty.Milestone{{At: 5, Reward: loyaltytest.Machine}} }},

		{"policies[0].method", stamps, policies(loyalty.Policy{Action: "earn"})},
		{"policies[0].method", stamps, policies(loyalty.Policy{Method: "office", Action: "earn"})},
		{"policies[0].method", stamps, policies(loyalty.Policy{Method: "claim", Action: "earn"})},
		{"policies[1].method", stamps, policies(loyalty.Policy{Method: "live", Action: "earn"}, loyalty.Policy{Method: "live", Action: "earn"})},
		{"policies[0].action", stamps, policies(loyalty.Policy{Method: "live", Action: "void"})},
		{"policies[0].cooldown_seconds", stamps, policies(loyalty.Policy{Method: "live", Action: "earn", Cooldown: -1})},
		{"policies[0].cooldown_seconds", stamps, policies(loyalty.Policy{Method: "live", Action: "earn", Cooldown: loyalty.MaxSeconds + 1})},
		{"policies[0].cooldown_seconds", stamps, policies(loyalty.Policy{Method: "live", Action: "redeem", Cooldown: 1})},
		{"policies[0].needs", stamps, policies(loyalty.Policy{Method: "live", Action: "redeem", Needs: "owner"})},
		{"policies[0].needs", stamps, policies(loyalty.Policy{Method: "live", Action: "redeem", Needs: "me"})},

		{"rewards", points, func(r *loyalty.Rules) { r.Rewards = make([]loyalty.Reward, loyalty.MaxRewards+1) }},
		{"rewards[0].id", points, func(r *loyalty.Rules) { r.Rewards[0].ID = loyalty.RewardID{} }},
		{"rewards[1].id", points, func(r *loyalty.Rules) { r.Rewards[1].ID = r.Rewards[0].ID }},
		{"rewards[1].name", points, func(r *loyalty.Rules) { r.Rewards[1].Name = "" }},
		{"rewards[1].name", points, func(r *loyalty.Rules) { r.Rewards[1].Name = strings.Repeat("n", tooLong) }},
		{"rewards[0].cost", points, func(r *loyalty.Rules) { r.Rewards[0].Cost = -1 }},
		{"rewards[0].cost", points, func(r *loyalty.Rules) { r.Rewards[0].Cost = loyalty.MaxUnits + 1 }},
		{"rewards[1].cost", stamps, func(r *loyalty.Rules) { r.Rewards[1].Cost = 5 }},
		{"rewards[0].per_card", points, func(r *loyalty.Rules) { r.Rewards[0].PerCard = -1 }},
		{"rewards[0].per_card", points, func(r *loyalty.Rules) { r.Rewards[0].PerCard = loyalty.MaxUnits + 1 }},
		{"rewards[0].per_member", points, func(r *loyalty.Rules) { r.Rewards[0].PerMember = -1 }},
		{"rewards[0].per_member", points, func(r *loyalty.Rules) { r.Rewards[0].PerMember = loyalty.MaxUnits + 1 }},
		{"rewards[0].valid_days", points, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = -1 }},
		{"rewards[0].valid_days", points, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = loyalty.MaxDays + 1 }},
	}
	for _, tt := range tests {
		rules := tt.of(t).Rules
		tt.change(&rules)
		err := rules.Check()
		var field *loyalty.FieldError
		if !errors.As(err, &field) || field.Field != tt.field || field.Problem == "" {
			t.Errorf("got %v, want a problem with %s", err, tt.field)
		}
	}
}

func policies(list ...loyalty.Policy) func(*loyalty.Rules) {
	return func(r *loyalty.Rules) { r.Policies = list }
}

func milestones(n int) []loyalty.Milestone {
	list := make([]loyalty.Milestone, n)
	for i := range list {
		list[i] = loyalty.Milestone{At: int64(i + 1), Reward: loyaltytest.Topping}
	}
	return list
}

// Rules are kept as JSON: what a merchant wrote must come back whole, and what
// was left out must stay out.
func TestRulesInJSON(t *testing.T) {
	t.Parallel()
	rules := loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Template = "cafe"
		r.Card.Milestones = []loyalty.Milestone{{At: 5, Reward: loyaltytest.Topping}}
		r.Rewards[0].PerCard, r.Rewards[0].ValidIn, r.Rewards[0].Limited = 1, 30, true
		r.Welcome, r.UnitsLast = 2, 365
		r.Starts, r.Ends = loyaltytest.Now, loyaltytest.Now.Add(time.Hour)
		r.Earn.Cooldown, r.Earn.StaticCooldown, r.Earn.DailyCap, r.Earn.PerScan, r.Earn.HandleLife = 1, 2, 3, 4, 5
		r.Earn.Override = true
		r.Policies = []loyalty.Policy{{Method: "static", Action: "earn", Refused: true, Cooldown: 5, Needs: "none"}}
	}).Rules
	body, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	var back loyalty.Rules
	if err := json.Unmarshal(body, &back); err != nil || !reflect.DeepEqual(back, rules) {
		t.Errorf("%+v\ncomes back as\n%+v, %v", rules, back, err)
	}

	body, err = json.Marshal(loyalty.Rules{Name: "n", Kind: loyalty.Points, Earn: loyalty.EarnRule{By: loyalty.ByUnits}})
	if want := `{"name":"n","kind":"points","earn":{"by":"units"}}`; err != nil || string(body) != want {
		t.Errorf("got %s, %v, want %s", body, err, want)
	}
}
