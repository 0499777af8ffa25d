package loyalty_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// Silver from 100, gold from 300. Each step of a story says what was spent in a
// month, and which tier one is then in, until when, and when it falls.
func TestTiers(t *testing.T) {
	t.Parallel()
	type step struct {
		month             string // of 2026 and later
		spent             int64
		tier, since       string
		until, graceUntil string // the last month
	}
	for name, c := range map[string]struct {
		rule  func(*loyalty.TierRule)
		steps []step
	}{
		"a year, kept for the next": {func(*loyalty.TierRule) {}, []step{
			{"2026-03", 90, "", "", "", ""},
			{"2026-05", 10, "silver", "2026-05", "2027-12", "2027-12"},
			{"2026-12", 200, "gold", "2026-12", "2027-12", "2027-12"},
			{"2027-01", 0, "gold", "2026-12", "2027-12", "2027-12"},
			{"2027-06", 150, "gold", "2026-12", "2027-12", "2027-12"},
			{"2028-01", 0, "silver", "2028-01", "2028-12", "2028-12"}, // what 2027 was good for
			{"2029-01", 0, "", "", "", ""},
		}},
		"a year, not kept": {func(r *loyalty.TierRule) { r.Keep = 0 }, []step{
			{"2026-11", 300, "gold", "2026-11", "2026-12", "2026-12"},
			{"2027-01", 0, "", "", "", ""},
		}},
		"a year, one step down": {func(r *loyalty.TierRule) { r.Keep, r.Fall = 0, loyalty.FallOneStep }, []step{
			{"2026-11", 300, "gold", "2026-11", "2026-12", "2026-12"},
			{"2027-01", 0, "silver", "2027-01", "2027-12", "2027-12"},
			{"2028-01", 0, "", "", "", ""},
			{"2028-02", 300, "gold", "2028-02", "2028-12", "2028-12"},
		}},
		"reached again, kept on": {func(*loyalty.TierRule) {}, []step{
			{"2026-05", 100, "silver", "2026-05", "2027-12", "2027-12"},
			{"2027-02", 60, "silver", "2026-05", "2027-12", "2027-12"},
			{"2027-12", 40, "silver", "2026-05", "2028-12", "2028-12"},
		}},
		"three months, two more, one in grace": {func(r *loyalty.TierRule) {
			r.Window, r.Keep, r.Grace = loyalty.Window{Over: loyalty.Rolling, Months: 3}, 2, 1
		}, []step{
			{"2026-01", 60, "", "", "", ""},
			{"2026-02", 0, "", "", "", ""},
			{"2026-03", 40, "silver", "2026-03", "2026-05", "2026-06"},
			{"2026-06", 0, "silver", "2026-03", "2026-05", "2026-06"}, // in grace
			{"2026-07", 0, "", "", "", ""},
			{"2026-08", 99, "", "", "", ""},
			{"2026-10", 1, "silver", "2026-10", "2026-12", "2027-01"},
			{"2026-11", 300, "gold", "2026-11", "2027-03", "2027-04"},
		}},
		"a quarter": {func(r *loyalty.TierRule) { r.Window, r.Keep = loyalty.Window{Over: loyalty.Quarter}, 0 }, []step{
			{"2026-12", 100, "silver", "2026-12", "2026-12", "2026-12"},
			{"2027-01", 99, "", "", "", ""},
			{"2027-03", 1, "silver", "2027-03", "2027-03", "2027-03"},
			{"2027-04", 0, "", "", "", ""},
		}},
		"a month": {func(r *loyalty.TierRule) { r.Window, r.Keep = loyalty.Window{Over: loyalty.Monthly}, 1 }, []step{
			{"2028-02", 100, "silver", "2028-02", "2028-03", "2028-03"},
			{"2028-03", 0, "silver", "2028-02", "2028-03", "2028-03"},
			{"2028-04", 0, "", "", "", ""},
		}},
		"a lifetime": {func(r *loyalty.TierRule) { r.Window, r.Keep, r.Fall = loyalty.Window{Over: loyalty.Lifetime}, 0, "" }, []step{
			{"2026-01", 99, "", "", "", ""},
			{"2026-02", 1, "silver", "2026-02", "", ""},
			{"2026-03", 50, "silver", "2026-02", "", ""},
			{"2046-03", 0, "silver", "2026-02", "", ""},
			{"2046-04", 150, "gold", "2046-04", "", ""},
		}},
		"a tier for everybody": {func(r *loyalty.TierRule) { r.Levels[0].From, r.Keep = 0, 0 }, []step{
			{"2026-01", 0, "silver", "", "", ""},
			{"2026-02", 300, "gold", "2026-02", "2026-12", "2026-12"},
			{"2027-01", 0, "silver", "2027-01", "", ""},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := loyaltytest.Discount(t, func(r *loyalty.Rules) {
				r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) {
					rule.Levels = []loyalty.Tier{{Name: "silver", From: 100}, {Name: "gold", From: 300}}
				}, c.rule)
			})
			zone := loyaltytest.Zone(t, "Europe/Berlin")
			card := loyaltytest.Card(program, "anna")
			for _, s := range c.steps {
				at, err := time.ParseInLocation("2006-01", s.month, zone)
				if err != nil {
					t.Fatal(err)
				}
				if s.spent != 0 {
					card.Counts = card.Counts.Plus("Europe/Berlin", loyalty.MonthCount{Month: loyalty.MonthOf(at, zone), Spend: s.spent})
				}
				for _, moment := range []time.Time{at, at.AddDate(0, 1, 0).Add(-time.Microsecond)} { // the month's first and last
					if got := tierText(card.Standing(program, moment).Tier, zone); got != [4]string{s.tier, s.since, s.until, s.graceUntil} {
						t.Errorf("%s: %q, want %+v", moment, got, s)
					}
				}
			}
		})
	}
}

