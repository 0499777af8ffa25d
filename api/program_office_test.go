package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// office is a request of a shop's admin key.
func office(shop *apitest.Shop, method, path string, body any) apitest.Call {
	c := apitest.Call{Method: method, Path: path, Token: shop.Admin, Body: body}
	if method != http.MethodGet {
		c.Key = apitest.Key()
	}
	return c
}

// A shop takes the café template, runs it, prepares another reward, and publishes
// that: the draft changed nothing, and the old card goes on under the new rules.
func TestShopChangesItsProgram(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		shop, other := a.Shop, a.Beside(t)
		made := apitest.Read[gen.Program](t, a.Do(t, office(shop, "POST", "/v1/programs", apitest.Map{"template": "cafe", "name": "Corner"})))
		if made.Version != 1 || made.State != gen.ProgramStatePublished || made.Name != "Corner" || made.CardSize != 10 {
			t.Fatalf("made %+v", made)
		}
		path := "/v1/programs/" + made.ID.String()
		card := a.NewCard(t, shop, apitest.Program{ID: made.ID}).ID
		a.Stamp(t, shop, shop.Front, card, 3)

		versions := apitest.Read[gen.VersionPage](t, a.Do(t, office(shop, "GET", path+"/versions", nil)))
		rules := versions.Versions[0].Rules
		rules.CardSize, rules.CardReward = 6, "A slice of cake"
		rules.Rewards = append(rules.Rewards, gen.RewardRule{Name: "A slice of cake"})
		save := office(shop, "PUT", path+"/draft", apitest.Map{"based_on": 1, "rules": rules})
		draft := apitest.Read[gen.Draft](t, a.Do(t, save))
		a.Refused(t, office(shop, "PUT", path+"/draft", apitest.Map{"based_on": 1, "rules": rules}), gen.ProblemCodeProgramChanged)
		if draft.Rules.CardReward != draft.Rules.Rewards[2].ID.String() || draft.Rules.Rewards[0].ID != made.Rewards[0].ID {
			t.Errorf("rewards of the draft: %+v", draft.Rules)
		}
		if got := a.GetCard(t, shop, card); got.Progress.CardSize != 10 {
			t.Errorf("a draft has changed the card: %+v", got.Progress)
		}
		published := apitest.Read[gen.Program](t, a.Do(t, office(shop, "POST", path+"/publish", apitest.Map{"revision": draft.Revision})))
		if published.Version != 2 || published.CardSize != 6 {
			t.Fatalf("published %+v", published)
		}
		a.Refused(t, office(shop, "GET", path+"/draft", nil), gen.ProblemCodeDraftNotFound)
		a.Clock.Advance(time.Hour)
		filled := other.Stamp(t, shop, shop.Front, card, 2) // one to begin with, and three before
		if filled.Card.Balance != 0 || filled.Entries[0].Version != 2 ||
			!slices.ContainsFunc(filled.Card.Vouchers, func(v gen.Voucher) bool { return v.Name == "A slice of cake" }) {
			t.Errorf("under the new rules: %+v", filled)
		}
		wrong := draft.Rules
		wrong.Kind, wrong.CardSize, wrong.CardReward, wrong.Milestones = "points", 0, "", nil
		refused := a.Refused(t, office(shop, "PUT", path+"/draft", apitest.Map{"based_on": 2, "rules": wrong}), gen.ProblemCodeInvalidField)
		if refused.Field != "rules.kind" {
			t.Errorf("another kind: %+v", refused)
		}
	})
}

