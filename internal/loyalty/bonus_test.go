package loyalty_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/rules"
)

// item is a line of so many whole pieces; the amount is in cents.
func basketLine(category string, pieces, amount int64) loyalty.Item {
	return loyalty.Item{SKU: category + "-1", Category: category, Quantity: pieces * 1000, Unit: "piece", Amount: amount}
}

// basket is a purchase whose lines add up.
func basket(ref string, items ...loyalty.Item) *loyalty.Purchase {
	return loyaltytest.Purchase(ref, 0, func(p *loyalty.Purchase) {
		p.Items = items
		for _, i := range items {
			p.Total += i.Amount
		}
	})
}

func withBonuses(bonuses ...loyalty.Bonus) func(*loyalty.Rules) {
	return func(r *loyalty.Rules) { r.Earn.Bonuses = bonuses }
}

// why is an explanation in short: "12 base, 5 fruit bonus".
func why(d *loyalty.Decision) string {
	var all []string
	for _, r := range d.Why {
		all = append(all, strings.Join(strings.Fields(fmt.Sprint(r.Units, " ", r.Rule, " ", r.Why, " ", r.Says)), " "))
	}
	return strings.Join(all, ", ")
}

// Now is a Friday, 18:00 UTC, in a shop in Warsaw or wherever loyaltytest has it.
func TestBonuses(t *testing.T) {
	t.Parallel()
	fruit := loyalty.Match{Categories: []string{"fruit"}}
	tests := []struct {
		name     string
		change   func(*loyalty.Rules)
		purchase *loyalty.Purchase
		want     string
	}{
		{"a multiple of the base", withBonuses(loyalty.Bonus{Name: "double", Multiplier: 2000}), basket("r", basketLine("bread", 1, 750)), "7 base, 7 double bonus"},
		{"a half more, rounded down as the base", withBonuses(loyalty.Bonus{Name: "half", Multiplier: 1500}), basket("r", basketLine("bread", 1, 750)), "7 base, 3 half bonus"},
		{"two doublings make a triple", withBonuses(loyalty.Bonus{Name: "a", Multiplier: 2000}, loyalty.Bonus{Name: "b", Multiplier: 2000}), basket("r", basketLine("bread", 1, 100)), "1 base, 1 a bonus, 1 b bonus"},
		{"fixed units, also on a base of nothing", withBonuses(loyalty.Bonus{Name: "five", Units: 5}), basket("r", basketLine("bread", 1, 50)), "0 base, 5 five bonus"},
		{
			"by amount of a category", withBonuses(loyalty.Bonus{Name: "fruit", Lines: loyalty.LinesBonus{Match: fruit, Units: 2, Per: 100, Of: loyalty.ByAmount}}),
			basket("r", basketLine("fruit", 2, 250), basketLine("bread", 1, 300), basketLine("fruit", 1, 99)), "6 base, 6 fruit bonus",
		},
		{
			"by pieces of a SKU", withBonuses(loyalty.Bonus{Name: "sku", Lines: loyalty.LinesBonus{Match: loyalty.Match{SKUs: []string{"fruit-1"}}, Units: 3, Per: 2000, Of: "piece"}}),
			basket("r", basketLine("fruit", 5, 500), basketLine("bread", 9, 0)), "5 base, 7 sku bonus",
		},
		{
			"by litres of whatever", withBonuses(loyalty.Bonus{Name: "litre", Lines: loyalty.LinesBonus{Units: 1, Per: 1000, Of: "litre"}}),
			basket("r", loyalty.Item{Category: "diesel", Quantity: 41_900, Unit: "litre", Amount: 6000}, basketLine("coffee", 1, 250)), "62 base, 41 litre bonus",
		},
		{
			"what a reward paid gives no bonus by amount", withBonuses(loyalty.Bonus{Name: "fruit", Lines: loyalty.LinesBonus{Match: fruit, Units: 1, Per: 100, Of: loyalty.ByAmount}}),
			func() *loyalty.Purchase {
				p := basket("r", basketLine("fruit", 1, 1000))
				p.PaidWithReward = 800
				return p
			}(), "2 base, 2 fruit bonus",
		},
		{"no bonus on what is excluded", func(r *loyalty.Rules) {
			r.Earn.Exclude = loyalty.Match{Categories: []string{"gift card"}, SKUs: []string{"milk-1"}}
			pieces := loyalty.LinesBonus{Units: 1, Per: 1000, Of: "piece"}
			named := pieces
			named.Match = loyalty.Match{Categories: []string{"gift card", "milk"}}
			r.Earn.Bonuses = []loyalty.Bonus{{Name: "each", Lines: pieces}, {Name: "named", Lines: named}}
		}, basket("r", basketLine("gift card", 1, 5000), basketLine("milk", 2, 100), basketLine("bread", 3, 300)), "3 base, 3 each bonus"},
		{"no bonus by amount on what is excluded", func(r *loyalty.Rules) {
			r.Earn.Exclude = loyalty.Match{Categories: []string{"gift card"}}
			r.Earn.Bonuses = []loyalty.Bonus{{Name: "dear", Lines: loyalty.LinesBonus{Match: loyalty.Match{Categories: []string{"gift card", "milk"}}, Units: 1, Per: 100, Of: loyalty.ByAmount}}}
		}, basket("r", basketLine("gift card", 1, 5000), basketLine("milk", 1, 100), basketLine("bread", 1, 300)), "4 base, 1 dear bonus"},
		{"a condition that holds", withBonuses(loyalty.Bonus{Name: "big", When: `purchase.total >= money(500, "EUR")`, Units: 1}), basket("r", basketLine("bread", 1, 500)), "5 base, 1 big bonus"},
		{"a condition that does not", withBonuses(loyalty.Bonus{Name: "big", When: `purchase.total > money(500, "EUR")`, Units: 1}), basket("r", basketLine("bread", 1, 500)), "5 base"},
		{
			"a condition without an answer", withBonuses(loyalty.Bonus{Name: "bad", When: `100 / (base - 5) > 1`, Units: 1}, loyalty.Bonus{Name: "good", Units: 2}), basket("r", basketLine("bread", 1, 500)),
			"5 base, 0 bad failed at 1:5: it divides by zero, 2 good bonus",
		},
		{"the first visit", withBonuses(loyalty.Bonus{Name: "hello", When: `card.visit == 1`, Units: 10}), basket("r", basketLine("bread", 1, 100)), "1 base, 10 hello bonus"},
		{
			"the cap of a purchase", func(r *loyalty.Rules) {
				r.Earn.PurchaseCap = 10
				withBonuses(loyalty.Bonus{Name: "double", Multiplier: 2000})(r)
			},
			basket("r", basketLine("bread", 1, 700)), "7 base, 7 double bonus, -4 purchase_cap",
		},
		{"litres alone", func(r *loyalty.Rules) {
			r.Earn.Units, r.Earn.Per, r.Earn.Rounding = 0, 0, ""
			r.Earn.Bonuses = []loyalty.Bonus{{Name: "litre", Lines: loyalty.LinesBonus{Units: 1, Per: 1000, Of: "litre"}}}
		}, basket("r", loyalty.Item{Category: "diesel", Quantity: 41_900, Unit: "litre", Amount: 6000}, basketLine("coffee", 1, 250)), "41 litre bonus"},
		{"the caps of month and day", func(r *loyalty.Rules) { r.Earn.MonthlyCap, r.Earn.DailyCap = 6, 4 }, basket("r", basketLine("bread", 1, 700)), "7 base, -1 monthly_cap, -2 daily_cap"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Points(t, tt.change))
			d := shop.Do(loyalty.Earning{Purchase: tt.purchase})
			if got := why(d); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			checkWhy(t, d)
		})
	}
}