func tierText(s loyalty.Stand, zone *time.Location) (text [4]string) {
	if s.Level == nil {
		return text
	}
	text[0] = s.Level.Name
	if s.Since != 0 {
		text[1] = s.Since.String()
	}
	if !s.Until.IsZero() {
		text[2] = loyalty.MonthOf(s.Until.Add(-time.Microsecond), zone).String()
		text[3] = loyalty.MonthOf(s.Grace.Add(-time.Microsecond), zone).String()
	}
	return text
}

// A tier's multiplier is that of before the purchase, and rounds as it says.
func TestTierMultiplies(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) {
			rule.Levels[0].Multiplier, rule.Rounding = 1500, loyalty.HalfUp
		})
	}))
	earn := func(ref string, total, want int64) *loyalty.Entry {
		t.Helper()
		e := shop.Entry(loyalty.Earning{Purchase: loyaltytest.Purchase(ref, total)})
		if e.Units != want {
			t.Errorf("%s: %d, want %d", ref, e.Units, want)
		}
		return e
	}
	first := earn("a", 10_000, 100)
	earn("b", 300, 5) // 4.5
	if got := standingOf(shop).Tier; got.Level.Name != "Silver" || got.Counted != 10_300 || got.Next.Name != "Gold" || got.Missing != 19_700 {
		t.Errorf("%+v", got)
	}
	shop.Do(loyalty.Reversal{Entry: first.ID})
	if got := standingOf(shop).Tier; got.Level != nil || got.Missing != 9_700 {
		t.Errorf("after the refund: %+v", got)
	}
	earn("c", 300, 3)
}

// Tiers by units count what was earned, as it was multiplied, and not what the
// office gives.
func TestTiersByUnits(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) {
			rule.By, rule.Currency, rule.Rounding = loyalty.TierByUnits, "", loyalty.Up
			rule.Levels = []loyalty.Tier{{Name: "regular", From: 3, Multiplier: 1100}}
		})
	}))
	shop.Do(loyalty.Adjustment{Units: 5}, loyaltytest.Approved(loyalty.Manager))
	shop.Do(loyalty.Earning{Units: 3})
	if e := shop.Entry(loyalty.Earning{Units: 1}); e.Units != 2 {
		t.Errorf("%d", e.Units)
	}
	if got := standingOf(shop).Tier; got.Counted != 5 || got.Level.Name != "regular" {
		t.Errorf("%+v", got)
	}
}

// Two cards that become one have come to what both together did.
func TestMergeJoinsStandings(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Discount(t, func(r *loyalty.Rules) { r.Tiers = loyaltytest.Tiers() })
	shop := loyaltytest.Open(t, program)
	other := loyaltytest.Card(program, "ben")
	shop.Book.Cards[other.ID] = other
	shop.Do(grantOf("anna", 9_000))
	shop.Do(grantOf("ben", 9_000), func(c *loyalty.Command) { c.Card = other.ID })
	shop.Do(loyalty.Merger{Into: other.ID}, loyaltytest.Approved(loyalty.Manager))
	other = shop.Book.Cards[other.ID]
	if got := other.Standing(program, shop.Now); got.Spend != 17_100 || got.Rate != 1000 || got.Tier.Level.Name != "Silver" {
		t.Errorf("%+v", got)
	}
	forged := other
	forged.Counts = forged.Counts.Plus("", loyalty.MonthCount{Month: 24_000, Spend: 1})
	shop.Book.Cards[other.ID] = forged
	if err := shop.Book.Verify(); err == nil {
		t.Error("what a survivor counts was changed, and nobody saw it")
	}
	shop.Book.Cards[other.ID] = other
}

