package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// wrongRules have a mistake of each kind.
func wrongRules() apitest.Map {
	rules := discountRules()
	rules["colour"] = "red"
	rules["welcome"] = "ten"
	rules["discount"].(apitest.Map)["steps"] = []any{apitest.Map{"from": 100, "rate": 500}, apitest.Map{"from": 50, "rate": 700}, apitest.Map{"from": 200, "rate": 20_000}}
	rules["tiers"].(apitest.Map)["currency"] = "PLN"
	rules["earn"] = apitest.Map{"bonuses": []any{apitest.Map{"name": "Happy hour", "when": `now.hour > "16"`, "units": 5}}}
	return rules
}

// Whoever sends rules hears of all mistakes in them at once, whichever operation takes
// them; code and field are those of one of them.
func TestAllMistakesOfRules(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	program := newProgram(t, a, apitest.Map{"rules": discountRules()})
	path := "/v1/programs/" + program.ID.String()
	want := []gen.FieldProblem{
		{Field: "rules.colour", Problem: "is not a field of a program"},
		{Field: "rules.welcome", Problem: `must be a whole number of at least 0, here it is "ten"`},
		{Field: "rules.discount.steps[2].rate", Problem: "must be a whole number from 0 to 10000, here it is 20000"},
		{Field: "rules.earn.bonuses[0].when", Problem: `of "Happy hour" cannot be read at 1:10: > does not go with int and string`},
		{Field: "rules.discount.steps[1].from", Problem: "must be more than that of the step before, 100: it is 50"},
		{Field: "rules.tiers.currency", Problem: "must be that of the discount: EUR"},
	}
	inOrder := func(all []gen.FieldProblem) []gen.FieldProblem {
		return slices.SortedFunc(slices.Values(all), func(a, b gen.FieldProblem) int {
			if a.Field < b.Field {
				return -1
			}
			return 1
		})
	}
	for _, call := range []apitest.Call{
		{Path: "/v1/programs", Body: apitest.Map{"rules": wrongRules()}},
		{Method: http.MethodPut, Path: path + "/draft", Body: apitest.Map{"based_on": 1, "rules": wrongRules()}},
		{Path: path + "/replays", Body: apitest.Map{"rules": wrongRules()}},
	} {
		call.Token = a.Shop.Admin
		got := a.Do(t, call).Problem()
		if got.Status != http.StatusBadRequest || !slices.Equal(inOrder(got.Errors), inOrder(want)) {
			t.Errorf("%s: %s %s, %+v", call.Path, got.Code, got.Detail, got.Errors)
		}
		if !slices.ContainsFunc(got.Errors, func(e gen.FieldProblem) bool {
			return e.Field == got.Field && got.Detail == "The field "+e.Field+" "+e.Problem+"."
		}) {
			t.Errorf("%s: %q of %s is none of %+v", call.Path, got.Detail, got.Field, got.Errors)
		}
	}
}

// Of a list that is too long nothing is told but this, and what was read of it first.
func TestTooLongAList(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	program := newProgram(t, a, apitest.Map{"rules": pointRules()})
	path := "/v1/programs/" + program.ID.String()
	for list, want := range map[string][]gen.FieldProblem{
		`"rewards": [{}` + strings.Repeat(",{}", 80_000) + `]`: {
			{Field: "rules.rewards[0].name", Problem: "is missing"},
			{Field: "rules.rewards", Problem: "are more than 500"},
		},
		`"rewards": [{"name":"x"}` + strings.Repeat(`,{"name":"x"}`, 15_000) + `]`: {
			{Field: "rules.rewards", Problem: "are more than 500"},
		},
		`"policies": [{"method":"q","action":"q"}` + strings.Repeat(`,{"method":"q","action":"q"}`, 8000) + `]`: {
			{Field: "rules.policies", Problem: "are more than 21"},
		},
	} {
		rules := `"rules": {"name": "x", "kind": "points", "earn": {"by": "units"}, ` + list + `}}`
		for _, call := range []apitest.Call{
			{Path: "/v1/programs", Body: []byte("{" + rules)},
			{Method: http.MethodPut, Path: path + "/draft", Body: []byte(`{"based_on": 1, ` + rules)},
			{Path: path + "/replays", Body: []byte("{" + rules)},
		} {
			call.Token = a.Shop.Admin
			got := a.Do(t, call).Problem()
			if got.Status != http.StatusBadRequest || !slices.Equal(got.Errors, want) || got.Field != want[0].Field {
				t.Errorf("%s, %.40s: %s %s, %+v", call.Path, list, got.Code, got.Detail, got.Errors)
			}
		}
	}
}

