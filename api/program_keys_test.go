package api_test

import (
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// A program that a file made is changed in the office, where nobody knows of keys:
// it is the file's program all the same.
func TestTheOfficeKeepsKeys(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		rules := func(key string, reward apitest.Map) apitest.Map {
			r := apitest.Map{
				"name": "Corner", "kind": "stamps", "earn": apitest.Map{"by": "units"},
				"card_size": 10, "card_reward": "coffee", "rewards": []apitest.Map{reward},
			}
			if key != "" {
				r["key"] = key
			}
			return r
		}
		keyed := rules("corner", apitest.Map{"key": "coffee", "name": "One free coffee"})
		made := apitest.Read[gen.Program](t, a.Do(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"rules": keyed})))
		refused := a.Refused(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"rules": keyed}), gen.ProblemCodeInvalidField)
		if refused.Field != "rules.key" {
			t.Errorf("the key of another program: %+v", refused)
		}
		apitest.Read[gen.Program](t, a.Do(t, office(a.Rival, "POST", "/v1/programs", apitest.Map{"rules": keyed})))

		path := "/v1/programs/" + made.ID.String() + "/draft"
		plain := rules("", apitest.Map{"id": made.Rewards[0].ID, "name": "coffee"})
		draft := apitest.Read[gen.Draft](t, a.Do(t, office(a.Shop, "PUT", path, apitest.Map{"based_on": 1, "rules": plain})))
		if draft.Rules.Key != "corner" || draft.Rules.Rewards[0].Key != "coffee" || draft.Rules.CardReward != made.Rewards[0].ID.String() {
			t.Errorf("the draft is %+v", draft.Rules)
		}
		wrong := rules("My Corner", apitest.Map{"name": "coffee"})
		refused = a.Refused(t, office(a.Shop, "PUT", path, apitest.Map{"based_on": 1, "revision": draft.Revision, "rules": wrong}), gen.ProblemCodeInvalidField)
		if refused.Field != "rules.key" {
			t.Errorf("no key: %+v", refused)
		}
	})
}

// The first program of a template is the one that its file names; whoever makes
// another of it has one without a key.
func TestTheFirstOfATemplateHasItsKey(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		make := func() gen.Program {
			return apitest.Read[gen.Program](t, a.Do(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"template": "fuel"})))
		}
		for _, want := range []string{"fuel", ""} {
			made := make()
			version := apitest.Read[gen.VersionPage](t, a.Do(t, office(a.Shop, "GET", "/v1/programs/"+made.ID.String()+"/versions", nil))).Versions[0]
			if version.Rules.Key != want || version.Rules.Rewards[0].Key == "" {
				t.Errorf("keys %q and %q, want %q and one", version.Rules.Key, version.Rules.Rewards[0].Key, want)
			}
		}
	})
}