func TestStandingRulesNameTheField(t *testing.T) {
	t.Parallel()
	tiered := func(change func(*loyalty.TierRule)) func(*loyalty.Rules) {
		return func(r *loyalty.Rules) { r.Tiers = loyaltytest.Tiers(change) }
	}
	for _, c := range []struct {
		field  string
		change func(*loyalty.Rules)
	}{
		{"discount.steps[1].from", func(r *loyalty.Rules) { r.Discount.Steps[1].From = 0 }},
		{"discount.steps[2].rate", func(r *loyalty.Rules) { r.Discount.Steps[2].Rate = 900 }},
		{"discount.steps[0].rate", func(r *loyalty.Rules) { r.Discount.Steps[0].Rate = 0 }},
		{"discount.steps[2].rate", func(r *loyalty.Rules) { r.Discount.Steps[2].Rate = 10_001 }},
		{"discount.steps", func(r *loyalty.Rules) { r.Discount.Steps = nil }},
		{"discount.over", func(r *loyalty.Rules) { r.Discount.Window = loyalty.Window{Over: loyalty.Yearly} }},
		{"discount.months", func(r *loyalty.Rules) { r.Discount.Months = 25 }},
		{"discount.currency", func(r *loyalty.Rules) { r.Discount.Currency = "euro" }},
		{"discount.rounding", func(r *loyalty.Rules) { r.Discount.Rounding = "" }},
		{"earn", func(r *loyalty.Rules) { r.Earn.By = loyalty.ByUnits }},
		{"welcome", func(r *loyalty.Rules) { r.Welcome = 1 }},
		{"rewards[0].cost", func(r *loyalty.Rules) { r.Rewards = []loyalty.Reward{{ID: loyaltytest.Cone, Name: "A cone", Cost: 5}} }},
		{"tiers.levels", func(r *loyalty.Rules) { r.Tiers.Keep = 1 }},
		{"tiers.by", tiered(func(r *loyalty.TierRule) { r.By = loyalty.TierByUnits })},
		{"tiers.currency", tiered(func(r *loyalty.TierRule) { r.Currency = "PLN" })},
		{"tiers.keep_months", tiered(func(r *loyalty.TierRule) { r.Grace = 13 })},
		{"tiers.keep_months", tiered(func(r *loyalty.TierRule) { r.Keep = math.MaxInt64 })},
		{"tiers.grace_months", tiered(func(r *loyalty.TierRule) { r.Grace = math.MaxInt64 })},
		{"tiers.keep_months", tiered(func(r *loyalty.TierRule) { r.Over = loyalty.Lifetime })},
		{"tiers.fall", tiered(func(r *loyalty.TierRule) { r.Fall = "" })},
		{"tiers.months", tiered(func(r *loyalty.TierRule) { r.Months = 3 })},
		{"tiers.rounding", tiered(func(r *loyalty.TierRule) { r.Rounding = "" })},
		{"tiers.levels[1].from", tiered(func(r *loyalty.TierRule) { r.Levels[1].From = r.Levels[0].From })},
		{"tiers.levels[1].name", tiered(func(r *loyalty.TierRule) { r.Levels[1].Name = r.Levels[0].Name })},
		{"tiers.levels[0].multiplier", tiered(func(r *loyalty.TierRule) { r.Levels[0].Multiplier = 2000 })},
		{"tiers.levels[0].perks[1]", tiered(func(r *loyalty.TierRule) { r.Levels[0].Perks = []string{"one", "two\nlines"} })},
	} {
		rules := loyaltytest.Discount(t).Rules
		c.change(&rules)
		var bad *loyalty.FieldError
		if err := rules.Check(); !errors.As(err, &bad) || bad.Field != c.field {
			t.Errorf("got %v, want a problem with %s", err, c.field)
		}
	}
	rules := loyaltytest.Program(t).Rules
	rules.Discount.Steps = []loyalty.DiscountStep{{From: 0, Rate: 1}}
	var bad *loyalty.FieldError
	if err := rules.Check(); !errors.As(err, &bad) || bad.Field != "discount" {
		t.Errorf("a stamp card with a discount: %v", err)
	}
}

// What was spent in one currency is nothing in another.
func TestStandingKeepsItsCurrency(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Discount(t)
	next := loyaltytest.Next(t, program, func(r *loyalty.Rules) { r.Discount.Currency = "PLN" })
	var bad *loyalty.FieldError
	if err := program.CheckNext(&next.Rules, true); !errors.As(err, &bad) || bad.Field != "discount.currency" {
		t.Errorf("%v", err)
	}
	if err := program.CheckNext(&next.Rules, false); err != nil {
		t.Error(err)
	}
}
