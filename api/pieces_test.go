package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Pieces of valid requests that take a request to get.

// pairingCode is a fresh one.
func (s *site) pairingCode(t *testing.T, till loyalty.TillID) string {
	t.Helper()
	c := apitest.Call{Path: "/v1/tills/" + till.String() + "/pairing", Token: s.Shop.Admin}
	return apitest.Read[gen.Pairing](t, s.Do(t, c)).Code
}

// pair pairs a device with a till.
func (s *site) pair(t *testing.T, till loyalty.TillID) gen.PairedTill {
	t.Helper()
	c := apitest.Call{Path: "/v1/pairings", For: s.Shop, Body: apitest.Map{"code": s.pairingCode(t, till)}}
	paired := apitest.Read[gen.PairedTill](t, s.Do(t, c))
	s.Shop.Trust(paired.Token)
	return paired
}

// draft is the program's draft; there is one afterwards.
func (s *site) draft(t *testing.T) gen.Draft {
	t.Helper()
	get := apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + s.program.String() + "/draft", Token: s.Shop.Admin}
	if found := s.Do(t, get); found.Status == http.StatusOK {
		return apitest.Read[gen.Draft](t, found)
	}
	put := get
	put.Method, put.Body = http.MethodPut, s.draftRequest(t, pointRules())
	return apitest.Read[gen.Draft](t, s.Do(t, put))
}

// draftRequest replaces the program's draft as it stands.
func (s *site) draftRequest(t *testing.T, rules apitest.Map) apitest.Map {
	t.Helper()
	program := apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + s.program.String(), Token: s.Shop.Admin}
	body := apitest.Map{"rules": rules, "based_on": apitest.Read[gen.Program](t, s.Do(t, program)).Version, "revision": 0}
	program.Path += "/draft"
	if found := s.Do(t, program); found.Status == http.StatusOK {
		body["revision"] = apitest.Read[gen.Draft](t, found).Revision
	}
	return body
}

// worthRewards are rewards that are worth money, of all kinds.
func worthRewards() [][]any {
	lines := apitest.Map{"categories": []any{"shoes"}, "skus": []any{"boot"}}
	return [][]any{
		{apitest.Map{
			"name": "A tenth off the shoes", "cost": 5, "kind": "percent_off", "rate": 1000, "rounding": "down", "most": 2000, "currency": "EUR",
			"lines": lines, "from": "2026-01-01T00:00:00Z", "until": "2090-01-01T00:00:00Z",
		}},
		{apitest.Map{"name": "Points as money", "kind": "amount_off", "currency": "EUR", "flexible": apitest.Map{"units": 1, "per": 5, "min": 10, "max": 500}}},
		{apitest.Map{"name": "A code", "cost": 9, "kind": "code", "codes_low": 4}},
		{apitest.Map{"name": "A gift card", "cost": 50, "kind": "gift_card", "amount": 1000, "currency": "EUR"}},
	}
}

// pointRules say all that rules of a points card can, stampRules the rest, with a
// key of their own each time.
func pointRules() apitest.Map {
	return apitest.Map{
		"template": "supermarket", "name": "Points", "kind": "points", "allow_negative": true, "invitation_only": true, "shows_name": true, "welcome": 1, "units_last_days": 30,
		"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2028-01-01T01:00:00+01:00",
		"earn": apitest.Map{
			"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "half_up", "minimum": 50, "cooldown_seconds": 1,
			"static_cooldown_seconds": 2, "daily_cap": 1000, "per_scan": 500, "handle_seconds": 60, "manager_override": true, "purchase_cap": 900, "monthly_cap": 5000, "forget_items": true,
			"exclude": apitest.Map{"categories": []any{"gift card"}, "skus": []any{"7"}},
			"bonuses": bonuses(),
		},
		"counter": apitest.Map{"enabled": false, "approval": "none", "units": 0, "cooldown_seconds": 60},
		"tiers": apitest.Map{
			"by": "spend", "currency": "EUR", "over": "months", "months": 6, "keep_months": 1, "fall": "earned", "rounding": "up",
			"levels": []any{apitest.Map{"name": "Silver", "from": 10_000, "multiplier": 1500}},
		},
		"policies":  []any{apitest.Map{"method": "static", "action": "earn", "refused": true, "cooldown_seconds": 5, "needs": "cashier"}},
		"only":      apitest.Map{"audiences": []any{"customer", "employee", "partner"}},
		"coalition": apitest.Map{"units": 1, "value": 3, "currency": "EUR", "zone": "Europe/Warsaw"},
		"lots":      apitest.Map{"pending_days": 1, "expires": "year_end", "after": 1, "remind_days": 30},
		"rewards":   []any{apitest.Map{"name": "A bag", "cost": 5, "limited": true, "per_card": 2, "per_member": 3, "valid_days": 3, "only": apitest.Map{"tags": []any{"vip"}, "tier": "Silver"}, "codes_low": 0}},
	}
}