type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkWhy holds that the reasons of an earn add up to it.
func checkWhy(t failer, d *loyalty.Decision) {
	t.Helper()
	sum := int64(0)
	for _, r := range d.Why {
		sum += r.Units
	}
	if earned := d.Primary(loyalty.Earn); len(d.Why) > 0 && sum != earned.Units {
		t.Errorf("%d units are explained by %s", earned.Units, why(d))
	}
}

func TestStampsWithBonuses(t *testing.T) {
	t.Parallel()
	happyHour := loyalty.Bonus{Name: "happy hour", When: `now.hour >= 16 && now.hour < 18`, Multiplier: 2000}
	at := func(hour int) time.Time { return time.Date(2026, 11, 6, hour, 0, 0, 0, time.UTC) }
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Earn.PerScan, r.Earn.DailyCap = 3, 7
		r.Earn.Bonuses = []loyalty.Bonus{happyHour}
	}))
	utc := shop.Till
	utc.Zone = time.UTC
	from := shop.Pair(utc)
	shop.Now = at(15)
	if got := shop.Entry(loyalty.Earning{Units: 1}, from).Units; got != 1 {
		t.Errorf("before the hour: %d", got)
	}
	shop.Now = at(16)
	if got := shop.Entry(loyalty.Earning{Units: 2}, from).Units; got != 4 {
		t.Errorf("in the hour: %d", got)
	}
	// Three are no more than the till may say; the bonus on them ends at the cap.
	d := shop.Do(loyalty.Earning{Units: 2}, from)
	if got, want := why(d), "2 base, 2 happy hour bonus, -2 daily_cap"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 1}, from)
	shop.Now = at(18).AddDate(0, 0, 1)
	shop.Refused(loyalty.PINRequired, loyalty.Earning{Units: 4}, from)
}

