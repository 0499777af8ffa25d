package rules_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"stempel/internal/cel"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/rules"
)

func compile(t *testing.T, when string) *loyalty.Program {
	t.Helper()
	return loyaltytest.Points(t, func(r *loyalty.Rules) { r.Earn.Bonuses = []loyalty.Bonus{{Name: "test", When: when, Units: 1}} })
}

// What every variable says of one earn: the last Sunday of October 2026, a minute
// before the clocks of Warsaw go back.
func TestVariables(t *testing.T) {
	t.Parallel()
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	around := &loyalty.Circumstances{
		Purchase: &loyalty.Purchase{Total: 1250, PaidWithReward: 250, Currency: "EUR", Items: []loyalty.Item{
			{SKU: "4001", Category: "ice", Quantity: 2000, Unit: "piece", Amount: 1250},
		}},
		Base: 10, Card: &loyalty.Card{Balance: 7, Lifetime: 20, Inherited: 3, Cycle: 2, Visits: 4}, Labels: "parents vip",
		Location: loyalty.LocationID{1}, At: time.Date(2026, 10, 25, 0, 59, 0, 0, time.UTC).In(warsaw),
	}
	for _, when := range []string{
		`purchase.total == money(1250, "EUR")`, `purchase.paid == money(1000, "EUR")`, `purchase.currency == "EUR"`,
		`purchase.items.size() == 1`, `purchase.items[0].sku == "4001"`, `purchase.items[0].category == "ice"`,
		`purchase.items[0].unit == "piece"`, `purchase.items[0].quantity == 2000`, `purchase.items[0].amount == purchase.total`,
		`purchase.items.filter(i, i.category in ["ice", "cake"]).map(i, i.amount).sum() > money(1000, "EUR")`,
		`card.balance == 7`, `card.lifetime == 23`, `card.cycle == 2`, `card.visit == 5`,
		`"parents" in card.tags`, `!("vi" in card.tags)`, `card.tags.size() == 2`, `card.tags.exists(t, t.startsWith("v"))`, `card.tags[1] == "vip"`,
		`now.date == "2026-10-25"`, `now.time == "02:59"`, `now.year == 2026 && now.month == 10 && now.day == 25`,
		`now.weekday == 7`, `now.hour == 2 && now.minute == 59`,
		`location == "` + around.Location.String() + `"`, `base == 10`,
	} {
		p := compile(t, when)
		if holds, err := p.Conditions[0].Holds(around); err != nil || !holds {
			t.Errorf("%s: %v, %v", when, holds, err)
		}
	}
	if p := compile(t, `location == ""`); p.Conditions[0] == nil {
		t.Error("not compiled")
	} else if holds, err := p.Conditions[0].Holds(&loyalty.Circumstances{}); err != nil || !holds {
		t.Errorf("without a till: %v, %v", holds, err)
	}
}

// What never has an answer is told when it is saved. What was saved before is read
// all the same.
func TestNobodyMeansToDivideByZero(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]bool{
		"1 / 0 == 1": false, "card.visit % 0 == 1": false, "card.visit > 1 && base / (0) > 1": false,
		"base / (2 - 2) == 1": false, "base % -(1 - 1) == 0": false, "base / (true ? 0 : 1) > 1": false, "base / (5 / 2 - 2) > 1": false,
		"base / (3 - 2) == 1": true, "base / (base - base + 1) == 1": true,
		"card.visit % 10 == 0": true, "0 / card.visit == 0": true, "base * 0 == 0": true,
	} {
		p := compile(t, when)
		var wrong *loyalty.FieldError
		if err := rules.Check(&p.Rules); (err == nil) != want || !want && (!errors.As(err, &wrong) || wrong.Field != "earn.bonuses[0].when") {
			t.Errorf("%s: %v", when, err)
		}
	}
}