// bonuses are one that gives in each of the ways that there are.
func bonuses() []any {
	return []any{
		apitest.Map{"name": "Happy hour", "when": "now.hour == 16", "multiplier": 2000},
		apitest.Map{"name": "Hello", "when": "card.visit == 1", "units": 10},
		apitest.Map{"name": "Ice", "lines": apitest.Map{"categories": []any{"ice"}, "skus": []any{"1"}, "units": 1, "per": 100, "of": "amount"}},
	}
}

func stampRules() apitest.Map {
	return apitest.Map{
		"key": strings.ToLower(apitest.Key()), "name": "Stamps", "kind": "stamps", "earn": apitest.Map{"by": "visit", "per_visit": 1},
		"card_size": 10, "card_reward": "A cone", "milestones": []any{apitest.Map{"at": 5, "reward": "A cone"}},
		"rewards": []any{apitest.Map{"key": "cone", "name": "A cone"}},
	}
}

// counterRules pay for taps at the counter.
func counterRules() apitest.Map {
	return apitest.Map{
		"name": "Counter", "kind": "stamps", "earn": apitest.Map{"by": "units"}, "card_size": 10, "card_reward": "A cone",
		"rewards": []any{apitest.Map{"name": "A cone"}},
		"counter": apitest.Map{"enabled": true, "approval": "till", "units": 2, "cooldown_seconds": 3600},
	}
}

// discountRules say what neither of them can.
func discountRules() apitest.Map {
	return apitest.Map{
		"name": "Discount", "kind": "discount", "earn": apitest.Map{"handle_seconds": 60},
		"discount": apitest.Map{
			"over": "months", "months": 12, "currency": "EUR", "rounding": "half_up",
			"steps": []any{apitest.Map{"from": 0, "rate": 500}, apitest.Map{"from": 10_000, "rate": 1000}},
		},
		"tiers": apitest.Map{
			"by": "spend", "currency": "EUR", "over": "year", "keep_months": 12, "grace_months": 1, "fall": "step", "rounding": "down",
			"levels": []any{apitest.Map{"name": "Gold", "from": 50_000, "rate": 2000, "perks": []any{"A table"}}},
		},
		"policies": []any{apitest.Map{"method": "static", "action": "grant", "refused": true}},
	}
}

// googleEvent is a callback about the card's pass, as its body says.
func (s *site) googleEvent(t *testing.T, event string) (body apitest.Map) {
	t.Helper()
	if err := json.Unmarshal(s.Google.Callback(s.googlePass, event), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// movedRow is a card and its member with all that a row can say.
func (s *site) movedRow() apitest.Map {
	row := s.NewPerson()
	delete(row, "region")
	row["ref"], row["balance"], row["since"] = apitest.Key(), 7, "2024-05-31"
	row["consent"], row["consented_at"] = "marketing_email", "2024-05-31T12:00:00Z"
	row["wording"], row["wording_version"] = "Yes, write to me.", "2026-03"
	return row
}

// counted is how many of the reward are left; they were counted before.
func (s *site) counted(t *testing.T) int64 {
	t.Helper()
	stock := apitest.Call{Method: http.MethodGet, Path: "/v1/rewards/" + s.reward.String() + "/stock", Token: s.Shop.Admin}
	found := apitest.Read[gen.Stock](t, s.Do(t, stock))
	if found.Remaining == nil {
		stock.Method, stock.Body = http.MethodPut, apitest.Map{"remaining": 3}
		found = apitest.Read[gen.Stock](t, s.Do(t, stock))
	}
	return *found.Remaining
}