// A condition on the purchase cannot be answered where the till tells none.
func TestNoPurchaseNoAnswer(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, withBonuses(loyalty.Bonus{Name: "big", When: `purchase.items.size() > 2`, Units: 1})))
	if got, want := why(shop.Do(loyalty.Earning{Units: 1})), "1 base, 0 big failed it asks about the purchase, and the till told none"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Programs of units know no currency: there, money of two of them is met when it is
// compared.
func TestTwoCurrenciesAtTheTill(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, withBonuses(loyalty.Bonus{Name: "big", When: `purchase.total >= money(100, "PLN")`, Units: 1})))
	d := shop.Do(loyalty.Earning{Purchase: basket("r", basketLine("cone", 1, 200))})
	if got := why(d); !strings.Contains(got, "0 big failed at 1:16: money of two currencies does not compare: EUR and PLN") {
		t.Error(got)
	}
}

func TestEveryThirdVisit(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, withBonuses(loyalty.Bonus{Name: "third", When: `card.visit % 3 == 0`, Units: 1})))
	var got []int64
	for i := range 6 {
		entry := shop.Entry(loyalty.Earning{Units: 1})
		got = append(got, entry.Units)
		if i == 3 { // a visit that was taken back is none
			shop.Do(loyalty.Reversal{Entry: entry.ID})
		}
	}
	if want := []int64{1, 1, 2, 1, 1, 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if visits := shop.Card().Visits; visits != 5 {
		t.Errorf("%d visits", visits)
	}
}

