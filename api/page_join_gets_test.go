package api_test

import (
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// The join page says what a card gives at once, and what each reward costs.
func TestJoinPageSaysWhatOneGets(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	parents, restaurant := w.NewProgram(t, w.Shop, "parents"), w.NewProgram(t, w.Shop, "restaurant")
	for door, want := range map[string][]string{
		w.staffDoor() + "?lang=en":                     {"<li>10\u00a0% off</li></ul>", "Who it is for</h2><ul><li>People who work for ", "<li>People who work for a partner of "},
		"/join/" + restaurant.ID.String() + "?lang=en": {"<li>3\u00a0% off</li><li>", "5\u00a0% off once you have spent €200</li><li>", "Regular, once you have spent €300 – "},
		"/join/" + parents.ID.String() + "?lang=en":    {"80 points: A picture book", "150 points: A pack of nappies", "<li>Members whom "},
	} {
		_, text := w.ask(t, door, nil)
		for _, line := range want {
			if !strings.Contains(strings.ReplaceAll(text, "\u202f", "\u00a0"), line) {
				t.Errorf("%s says no %q: %s", door, line, text)
			}
		}
	}
}

// A sheet on the wall is read by everybody: of a program for some it promises nothing.
func TestPosterOfAProgramForSome(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	for door, promises := range map[string]bool{
		"/join/" + w.NewProgram(t, w.Shop, "parents").ID.String():     false,
		"/join/" + w.NewProgram(t, w.Shop, "supermarket").ID.String(): true,
	} {
		if _, svg := w.ask(t, door+"/poster.svg?lang=en", nil); strings.Contains(svg, "points") != promises {
			t.Errorf("%s promises something: %t", door, !promises)
		}
	}
}

// It begins with what a card begins with and how one earns, then come the rewards, then
// the tiers; all thresholds are told in one way.
func TestJoinPageIsInOrder(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	level := func(name string, from int) apitest.Map { return apitest.Map{"name": name, "from": from, "rate": 300} }
	rules := apitest.Map{
		"name": "Order", "kind": "points", "welcome": 20,
		"earn": apitest.Map{"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down", "minimum": 500},
		"tiers": apitest.Map{
			"by": "spend", "currency": "EUR", "over": "year", "fall": "step", "keep_months": 12, "rounding": "down",
			"levels": []any{level("Silver", 20_000), level("Gold", 50_000)},
		},
		"rewards": []any{
			apitest.Map{"name": "Beans", "cost": 50},
			apitest.Map{"name": "A pan", "cost": 80},
			apitest.Map{"name": "Money", "kind": "amount_off", "currency": "EUR", "flexible": apitest.Map{"units": 1, "per": 10, "min": 50}},
		},
	}
	program := apitest.Read[gen.Program](t, w.Do(t, apitest.Call{Path: "/v1/programs", Token: w.Shop.Admin, Body: apitest.Map{"rules": rules}}))
	cafe := w.NewProgram(t, w.Shop, "cafe")
	for door, want := range map[string]string{
		program.ID.String() + "?lang=en": "20 points to begin with|1 point for each €1 that you spend, on purchases of €5 or more|50 points: Beans|80 points: A pan|Money: 1 point for each €0.10|" +
			"Silver, once you have spent €200 – 3 % off|Gold, once you have spent €500 – 3 % off",
		program.ID.String() + "?lang=pl": "20 punktów na początek|1 punkt za każde wydane 1 €, przy zakupach od 5 €|50 punktów: Beans|80 punktów: A pan|Money: 1 punkt za każde 0,10 €|" +
			"Silver, po wydaniu 200 € – 3 % rabatu|Gold, po wydaniu 500 € – 3 % rabatu",
		program.ID.String() + "?lang=ro": "20 de puncte la început|1 punct pentru fiecare 1 € cheltuit, la cumpărături de cel puțin 5 €|50 de puncte: Beans|80 de puncte: A pan|Money: 1 punct pentru fiecare 0,10 €|" +
			"Silver, după ce ai cheltuit 200 € – 3 % reducere|Gold, după ce ai cheltuit 500 € – 3 % reducere",
		cafe.ID.String() + "?lang=en":                                  "1 stamp to begin with|5 stamps: A cookie with your coffee|10 stamps: One free coffee",
		w.NewProgram(t, w.Shop, "fuel").ID.String() + "?lang=en":       "1 point for each €2 that you spend|150 points: A coffee|500 points: A car wash|1000 points: 10 euro off|Silver, once you have collected 1000 points|Gold, once you have collected 3000 points – A car wash each month",
		w.NewProgram(t, w.Shop, "restaurant").ID.String() + "?lang=en": "3 % off|5 % off once you have spent €200|10 % off once you have spent €500|15 % off once you have spent €1,000|Regular, once you have spent €300 – ",
	} {
		_, text := w.ask(t, "/join/"+door, nil)
		text = strings.NewReplacer("</li><li>", "|", "\u00a0", " ", "\u202f", " ").Replace(text)
		if !strings.Contains(text, "<ul><li>"+want) {
			t.Errorf("%s: no %q in %s", door, want, text)
		}
	}
}
