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

// Lines that do not add up are the till's mistake, whatever the program looks at and
// whatever is asked for: the field is named, nothing has happened, and the same scan is
// good for the purchase as it really was.
func TestLinesThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	program := newProgram(t, a, apitest.Map{"template": "shoe-shop"})
	card := a.NewCard(t, shop, program).ID
	guest := a.NewCard(t, shop, newProgram(t, a, apitest.Map{"template": "restaurant"})).ID
	spender := a.NewCard(t, shop, shop.Points).ID
	full := apitest.Read[gen.Scan](t, a.Do(t, earnAtOnce(t, a, card, pairs("full", 5)))).Card.Vouchers[0].ID

	beyond := with(bought("r1", 1000), "items", []any{piece("soap", 700), piece("soap", 400), piece("soap", 100)})
	below := with(bought("r1", 1000), "items", []any{piece("soap", 700), piece("soap", 200)})
	nothing := with(bought("r1", 1000), "items", []any{piece("soap", 1000), with(piece("soap", 0), "quantity", 0)})
	right := with(bought("r1", 1000), "items", []any{piece("soap", 1100), with(piece("discount", -100), "quantity", 0)})
	for name, ask := range map[string]struct {
		card  loyalty.CardID
		path  string
		under string // field of the body
		more  apitest.Map
	}{
		"earn by spend":  {card: spender, path: "/v1/scans/earn"},
		"earn by pieces": {card: card, path: "/v1/scans/earn"},
		"grant":          {card: guest, path: "/v1/scans/grant"},
		"redeem":         {card: card, path: "/v1/scans/redeem", more: apitest.Map{"voucher": full}},
		"scan":           {card: spender, path: "/v1/scans", under: "earn."},
		"slip":           {card: spender, path: "/v1/claims", more: apitest.Map{"program": shop.Points.ID}},
		"simulation":     {card: spender, path: "/v1/programs/" + shop.Points.ID.String() + "/simulations"},
	} {
		before := a.GetCard(t, shop, ask.card)
		key, scan, token := apitest.Key(), "", shop.Front.Token
		switch {
		case name == "simulation":
			key, token = "", shop.Admin
		case name == "scan":
			scan = a.Token(t, shop, ask.card)
		case name != "slip":
			scan = a.Look(t, shop, shop.Front, ask.card).Scan
		}
		call := func(purchase apitest.Map) apitest.Call {
			body := apitest.Map{"purchase": purchase}
			for field, value := range ask.more {
				body[field] = value
			}
			switch {
			case name == "scan":
				body = apitest.Map{"credential": scan, "earn": body}
			case scan != "":
				body["scan"] = scan
			}
			return apitest.Call{Path: ask.path, Token: token, Key: key, Body: body}
		}
		for _, wrong := range []struct {
			purchase    apitest.Map
			field, says string
		}{
			{beyond, "purchase.items[1].amount", "lines add up to 1200, and its total is 1000, in minor units. Line 2 goes beyond it."},
			{below, "purchase.total", "lines add up to 900, and its total is 1000"},
			{nothing, "purchase.items[1].quantity", "Line 2 of the purchase: the quantity is 0"},
		} {
			p := a.Refused(t, call(wrong.purchase), gen.ProblemCodePurchaseInvalid)
			if p.Field != ask.under+wrong.field || !strings.Contains(p.Detail, wrong.says) {
				t.Errorf("%s: %s: %s", name, p.Field, p.Detail)
			}
		}
		if after := a.GetCard(t, shop, ask.card); after.Balance != before.Balance || len(after.Vouchers) != len(before.Vouchers) {
			t.Errorf("%s: %+v before, %+v after", name, before, after)
		}
		a.Do(t, call(with(right, "ref", name)))
	}
}

// earnAtOnce shows the card and earns on a purchase.
func earnAtOnce(t *testing.T, a *apitest.API, card loyalty.CardID, purchase apitest.Map) apitest.Call {
	t.Helper()
	return apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})
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
