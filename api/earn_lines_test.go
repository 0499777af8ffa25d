package api_test

import (
	"net/http"
	"slices"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// A till is told what a program leaves out, so that nobody types it, and where lines
// alone earn: exactly there, a total without lines is refused.
func TestTillKnowsWhatLinesEarn(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	litres := apitest.Map{"name": "By the litre", "lines": apitest.Map{"units": 1, "per": 1000, "of": "litre"}}
	visit := apitest.Map{"name": "A visit", "units": 5}
	spend := func(more apitest.Map) apitest.Map {
		earn := apitest.Map{"by": "spend", "currency": "EUR"}
		for name, value := range more {
			earn[name] = value
		}
		return earn
	}
	euro := apitest.Map{"units": 1, "per": 100, "rounding": "down"}
	for name, c := range map[string]struct {
		earn      apitest.Map
		linesOnly bool
		excluded  []string
	}{
		"litres":                {spend(apitest.Map{"bonuses": []apitest.Map{litres}}), true, nil},
		"litres, not of diesel": {spend(apitest.Map{"bonuses": []apitest.Map{litres}, "exclude": apitest.Map{"categories": []string{"diesel"}}}), true, []string{"diesel"}},
		"litres and a visit":    {spend(apitest.Map{"bonuses": []apitest.Map{litres, visit}}), false, nil},
		"money":                 {spend(euro), false, nil},
		"money and litres":      {spend(with(euro, "bonuses", []apitest.Map{litres})), false, nil},
		"not all money":         {spend(with(euro, "exclude", apitest.Map{"categories": []string{"gift card"}, "skus": []string{"4001686301555"}})), false, []string{"gift card", "4001686301555"}},
	} {
		program := newProgram(t, a, apitest.Map{"rules": apitest.Map{"name": name, "kind": "points", "earn": c.earn}})
		setup := apitest.Read[gen.TillSetup](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/till", Token: a.Shop.Front.Token}))
		at := slices.IndexFunc(setup.Programs, func(p gen.Program) bool { return p.ID == program.ID })
		rule := setup.Programs[at].Earn
		if got := slices.Concat(rule.Exclude.Categories, rule.Exclude.SKUs); rule.LinesOnly != c.linesOnly || !slices.Equal(got, c.excluded) {
			t.Errorf("%s: the till is told %+v", name, rule)
		}
		customer := &customer{API: a, program: program, card: a.NewCard(t, a.Shop, program).ID}
		call := customer.earning(t, a.Shop.Front, apitest.Map{"purchase": apitest.Map{"ref": name, "total": 5_000, "currency": "EUR"}})
		if c.linesOnly {
			a.Refused(t, call, gen.ProblemCodeNothingToEarn)
		} else if answer := a.Do(t, call); answer.Status != http.StatusOK {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
		}
	}
}