func TestMonthlyCap(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.MonthlyCap = 5 }))
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	till := shop.Till
	till.Zone = warsaw
	from := shop.Pair(till)
	shop.Now = time.Date(2028, 2, 29, 22, 30, 0, 0, time.UTC) // a leap day, half past eleven at night there
	four := shop.Entry(loyalty.Earning{Units: 4}, from)
	refusal := shop.Refused(loyalty.MonthlyCapReached, loyalty.Earning{Units: 2}, from)
	if want := time.Date(2028, 2, 29, 23, 0, 0, 0, time.UTC); !refusal.RetryAt.Equal(want) {
		t.Errorf("may work at %s, want %s", refusal.RetryAt, want)
	}
	shop.Do(loyalty.Earning{Units: 1}, from)
	shop.Refused(loyalty.MonthlyCapReached, loyalty.Earning{Units: 1}, from)
	shop.Do(loyalty.Reversal{Entry: four.ID}, from)
	shop.Do(loyalty.Earning{Units: 4}, from)
	shop.After(30 * time.Minute)
	shop.Do(loyalty.Earning{Units: 5}, from) // March has begun
	shop.Now = time.Date(2028, 12, 31, 12, 0, 0, 0, time.UTC)
	shop.Do(loyalty.Earning{Units: 5}, from)
	if got, want := shop.Refused(loyalty.MonthlyCapReached, loyalty.Earning{Units: 1}, from).RetryAt, time.Date(2028, 12, 31, 23, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("the next year begins at %s, want %s", got, want)
	}
}

func TestExclusions(t *testing.T) {
	t.Parallel()
	prescription := func(r *loyalty.Rules) { r.Earn.Exclude = loyalty.Match{Categories: []string{"prescription"}} }
	points := loyaltytest.Open(t, loyaltytest.Points(t, prescription))
	points.Refused(loyalty.NothingToEarn, loyalty.Earning{Purchase: basket("a", basketLine("prescription", 1, 5000))})
	if got := points.Entry(loyalty.Earning{Purchase: basket("b", basketLine("prescription", 1, 5000), basketLine("soap", 1, 320))}).Units; got != 3 {
		t.Errorf("earned %d", got)
	}
	if got := points.Entry(loyalty.Earning{Purchase: loyaltytest.Purchase("c", 900)}).Units; got != 9 {
		t.Errorf("without lines: earned %d", got)
	}
	stamps := loyaltytest.Open(t, loyaltytest.Program(t, prescription))
	if got := stamps.Entry(loyalty.Earning{Purchase: basket("a", basketLine("prescription", 3, 100), basketLine("cone", 2, 100))}).Units; got != 2 {
		t.Errorf("stamps for %d pieces", got)
	}
	stamps.Refused(loyalty.NothingToEarn, loyalty.Earning{Units: 1, Purchase: basket("b", basketLine("prescription", 1, 100))})
}

func TestForgetItems(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn.ForgetItems = true
		r.Earn.Exclude.Categories = []string{"prescription"}
	}))
	d := shop.Do(loyalty.Earning{Purchase: basket("r", basketLine("prescription", 1, 1), basketLine("soap", 1, 200))})
	if got, want := string(d.Details[0].Body), `{"ref":"r","total":201,"currency":"EUR","why":[{"units":2,"why":"base"}]}`; got != want {
		t.Errorf("kept %s, want %s", got, want)
	}
}

