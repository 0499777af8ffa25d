package api_test

import (
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// trying simulates by one program.
type trying struct {
	*apitest.API
	program apitest.Program
}

func try(t *testing.T, program apitest.Map) trying {
	t.Helper()
	a := apitest.Boot(t)
	return trying{a, newProgram(t, a, program)}
}

func (s trying) call(body apitest.Map) apitest.Call {
	return apitest.Call{Path: "/v1/programs/" + s.program.ID.String() + "/simulations", Token: s.Shop.Admin, Body: body}
}

func (s trying) out(t *testing.T, body apitest.Map) gen.Simulation {
	t.Helper()
	return apitest.Read[gen.Simulation](t, s.Do(t, s.call(body)))
}

func bill(total int64) apitest.Map {
	return apitest.Map{"ref": "4711", "total": total, "currency": "EUR"}
}

// What a discount card would take off a bill, why, and what the next step needs: of
// cards that are described, and as the till then does it on a real one.
func TestSimulateDiscounts(t *testing.T) {
	t.Parallel()
	s := try(t, apitest.Map{"template": "restaurant"})
	got := s.out(t, apitest.Map{"purchase": bill(5000)})
	if g := got.Grant; g == nil || g.Rate != 300 || g.From == nil || *g.From != 0 || g.Tier != "" || g.Off != 150 || g.Pay != 4850 || g.Currency != "EUR" {
		t.Fatalf("a new card: %+v", got)
	}
	if d := got.Discount; d.Spent != 4850 || d.Rate != 300 || d.Next.Rate != 500 || d.Next.Missing != 20_000-4850 {
		t.Errorf("and then: %+v", d)
	}
	if e := got.Entries; len(e) != 1 || e[0].Kind != "grant" || e[0].Rate != 300 || e[0].Discount != 150 || e[0].Spend != 4850 || *got.Balance != 0 || len(got.Why) != 0 {
		t.Errorf("posted: %+v", got)
	}

	got = s.out(t, apitest.Map{"purchase": bill(10_000), "state": apitest.Map{"spent": 95_000, "spent_in_period": 45_000}})
	if g := got.Grant; g.Rate != 500 || *g.From != 20_000 || g.Off != 500 || got.Tier.Name != "Regular" || got.Tier.Counted != 54_500 || got.Discount.Rate != 1000 {
		t.Errorf("a regular: %+v, then %+v, %+v", g, got.Discount, got.Tier)
	}
	// A reward has paid all: what the till would be told is the answer.
	paid := bill(5000)
	paid["paid_with_reward"] = 5000
	if got := s.out(t, apitest.Map{"purchase": paid}); got.Refused == nil || got.Refused.Code != gen.ProblemCodeNothingToEarn || got.Grant != nil || got.Discount != nil {
		t.Errorf("nothing to pay: %+v", got)
	}
	if got := s.out(t, apitest.Map{"action": "earn", "purchase": bill(5000)}); got.Refused == nil || got.Refused.Code != gen.ProblemCodeActionNotOffered {
		t.Errorf("an earn: %+v", got)
	}
	if got := s.out(t, apitest.Map{}); got.Refused == nil || got.Refused.Code != gen.ProblemCodePurchaseRequired {
		t.Errorf("without a purchase: %+v", got)
	}

	// The till does the same.
	card := s.NewCard(t, s.Shop, s.program)
	for _, total := range []int64{21_000, 12_345, 40_000} {
		want := s.out(t, apitest.Map{"card": card.ID, "purchase": bill(total), "location": s.Shop.At})
		scan := s.Look(t, s.Shop, s.Shop.Front, card.ID)
		done := s.Post(t, apitest.Grant(s.Shop.Front, scan.Scan, apitest.Key(), total, nil))
		e := done.Entries[0]
		if e.Discount != want.Grant.Off || e.Rate != want.Grant.Rate || e.Spend != want.Entries[0].Spend || done.Card.Discount.Spent != want.Discount.Spent {
			t.Errorf("of %d the till took %+v, simulated %+v", total, e, want.Grant)
		}
	}
}

// Which of both gives the percentage, a step or a tier.
func TestSimulationsNameStepOrTier(t *testing.T) {
	t.Parallel()
	s := try(t, apitest.Map{"rules": discountRules()})
	gold := s.out(t, apitest.Map{"purchase": bill(1000), "state": apitest.Map{"tier": "Gold"}})
	if g := gold.Grant; g.Rate != 2000 || g.Tier != "Gold" || g.From != nil || g.Off != 200 || gold.Tier.Name != "Gold" {
		t.Errorf("by its tier: %+v", g)
	}
	kept := s.out(t, apitest.Map{"purchase": bill(1000), "local_time": "2026-11-20T18:00", "state": apitest.Map{"tier": "Gold", "spent": 60_000, "spent_in_period": 20}})
	if kept.Grant == nil || kept.Grant.Rate != 2000 || kept.Tier.Name != "Gold" || kept.Tier.Counted > 2000 {
		t.Errorf("a tier that is kept: %+v", kept)
	}
	for field, state := range map[string]apitest.Map{
		"state.tier":            {"tier": "Platinum"},
		"state.spent":           {"spent": -1},
		"state.spent_in_period": {"spent_in_period": -1},
		"state.tags":            {"tags": []any{"Parents"}},
		"state.audience":        {"audience": "aliens"},
	} {
		if got := s.Refused(t, s.call(apitest.Map{"purchase": bill(1000), "state": state}), gen.ProblemCodeInvalidField); got.Field != field {
			t.Errorf("%s: %s: %s", field, got.Field, got.Detail)
		}
	}
	contradicts := apitest.Map{"tier": "Gold", "spent": 100}
	if got := s.Refused(t, s.call(apitest.Map{"purchase": bill(1000), "state": contradicts}), gen.ProblemCodeInvalidField); got.Field != "state.tier" {
		t.Errorf("%s: %s", got.Field, got.Detail)
	}
	for _, body := range []apitest.Map{
		{"units": 1}, {"action": "sing"}, {"local_time": "16:30"}, {"local_time": "2026-12-24T16:30", "at": "2026-12-24T16:30:00Z"}, {"local_time": "1999-12-24T16:30"},
	} {
		s.Refused(t, s.call(body), gen.ProblemCodeInvalidField)
	}
}

// Rules that ask who it is, when and for which time are tried with whom, when and how
// often one likes, and the answer says which gave what.
func TestSimulateWhoWhenAndHowOften(t *testing.T) {
	t.Parallel()
	rules := apitest.Map{
		"name": "Points", "kind": "points", "earn": apitest.Map{
			"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down",
			"bonuses": []any{
				apitest.Map{"name": "Parents", "when": `"parents" in card.tags`, "units": 5},
				apitest.Map{"name": "First visit", "when": "card.visit == 1", "units": 10},
				apitest.Map{"name": "Tenth visit", "when": "card.visit % 10 == 0", "units": 20},
				apitest.Map{"name": "Happy hour", "when": `now.time >= "16:00" && now.time < "18:00"`, "units": 3},
				apitest.Map{"name": "Gold", "when": `card.tier == "Gold"`, "units": 7},
				apitest.Map{"name": "Odd", "when": "10 / card.balance > 100", "units": 1},
			},
		},
		"tiers": apitest.Map{
			"by": "spend", "currency": "EUR", "over": "year", "fall": "earned", "rounding": "down",
			"levels": []any{apitest.Map{"name": "Gold", "from": 50_000, "multiplier": 2000, "rate": 1000}},
		},
	}
	s := try(t, apitest.Map{"rules": rules})
	for _, tt := range []struct {
		body apitest.Map
		want string
	}{
		{apitest.Map{"state": apitest.Map{"visits": 3, "balance": 1}}, "base"},
		{apitest.Map{"state": apitest.Map{"balance": 1}}, "base, First visit bonus"},
		{apitest.Map{"state": apitest.Map{"visits": 3}}, "base, Odd failed at 1:4: it divides by zero"},
		{apitest.Map{"state": apitest.Map{"visits": 9, "balance": 1, "tags": []any{"vip", "parents"}}}, "base, Parents bonus, Tenth visit bonus"},
		{apitest.Map{"local_time": "2026-12-24T17:59", "location": s.Shop.At, "state": apitest.Map{"visits": 1, "balance": 1}}, "base, Happy hour bonus"},
		{apitest.Map{"at": "2026-12-24T17:59:00Z", "location": s.Shop.At, "state": apitest.Map{"visits": 1, "balance": 1}}, "base"},
		{apitest.Map{"state": apitest.Map{"visits": 1, "balance": 1, "tier": "Gold"}}, "base, Gold bonus, Gold tier"},
		{apitest.Map{"state": apitest.Map{"visits": 1, "balance": 1, "spent": 50_000}}, "base, Gold bonus, Gold tier"},
		{apitest.Map{"state": apitest.Map{"visits": 1, "balance": 1, "spent": 50_000, "spent_in_period": 0}}, "base"},
	} {
		tt.body["purchase"] = bill(1000)
		if tt.body["at"] == nil && tt.body["local_time"] == nil {
			tt.body["local_time"] = "2026-12-24T10:00"
		}
		got := s.out(t, tt.body)
		if reasons(got.Why) != tt.want {
			t.Errorf("%v: %s, want %s", tt.body, reasons(got.Why), tt.want)
		}
		var sum int64
		for _, r := range got.Why {
			sum += r.Units
		}
		if sum != got.Entries[0].Units {
			t.Errorf("%v: reasons of %d for %d", tt.body, sum, got.Entries[0].Units)
		}
	}
	// Its tier also takes something off.
	off := s.out(t, apitest.Map{"action": "grant", "purchase": bill(1000), "state": apitest.Map{"tier": "Gold"}})
	if off.Grant == nil || off.Grant.Off != 100 || off.Grant.Tier != "Gold" || off.Discount.Rate != 1000 {
		t.Errorf("%+v", off)
	}
}

// Whom a program is for is held where something is said of the holder.
func TestSimulateForWhom(t *testing.T) {
	t.Parallel()
	rules := discountRules()
	delete(rules, "policies")
	rules["only"] = apitest.Map{"audiences": []any{"employee"}}
	s := try(t, apitest.Map{"rules": rules})
	own := s.NewAgreement(t, s.Shop, apitest.Map{"name": "Our own", "kind": "own"})
	company := s.NewAgreement(t, s.Shop, apitest.Map{"name": "Harbour Works"})
	for _, tt := range []struct {
		state   apitest.Map
		refused bool
	}{
		{apitest.Map{}, false},
		{apitest.Map{"audience": "employee"}, false},
		{apitest.Map{"agreement": own}, false},
		{apitest.Map{"audience": "customer"}, true},
		{apitest.Map{"tags": []any{"parents"}}, true},
		{apitest.Map{"agreement": company}, true},
	} {
		got := s.out(t, apitest.Map{"purchase": bill(1000), "state": tt.state})
		if (got.Refused != nil) != tt.refused || tt.refused && got.Refused.Code != gen.ProblemCodeNotEligible {
			t.Errorf("%v: %+v", tt.state, got.Refused)
		}
	}
	s.Refused(t, s.call(apitest.Map{"purchase": bill(1), "state": apitest.Map{"agreement": "agreement_01m3c9x2v7e8f0wtn6z5c1q9k4"}}), gen.ProblemCodeAgreementNotFound)
	if got := s.Refused(t, s.call(apitest.Map{"purchase": bill(1), "state": apitest.Map{"agreement": company, "audience": "employee"}}), gen.ProblemCodeInvalidField); got.Field != "state.audience" {
		t.Errorf("%+v", got)
	}
}