// Every variable and field stands in the page for merchants, and nothing else.
func TestThePageNamesAllVariables(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	var walk func(prefix string, o *cel.Object)
	walk = func(prefix string, o *cel.Object) {
		for name, field := range o.Fields {
			known[prefix+name] = true
			if within := field.Type.Elements(); within != nil {
				if strings.HasPrefix(field.Type.String(), "list") {
					name += "[]"
				}
				walk(prefix+name+".", within)
			}
		}
	}
	walk("", rules.Variables("EUR"))
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.HasPrefix(cells[1], " `") {
			name := strings.Trim(cells[1], " `")
			if !known[name] {
				t.Errorf("the page names %s, which there is not", name)
			}
			delete(known, name)
		}
	}
	for name := range known {
		if name != "purchase" && name != "card" && name != "now" {
			t.Errorf("the page does not name %s", name)
		}
	}
}

func TestCheckNamesBonusFieldAndPlace(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]string{
		`purchase.totl > 1`:                                            `of "bad" cannot be read at 1:10: a purchase has no totl: it has currency, items, paid, total`,
		`purchase.total > 1000`:                                        `of "bad" cannot be read at 1:16: > does not go with money and int`,
		`purchase.total > money(1000, "PLN")`:                          `of "bad" cannot be read at 1:16: money of two currencies does not compare: EUR and PLN`,
		`purchase.items.all(a, purchase.items.all(b, a.sku == b.sku))`: `of "bad" cannot be read at 1:16: this would take too long where lists are long: use fewer loops within loops`,
		`tier == "gold"`:                                               `of "bad" cannot be read at 1:1: nothing is called tier: there are base, card, location, now, purchase`,
	} {
		r := compile(t, "").Rules
		r.Earn.Bonuses = append(r.Earn.Bonuses, loyalty.Bonus{Name: "bad", When: when, Units: 1})
		var field *loyalty.FieldError
		if err := rules.Check(&r); !errors.As(err, &field) || field.Field != "earn.bonuses[1].when" || field.Problem != want {
			t.Errorf("%s: %v", when, err)
		}
	}
}

// FuzzCondition holds that whatever a merchant writes is refused when it is saved,
// or answered at the till.
func FuzzCondition(f *testing.F) {
	for _, seed := range []string{"base > 1", `purchase.items.exists(i, i.amount < money(1, "EUR"))`, "1 / (card.visit - 1) > 0", `now.time in ["12:00"]`, `location + now.date == ""`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, when string) {
		program := loyaltytest.Points(t).Rules
		program.Earn.Bonuses = []loyalty.Bonus{{Name: "fuzzed", When: when, Units: 1}}
		p := &loyalty.Program{Rules: program}
		var field *loyalty.FieldError
		if err := rules.Compile(p); err != nil {
			if !errors.As(err, &field) || field.Field != "earn.bonuses[0].when" || field.Problem == "" {
				t.Errorf("%q: %v", when, err)
			}
			return
		}
		if when != "" {
			around := &loyalty.Circumstances{
				Purchase: loyaltytest.Purchase("r", 100, func(p *loyalty.Purchase) { p.Items = make([]loyalty.Item, 3) }),
				Card:     &loyalty.Card{}, At: loyaltytest.Now,
			}
			if holds, err := p.Conditions[0].Holds(around); holds && err != nil {
				t.Errorf("%q holds, and fails with %v", when, err)
			}
		}
	})
}

func BenchmarkFiveConditions(b *testing.B) {
	p := &loyalty.Program{Rules: loyaltytest.Points(b).Rules}
	for _, when := range []string{
		`purchase.total >= money(2000, "EUR")`, `purchase.items.exists(i, i.category == "fruit")`, `now.weekday == 2 && now.hour >= 16 && now.hour < 18`,
		`card.visit % 10 == 0`, `now.date >= "2026-12-01" && now.date < "2027-01-01"`,
	} {
		p.Earn.Bonuses = append(p.Earn.Bonuses, loyalty.Bonus{Name: when, When: when, Units: 1})
	}
	if err := rules.Compile(p); err != nil {
		b.Fatal(err)
	}
	around := &loyalty.Circumstances{
		Purchase: loyaltytest.Purchase("r", 100, func(p *loyalty.Purchase) { p.Items = make([]loyalty.Item, 10) }),
		Card:     &loyalty.Card{}, At: loyaltytest.Now,
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range p.Conditions {
			if _, err := c.Holds(around); err != nil {
				b.Fatal(err)
			}
		}
	}
}