func TestBonusCheckNamesTheField(t *testing.T) {
	t.Parallel()
	good := loyalty.Bonus{Name: "good", Units: 1}
	tests := map[string]func(*loyalty.Rules){
		"earn.bonuses":                      func(r *loyalty.Rules) { r.Earn.Bonuses = make([]loyalty.Bonus, loyalty.MaxBonuses+1) },
		"earn.bonuses[1].name":              withBonuses(good, good),
		"earn.bonuses[0].name":              withBonuses(loyalty.Bonus{Units: 1}),
		"earn.bonuses[0]":                   withBonuses(loyalty.Bonus{Name: "both", Units: 1, Multiplier: 2000}),
		"earn.bonuses[0].units":             withBonuses(loyalty.Bonus{Name: "less", Units: -1}),
		"earn.bonuses[0].multiplier":        withBonuses(loyalty.Bonus{Name: "less", Multiplier: 1000}),
		"earn.bonuses[0].lines.units":       withBonuses(loyalty.Bonus{Name: "none", Lines: loyalty.LinesBonus{Per: 1, Of: "piece"}}),
		"earn.bonuses[0].lines.per":         withBonuses(loyalty.Bonus{Name: "none", Lines: loyalty.LinesBonus{Units: 1, Of: "piece"}}),
		"earn.bonuses[0].lines.of":          withBonuses(loyalty.Bonus{Name: "none", Lines: loyalty.LinesBonus{Units: 1, Per: 1}}),
		"earn.bonuses[0].lines.skus[1]":     withBonuses(loyalty.Bonus{Name: "none", Lines: loyalty.LinesBonus{Match: loyalty.Match{SKUs: []string{"a", ""}}, Units: 1, Per: 1, Of: "piece"}}),
		"earn.bonuses[1].when":              withBonuses(good, loyalty.Bonus{Name: "text", When: strings.Repeat("x", loyalty.MaxCondition+1), Units: 1}),
		"earn.bonuses[1].when at 1:10: the": withBonuses(good, loyalty.Bonus{Name: "text", When: "base > 1 &", Units: 1}),
		"earn.exclude.categories":           func(r *loyalty.Rules) { r.Earn.Exclude.Categories = make([]string, loyalty.MaxMatches+1) },
		"earn.purchase_cap":                 func(r *loyalty.Rules) { r.Earn.PurchaseCap = -1 },
		"earn.monthly_cap":                  func(r *loyalty.Rules) { r.Earn.MonthlyCap = loyalty.MaxUnits + 1 },
	}
	alone := func(bonuses ...loyalty.Bonus) func(*loyalty.Rules) {
		return func(r *loyalty.Rules) {
			r.Earn = loyalty.EarnRule{By: loyalty.BySpend, Currency: "EUR", Bonuses: bonuses}
		}
	}
	tests["earn.units"] = alone()
	tests["earn.bonuses[0].multiplier of nothing"] = alone(loyalty.Bonus{Name: "double", Multiplier: 2000})
	tests["earn.rounding"] = func(r *loyalty.Rules) { alone(good)(r); r.Earn.Rounding = loyalty.Down }
	for want, change := range tests {
		r := loyaltytest.Points(t).Rules
		change(&r)
		var field *loyalty.FieldError
		if err := rules.Check(&r); !errors.As(err, &field) || field.Field != strings.Fields(want)[0] {
			t.Errorf("%v, want it to blame %s", err, want)
		}
	}
	litres := loyaltytest.Points(t).Rules
	if alone(good)(&litres); rules.Check(&litres) != nil {
		t.Error("bonuses alone may earn")
	}
	stamps := loyaltytest.Program(t).Rules
	stamps.Earn.Bonuses = []loyalty.Bonus{{Name: "money", Lines: loyalty.LinesBonus{Units: 1, Per: 1, Of: loyalty.ByAmount}}}
	if err := rules.Check(&stamps); err == nil {
		t.Error("stamps by amount know no currency")
	}
}