// A table of discounts or tiers that is out of order is told with its line and field.
func TestMistakesInStandings(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	line := func(r apitest.Map, rule, table string, i int) apitest.Map {
		return r[rule].(apitest.Map)[table].([]any)[i].(apitest.Map)
	}
	for field, change := range map[string]func(apitest.Map){
		"rules.discount.steps[1].from":       func(r apitest.Map) { line(r, "discount", "steps", 1)["from"] = 0 },
		"rules.discount.steps[1].rate":       func(r apitest.Map) { line(r, "discount", "steps", 1)["rate"] = 400 },
		"rules.discount.over":                func(r apitest.Map) { r["discount"].(apitest.Map)["over"] = "fortnight" },
		"rules.tiers.currency":               func(r apitest.Map) { r["tiers"].(apitest.Map)["currency"] = "PLN" },
		"rules.tiers.levels[0].multiplier":   func(r apitest.Map) { line(r, "tiers", "levels", 0)["multiplier"] = 2000 },
		"rules.tiers.keep_months":            func(r apitest.Map) { r["tiers"].(apitest.Map)["grace_months"] = 13 },
		"rules.earn":                         func(r apitest.Map) { r["earn"].(apitest.Map)["by"] = "units" },
		"rules.card_size":                    func(r apitest.Map) { r["card_size"] = 10 },
		"rules.policies[0].cooldown_seconds": func(r apitest.Map) { r["policies"].([]any)[0].(apitest.Map)["cooldown_seconds"] = 5 },
	} {
		rules := discountRules()
		change(rules)
		p := a.Refused(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"rules": rules}), gen.ProblemCodeInvalidField)
		if p.Field != field {
			t.Errorf("%s: told of %s", field, p.Field)
		}
	}
}

// Every template is good as rules of one's own.
func TestTemplatesAreRules(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	list := apitest.Read[gen.TemplateList](t, a.Do(t, office(a.Shop, "GET", "/v1/templates", nil)))
	var names []string
	for _, template := range list.Templates {
		names = append(names, template.Name)
		made := apitest.Read[gen.Program](t, a.Do(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"rules": template.Rules})))
		if made.Template != template.Name || len(made.Rewards) != len(template.Rules.Rewards) {
			t.Errorf("%s became %+v", template.Name, made)
		}
		a.NewCard(t, a.Shop, apitest.Program{ID: made.ID})
	}
	if want := []string{"ice-cream", "car-wash", "cafe", "pharmacy", "supermarket", "restaurant", "coalition"}; !slices.Equal(names, want) {
		t.Errorf("templates %v", names)
	}
}

// A mistake in rules is told with the path of its field.
func TestMistakesInRules(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	rival := a.Rival.Points.Rewards[0]
	for field, change := range map[string]func(apitest.Map){
		"rules.card_size":            func(r apitest.Map) { r["card_size"] = 0 },
		"rules.card_reward":          func(r apitest.Map) { r["card_reward"] = "Nothing of the kind" },
		"rules.milestones[0].at":     func(r apitest.Map) { r["milestones"].([]any)[0].(apitest.Map)["at"] = 10 },
		"rules.milestones[0].reward": func(r apitest.Map) { r["milestones"].([]any)[0].(apitest.Map)["reward"] = "?" },
		"rules.rewards[0].cost":      func(r apitest.Map) { r["rewards"].([]any)[0].(apitest.Map)["cost"] = 1 },
		"rules.rewards[0].id":        func(r apitest.Map) { r["rewards"].([]any)[0].(apitest.Map)["id"] = rival },
		"rules.earn.per_visit":       func(r apitest.Map) { r["earn"].(apitest.Map)["per_visit"] = 0 },
		"rules.earn.by":              func(r apitest.Map) { r["earn"].(apitest.Map)["currency"] = "EUR" },
		"rules.ends_at":              func(r apitest.Map) { r["starts_at"], r["ends_at"] = "2026-05-01T00:00:00Z", "2026-04-01T00:00:00Z" },
		"rules.starts_at":            func(r apitest.Map) { r["starts_at"] = "0001-01-01T00:00:00Z" },
		"rules.allow_negative":       func(r apitest.Map) { r["allow_negative"] = true },
	} {
		rules := stampRules()
		change(rules)
		p := a.Refused(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"rules": rules}), gen.ProblemCodeInvalidField)
		if p.Field != field {
			t.Errorf("%s: told of %s", field, p.Field)
		}
	}
}

