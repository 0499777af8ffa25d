package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// spend earns on a purchase whose lines are categories with amounts, for a fresh
// scan of the card.
func spend(t *testing.T, a *apitest.API, card loyalty.CardID, ref string, lines map[string]int64) apitest.Call {
	t.Helper()
	purchase := apitest.Map{"ref": ref, "currency": "EUR"}
	var items []any
	total := int64(0)
	for category, amount := range lines {
		items = append(items, apitest.Map{"category": category, "quantity": 1000, "unit": "piece", "amount": amount})
		total += amount
	}
	purchase["items"], purchase["total"] = items, total
	return earnOn(t, a, card, apitest.Map{"purchase": purchase})
}

func earnOn(t *testing.T, a *apitest.API, card loyalty.CardID, body apitest.Map) apitest.Call {
	t.Helper()
	body["scan"] = a.Look(t, a.Shop, a.Shop.Front, card).Scan
	return apitest.Call{Path: "/v1/scans/earn", Token: a.Shop.Front.Token, Key: apitest.Key(), Body: body}
}

func newProgram(t *testing.T, a *apitest.API, body apitest.Map) apitest.Program {
	t.Helper()
	made := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: body}))
	return apitest.Program{ID: made.ID}
}

func reasons(all []loyalty.Reason) (text string) {
	var said []string
	for _, r := range all {
		said = append(said, strings.TrimSpace(r.Rule+" "+string(r.Why)+" "+r.Says))
	}
	return strings.Join(said, ", ")
}

// The till is told why, and the office finds the same with the entry.
func TestWhy(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	rules := pointRules()
	delete(rules, "policies")
	earn := rules["earn"].(apitest.Map)
	earn["cooldown_seconds"], earn["forget_items"] = 0, true
	earn["bonuses"] = []any{
		apitest.Map{"name": "Fruit", "when": `purchase.items.exists(i, i.category == "fruit")`, "units": 3},
		apitest.Map{"name": "Broken", "when": `base / (card.visit - 1) > 1`, "units": 3},
	}
	card := a.NewCard(t, a.Shop, newProgram(t, a, apitest.Map{"rules": rules}))
	call := spend(t, a, card.ID, "r1", map[string]int64{"fruit": 300, "gift card": 2500})
	posted := apitest.Read[gen.Posting](t, a.Do(t, call))
	if got, want := reasons(posted.Why), "base, Fruit bonus, Broken failed at 1:6: it divides by zero"; got != want || posted.Entries[0].Units != 6 {
		t.Errorf("%d units for %s, want %s", posted.Entries[0].Units, got, want)
	}
	entry := apitest.Read[gen.Entry](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/entries/" + posted.Entries[0].ID.String(), Token: a.Shop.Admin}))
	if entry.Detail == nil || reasons(entry.Detail.Why) != reasons(posted.Why) {
		t.Errorf("the office is told %+v", entry.Detail)
	} else if entry.Detail.Purchase == nil || len(entry.Detail.Purchase.Items) > 0 || strings.Contains(entry.Detail.Text, "fruit") {
		t.Errorf("kept %s", entry.Detail.Text)
	}
	// The same again at once, byte for byte.
	if again := a.Do(t, call); !strings.Contains(string(again.Body), `"why":[{"units":3,"why":"base"}`) {
		t.Errorf("replayed %s", again.Body)
	}
	if plain := a.Stamp(t, a.Shop, a.Shop.Front, a.NewCard(t, a.Shop, a.Shop.Stamps).ID, 1); plain.Why != nil {
		t.Errorf("a program of one rate explains %v", plain.Why)
	}
}

// What a merchant writes wrongly is refused when it is saved, naming bonus, field
// and place.
func TestRulesThatCannotBe(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for when, want := range map[string]string{
		`purchase.total > 1000`:                                        "at 1:16: > does not go with money and int",
		`purchase.total > money(1, "PLN")`:                             "at 1:16: money of two currencies",
		`purchase.items.all(a, purchase.items.all(b, a.sku == b.sku))`: "at 1:16: this would take too long",
		"true &&\n(": "at 2:2: something is missing",
	} {
		rules := pointRules()
		rules["earn"].(apitest.Map)["bonuses"] = []any{apitest.Map{"name": "fine", "units": 1}, apitest.Map{"name": "bad", "when": when, "units": 1}}
		p := a.Refused(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"rules": rules}}, gen.ProblemCodeInvalidField)
		if p.Field != "rules.earn.bonuses[1].when" || !strings.Contains(p.Detail, want) {
			t.Errorf("%s: %s: %s", when, p.Field, p.Detail)
		}
	}
}

func TestLinesThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, newProgram(t, a, apitest.Map{"template": "pharmacy"}))
	line := func(amount int64) apitest.Map {
		return apitest.Map{"category": "soap", "quantity": 1000, "unit": "piece", "amount": amount}
	}
	call := earnOn(t, a, card.ID, apitest.Map{"purchase": apitest.Map{
		"ref": "r1", "currency": "EUR", "total": 1000, "items": []any{line(700), line(400)},
	}})
	if p := a.Refused(t, call, gen.ProblemCodePurchaseInvalid); p.Field != "purchase.items[1].amount" || !strings.Contains(p.Detail, "Line 2") {
		t.Errorf("%s: %s", p.Field, p.Detail)
	}
	delete(call.Body.(apitest.Map), "scan")
	atOnce := apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card.ID), apitest.Map{"earn": call.Body})
	if p := a.Refused(t, atOnce, gen.ProblemCodePurchaseInvalid); p.Field != "earn.purchase.items[1].amount" {
		t.Errorf("%s: %s", p.Field, p.Detail)
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	program := newProgram(t, a, apitest.Map{"template": "cafe"})
	simulate := func(body apitest.Map) gen.Simulation {
		t.Helper()
		return apitest.Read[gen.Simulation](t, a.Do(t, apitest.Call{Path: "/v1/programs/" + program.ID.String() + "/simulations", Token: a.Shop.Admin, Body: body}))
	}
	// Half past four in the shop, on a Tuesday: happy hour.
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	location := apitest.Map{"name": "Am Hafen", "zone": zone.String()}
	at := apitest.Read[gen.Location](t, a.Do(t, apitest.Call{Path: "/v1/locations", Token: a.Shop.Admin, Body: location})).ID
	tuesday := time.Date(2026, 11, 10, 16, 30, 0, 0, zone)
	got := simulate(apitest.Map{"units": 2, "at": tuesday, "location": at, "state": apitest.Map{"balance": 7, "visits": 3}})
	if got.Balance == nil || *got.Balance != 1 || len(got.Entries) != 2 || got.Entries[0].Units != 4 || len(got.Vouchers) != 1 {
		t.Errorf("in happy hour: %+v", got)
	}
	if got := simulate(apitest.Map{"units": 2, "at": tuesday.Add(3 * time.Hour), "location": at}); *got.Balance != 2 || reasons(got.Why) != "base" {
		t.Errorf("in the evening: %+v", got)
	}
	if got := simulate(apitest.Map{"units": 2, "at": tuesday, "location": at, "state": apitest.Map{"earned_today": 10}}); got.Refused == nil || got.Refused.Code != gen.ProblemCodeDailyCapReached || got.Balance != nil {
		t.Errorf("after a long day: %+v", got)
	}
	// A real card stays as it is.
	card := a.NewCard(t, a.Shop, program)
	before := card.Balance
	if got := simulate(apitest.Map{"units": 1, "at": tuesday.Add(3 * time.Hour), "location": at, "card": card.ID}); *got.Balance != before+1 {
		t.Errorf("of a real card: %+v", got)
	}
	read := apitest.Read[gen.Card](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.ID.String(), Token: a.Shop.Admin}))
	if read.Balance != before {
		t.Errorf("the simulation changed the balance from %d to %d", before, read.Balance)
	}
	other := a.NewCard(t, a.Shop, a.Shop.Stamps)
	a.Refused(t, apitest.Call{Path: "/v1/programs/" + program.ID.String() + "/simulations", Token: a.Shop.Admin, Body: apitest.Map{"units": 1, "card": other.ID}}, gen.ProblemCodeInvalidField)
	a.Refused(t, apitest.Call{Path: "/v1/programs/" + program.ID.String() + "/simulations", Token: a.Shop.Admin, Body: apitest.Map{"units": 1, "draft": true}}, gen.ProblemCodeDraftNotFound)
}