// Nobody mends more than 50 mistakes at once: where there are more, the answer says so,
// and the field that it is about is among those that it tells.
func TestMoreMistakesThanAreTold(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	const start = `{"rules": {"name": "x", "kind": "points", "earn": {"by": "units"}, "rewards": [`
	unknown := func(n int) (fields string) {
		for i := range n {
			fields += fmt.Sprintf(`, "colour%d": 1`, i)
		}
		return fields
	}
	const more = " The rules have more than 50 mistakes: mend these first."
	for _, tt := range []struct {
		body, field string
		more        bool
	}{
		{start + `{"name": "y", "cost": "ten"}]` + unknown(49) + `}}`, "rules.rewards[0].cost", false},
		{start + `{"name": "y", "cost": "ten"}]` + unknown(50) + `}}`, "rules.rewards[0].cost", true},
		{start + `{"name": "y", "cost": "ten"}]` + unknown(500) + `}}`, "rules.rewards[0].cost", true},
		{start + `{}` + strings.Repeat(`,{}`, 499) + `]}}`, "rules.rewards[0].name", true},
		{start + `{"name":"y","cost":9,"per_card":9007199254740992}` + strings.Repeat(`,{"name":"y","key":"y"}`, 100) + `]}}`, "rules.rewards[0].per_card", true},
	} {
		got := a.Do(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: []byte(tt.body)}).Problem()
		if len(got.Errors) != 50 || got.Field != tt.field || strings.HasSuffix(got.Detail, more) != tt.more {
			t.Errorf("%.200s: %d mistakes, %s %s", tt.body, len(got.Errors), got.Field, got.Detail)
		}
		if !slices.ContainsFunc(got.Errors, func(e gen.FieldProblem) bool {
			return e.Field == got.Field && strings.HasPrefix(got.Detail, "The field "+e.Field+" "+e.Problem+".")
		}) {
			t.Errorf("%q of %s is none of %+v", got.Detail, got.Field, got.Errors)
		}
	}
}

// A mistake beside the rules is told alone, and so is one that leaves nothing to read.
func TestMistakesBesideRules(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for body, code := range map[string]gen.ProblemCode{
		`{"template": "butcher"}`:               gen.ProblemCodeInvalidField,
		`{"rules": 5}`:                          gen.ProblemCodeWrongType,
		`{"rules": {"name": "x", "name": "y"}}`: gen.ProblemCodeInvalidField,
	} {
		got := a.Refused(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: []byte(body)}, code)
		if len(got.Errors) != 0 || got.Field == "" {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

// What is right is not called wrong beside one mistake: every rule that there is passes
// but for the one that is made wrong.
func TestNothingElseIsCalledWrong(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for _, rules := range []apitest.Map{pointRules(), stampRules(), counterRules(), discountRules()} {
		rules["colour"] = "red"
		got := a.Refused(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"rules": rules}}, gen.ProblemCodeUnknownField)
		if len(got.Errors) != 1 || got.Errors[0].Field != "rules.colour" {
			t.Errorf("%s: %+v", rules["name"], got.Errors)
		}
	}
}

// A condition that may divide by zero is told of with the draft, and one that looks first
// is not.
func TestDraftsTellDoubts(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	program := newProgram(t, a, apitest.Map{"template": "supermarket"})
	save := func(when string) gen.Draft {
		rules := rulesAs(t, a, program.ID)
		rules["earn"].(map[string]any)["bonuses"] = []any{map[string]any{"name": "Odd", "when": when, "units": 1}}
		path := "/v1/programs/" + program.ID.String() + "/draft"
		draft := a.Do(t, apitest.Call{Method: http.MethodGet, Path: path, Token: a.Shop.Admin})
		body := apitest.Map{"based_on": 1, "rules": rules}
		if draft.Status == http.StatusOK {
			body["revision"] = apitest.Read[gen.Draft](t, draft).Revision
		}
		return apitest.Read[gen.Draft](t, a.Do(t, apitest.Call{Method: http.MethodPut, Path: path, Token: a.Shop.Admin, Body: body}))
	}
	const problem = `of "Odd" divides by zero at 1:5 for ordinary purchases, such as number 1 of a card, at 00:00: the bonus gives nothing then`
	if got := save("100 / (card.visit - 1) > 5").Doubts; len(got) != 1 || got[0] != (gen.FieldProblem{Field: "rules.earn.bonuses[0].when", Problem: problem}) {
		t.Errorf("%+v", got)
	}
	if got := save("card.visit > 1 && 100 / (card.visit - 1) > 5").Doubts; len(got) != 0 {
		t.Errorf("it looks first, and is doubted: %+v", got)
	}
}