// An archived program gives no cards and no units, hands out what was earned, and
// stands in the list only on request.
func TestArchivedProgram(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	path := "/v1/programs/" + shop.Stamps.ID.String()
	card := a.NewCard(t, shop, shop.Stamps).ID
	a.Stamp(t, shop, shop.Front, card, 11)
	for range 2 {
		archived := apitest.Read[gen.Program](t, a.Do(t, office(shop, "POST", path+"/archive", nil)))
		if archived.State != gen.ProgramStateArchived || archived.Version != 2 {
			t.Fatalf("archived: %+v", archived)
		}
	}
	open := apitest.Call{Path: "/v1/cards", Token: shop.App, Body: apitest.Map{"program": shop.Stamps.ID}}
	a.Refused(t, open, gen.ProblemCodeProgramEnded)
	a.Refused(t, apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Units(1)), gen.ProblemCodeProgramEnded)
	scan := a.Look(t, shop, shop.Front, card)
	a.Post(t, apitest.Redeem(shop.Front, scan.Scan, apitest.Map{"reward": shop.Stamps.Rewards[0]}))
	listed := func(query string) bool {
		list := apitest.Read[gen.ProgramList](t, a.Do(t, office(shop, "GET", "/v1/programs"+query, nil)))
		return slices.ContainsFunc(list.Programs, func(p gen.Program) bool { return p.ID == shop.Stamps.ID })
	}
	if listed("") || !listed("?state=archived") || listed("?state=draft") {
		t.Error("an archived program stands in the wrong list")
	}
	a.Do(t, office(shop, "POST", path+"/restore", nil))
	a.NewCard(t, shop, shop.Stamps)
	a.Stamp(t, shop, shop.Front, card, 1)
}

// A draft that was never published is seen by nobody who could use it.
func TestUnpublishedProgram(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	made := apitest.Read[gen.Program](t, a.Do(t, office(shop, "POST", "/v1/programs", apitest.Map{"template": "cafe", "draft": true})))
	if made.Version != 0 || made.State != gen.ProgramStateDraft {
		t.Fatalf("made %+v", made)
	}
	open := apitest.Call{Path: "/v1/cards", Token: shop.App, Body: apitest.Map{"program": made.ID}}
	a.Refused(t, open, gen.ProblemCodeProgramNotFound)
	path := "/v1/programs/" + made.ID.String()
	a.Refused(t, office(shop, "POST", path+"/archive", nil), gen.ProblemCodeProgramNotFound)
	if published := apitest.Read[gen.Program](t, a.Do(t, office(shop, "POST", path+"/publish", nil))); published.Version != 1 {
		t.Errorf("published %+v", published)
	}
	a.NewCard(t, shop, apitest.Program{ID: made.ID})
}

// Lists of programs come in pages, in each state.
func TestProgramsInPages(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for range 3 {
		a.Do(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"template": "cafe", "draft": true}))
	}
	for _, state := range []string{"published", "draft"} {
		list := func(query string) gen.ProgramList {
			t.Helper()
			return apitest.Read[gen.ProgramList](t, a.Do(t, office(a.Shop, "GET", "/v1/programs?state="+state+query, nil)))
		}
		whole := list("")
		if len(whole.Programs) < 2 || whole.Next != "" {
			t.Fatalf("%s: %d programs, next %q", state, len(whole.Programs), whole.Next)
		}
		var ids []loyalty.ProgramID
		for next := ""; ; {
			page := list("&limit=1" + next)
			for _, p := range page.Programs {
				ids = append(ids, p.ID)
			}
			if page.Next == "" {
				break
			}
			next = "&after=" + page.Next
		}
		if !slices.EqualFunc(whole.Programs, ids, func(p gen.Program, id loyalty.ProgramID) bool { return p.ID == id }) {
			t.Errorf("%s in pages: %v", state, ids)
		}
	}
	a.Refused(t, office(a.Shop, "GET", "/v1/programs?after=x", nil), gen.ProblemCodeInvalidField)
}