// Whatever was bought and whatever the rules: caps hold, what is excluded adds
// nothing, the reasons add up, and the order of bonuses changes no unit.
func TestBonusesProperty(t *testing.T) {
	t.Parallel()
	categories := rapid.SampledFrom([]string{"fruit", "bread", "gift card"})
	rapid.Check(t, func(t *rapid.T) {
		bonuses := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) loyalty.Bonus {
			b := loyalty.Bonus{
				Name: rapid.StringMatching(`[a-z]{12}`).Draw(t, "name"),
				When: rapid.SampledFrom([]string{"", "base > 3", "card.visit % 2 == 0", `purchase.items.exists(i, i.category == "fruit")`, "10 / (base - 4) >= 0"}).Draw(t, "when"),
			}
			switch rapid.IntRange(0, 2).Draw(t, "gives") {
			case 0:
				b.Units = rapid.Int64Range(1, 9).Draw(t, "units")
			case 1:
				b.Multiplier = rapid.Int64Range(1001, 5000).Draw(t, "multiplier")
			case 2:
				b.Lines = loyalty.LinesBonus{Units: 1, Per: 100, Of: rapid.SampledFrom([]string{loyalty.ByAmount, "piece"}).Draw(t, "of")}
			}
			return b
		}), 0, 4).Draw(t, "bonuses")
		program := func(bonuses []loyalty.Bonus) *loyalty.Program {
			return loyaltytest.Points(t, func(r *loyalty.Rules) {
				r.Earn.Bonuses, r.Earn.Exclude.Categories = bonuses, []string{"gift card"}
				r.Earn.PurchaseCap, r.Earn.DailyCap, r.Earn.MonthlyCap = 30, 40, 50
			})
		}
		backwards := make([]loyalty.Bonus, len(bonuses))
		for i, b := range bonuses {
			backwards[len(bonuses)-1-i] = b
		}
		shops := []*loyaltytest.Shop{loyaltytest.Open(t, program(bonuses)), loyaltytest.Open(t, program(backwards)), loyaltytest.Open(t, program(bonuses))}
		days, months := map[string]int64{}, map[string]int64{}
		for i := range rapid.IntRange(1, 8).Draw(t, "purchases") {
			var with, without []loyalty.Item
			for range rapid.IntRange(1, 4).Draw(t, "lines") {
				line := basketLine(categories.Draw(t, "category"), rapid.Int64Range(1, 3).Draw(t, "pieces"), rapid.Int64Range(-50, 1500).Draw(t, "amount"))
				if with = append(with, line); line.Category != "gift card" {
					without = append(without, line)
				}
			}
			ref := fmt.Sprint(i)
			purchases := []*loyalty.Purchase{basket(ref, with...), basket(ref, with...), basket(ref, without...)}
			if purchases[0].Total < purchases[2].Total || purchases[2].Total < 0 || len(without) == 0 {
				continue // a purchase is worth no more than its total
			}
			later := time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour
			var units [3]int64
			for j, shop := range shops {
				shop.After(later)
				if d, err := shop.Post(shop.Command(loyalty.Earning{Purchase: purchases[j]})); err == nil {
					units[j] = d.Primary(loyalty.Earn).Units
					checkWhy(t, d)
				}
			}
			if units[0] != units[1] {
				t.Fatalf("backwards %d instead of %d", units[1], units[0])
			}
			if units[0] != units[2] {
				t.Fatalf("excluded lines make %d of %d", units[0], units[2])
			}
			local := shops[0].Now.In(shops[0].Till.Zone)
			days[local.Format(time.DateOnly)] += units[0]
			months[local.Format("2006-01")] += units[0]
			if units[0] > 30 || days[local.Format(time.DateOnly)] > 40 || months[local.Format("2006-01")] > 50 {
				t.Fatalf("beyond a cap: %d, %v, %v", units[0], days, months)
			}
		}
	})
}

// A tier multiplies what base and bonuses give together, conditions know it, and the
// explanation adds up.
func TestBonusesAndTiers(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn.Bonuses = []loyalty.Bonus{{Name: "for silver", When: `card.tier == "Silver"`, Units: 3}}
		r.Earn.DailyCap = 50
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) {
			rule.Currency, rule.Levels[0].From, rule.Levels[0].Multiplier = r.Earn.Currency, 1000, 1500
		})
	}))
	first := shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 1000)})
	if first.Primary(loyalty.Earn).Units != 10 || len(first.Why) != 1 {
		t.Fatalf("without a tier: %+v", first.Why)
	}
	second := shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("r2", 2700)})
	want := []loyalty.Reason{
		{Units: 27, Why: loyalty.BaseRate},
		{Rule: "for silver", Units: 3, Why: loyalty.BonusRule},
		{Rule: "Silver", Units: 15, Why: loyalty.TierRate},
		{Units: -5, Why: loyalty.DailyCap},
	}
	if second.Primary(loyalty.Earn).Units != 40 || !slices.Equal(second.Why, want) {
		t.Errorf("%d units, as %+v", second.Primary(loyalty.Earn).Units, second.Why)
	}
}
